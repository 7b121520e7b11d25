import { setTimeout as sleep } from 'node:timers/promises';
import { QueueServiceClient } from '@azure/storage-queue';
import * as v from 'valibot';
import type { Load, PushedImage } from './load.ts';
import { regions, registry, type SoakWorld } from './world.ts';

const spokes = [
  { name: 'spoke-a', reverseZone: '1.10.in-addr.arpa' },
  { name: 'spoke-b', reverseZone: '10.in-addr.arpa' },
];

const answerSchema = v.object({ state: v.string() });

/**
 * Waits until every promise holds once load and faults are over.
 * @param limitMs after that, what still does not hold is broken.
 * @returns what is broken, one sentence each.
 */
export async function brokenPromises(
  world: SoakWorld,
  load: Load,
  { retentionMs, limitMs }: { readonly retentionMs: number; readonly limitMs: number },
): Promise<string[]> {
  const endMs = Date.now() + limitMs;
  // Those that are forgotten while this waits are not asked for: each has to be seen right once.
  const unseen = new Set(load.images.filter(({ pushedAtMs }) => Date.now() - pushedAtMs < retentionMs / 2));
  for (;;) {
    for (const image of unseen) if (await isAnsweredRight(world, image)) unseen.delete(image);
    const broken = [
      ...wrongRecords(world),
      ...load.images
        .filter(isSignalMissing)
        .map((image) => `${nameOf(image)} is everywhere, and was not signalled`),
      ...[...unseen].map(
        (image) => `${nameOf(image)} is not answered as ${image.isDeleted ? 'deleted' : 'replicated'}`,
      ),
      ...(await deadLetters(world)),
      ...world.alarms,
      ...refusals(load),
    ];
    if (broken.length === 0 || Date.now() > endMs) return broken;
    await sleep(1_000);
  }
}

const nameOf = ({ repository, tag }: PushedImage) => `${repository}:${tag}`;

const isSignalMissing = ({ everywhereAtMs, signalledAtMs, isDeleted }: PushedImage): boolean =>
  everywhereAtMs !== undefined && signalledAtMs === undefined && isDeleted !== true;

async function isAnsweredRight(
  { url }: SoakWorld,
  { repository, digest, isDeleted }: PushedImage,
): Promise<boolean> {
  const query = new URLSearchParams({ registry, repository, reference: digest });
  try {
    const answer = await fetch(`${url}/api/replication?${query}`, { signal: AbortSignal.timeout(20_000) });
    const body: unknown = await answer.json();
    if (isDeleted === true) return answer.status === 410;
    return v.parse(answerSchema, body).state === 'replicated';
  } catch {
    return false;
  }
}

/** DNS against the container groups that live: nothing is missing, wrong, or left over. */
function wrongRecords({ azure: { zones, containerGroups } }: SoakWorld): string[] {
  return spokes.flatMap(({ name: spoke, reverseZone }) => {
    const forwardZone = `${spoke}.internal.contoso.com`;
    const live = containerGroups.list(`rg-${spoke}`).filter(({ address }) => address !== undefined);
    const wanted = new Map(
      live.flatMap(({ name, address = '' }) => [
        [`A ${name}.${forwardZone}`, address],
        [`PTR ${reverseName(address, reverseZone)}.${reverseZone}`, `${name}.${forwardZone}`],
      ]),
    );
    const found = new Map(
      (
        [
          ['A', forwardZone],
          ['PTR', reverseZone],
        ] as const
      ).flatMap(([type, zone]) =>
        zones
          .recordSets(zone, type)
          .map(({ name, values }) => [
            `${type} ${name}.${zone}`,
            values.map((one) => one.replace(/\.$/, '')).join(),
          ]),
      ),
    );
    return [...new Set([...wanted.keys(), ...found.keys()])]
      .filter((key) => wanted.get(key) !== found.get(key))
      .map((key) => `${key} is ${found.get(key) ?? 'absent'}, and should be ${wanted.get(key) ?? 'absent'}`);
  });
}

function reverseName(address: string, zone: string): string {
  const labels = address.split('.').toReversed();
  return labels.slice(0, labels.length + 2 - zone.split('.').length).join('.');
}

async function deadLetters({ azure: { eventGrid, storage } }: SoakWorld): Promise<string[]> {
  const queues = QueueServiceClient.fromConnectionString(storage?.connectionString ?? '');
  const broken = eventGrid.deadLetters.map(
    ({ subscription }) => `Event Grid gave up an event of ${subscription}`,
  );
  for await (const { name } of queues.listQueues()) {
    if (!name.endsWith('-poison')) continue;
    const { approximateMessagesCount = 0 } = await queues.getQueueClient(name).getProperties();
    if (approximateMessagesCount > 0) broken.push(`${approximateMessagesCount} messages are in ${name}`);
  }
  return broken;
}

/** Storage that fails is answered 503. */
const refusals = ({ answers }: Load): string[] =>
  [...answers].flatMap(([status, count]) =>
    status === '500' || (status.startsWith('4') && !['404', '409', '410'].includes(status))
      ? [`${count} questions were answered ${status}`]
      : [],
  );

/** How many images are held in every region, for the summary. */
export const imagesEverywhere = (images: readonly PushedImage[]): number =>
  images.filter((image) => image.regions.size === regions.length).length;
