import pLimit from 'p-limit';
import type { Deadline } from '../lib/deadline.ts';
import type { Log } from '../lib/log.ts';
import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import type { ReplicationAnswer } from './answer.ts';
import { deletionFloor, isSameDeletions } from './deletions.ts';
import { expectedRegions } from './expected-regions.ts';
import { withAbsent } from './gone.ts';
import { digestFacts, type Image, isDeleted, wasRead } from './image.ts';
import type { RegionState } from './image-signal.ts';
import type { ImagePorts } from './ports.ts';
import { checkPull } from './pull-check.ts';
import { isPullable, type PullState, withoutManifest } from './pull-progress.ts';
import { viewOf } from './read-answer.ts';
import { updateWithRetry } from './store.ts';
import { withReplicatedVerdicts } from './verdict.ts';
import { reasonOf, verify, withPullable, withVerified } from './verify.ts';

type AskPorts = Omit<ImagePorts, 'findRegistry'>;

/** What the endpoints of regions are asked about an image. */
interface EndpointQuestion {
  readonly registry: Registry;
  readonly loginServer: string;
  readonly pullable: boolean;
  readonly closure: boolean;
}

/** What was learned beside what is stored with the image. */
export interface Asked {
  /** What a pull would meet in each region; `undefined` when that was not asked. */
  readonly pulls: ReadonlyMap<Region, PullState> | undefined;
  /** Whether more can be asked at once. */
  readonly isCut: boolean;
}

/** Whether the endpoint of a region answered for the manifest no longer ago than the objective. */
export const isFresh = (region: RegionState, { replicationSloMs }: Registry, nowMs: number): boolean =>
  region.state === 'available' &&
  region.verifiedAt !== undefined &&
  nowMs - Date.parse(region.verifiedAt) <= replicationSloMs;

/**
 * Asks the endpoints of the regions that have not answered for the manifest lately, and then those that have for what a
 * pull takes. What they answer is stored like a notification, with the verdicts that follow.
 */
export async function askForImage(
  { image, regions, tag }: ReplicationAnswer,
  question: EndpointQuestion,
  ports: AskPorts,
  deadline: Deadline,
  log: Log,
): Promise<Asked> {
  const { registry, pullable, closure } = question;
  const { manifests, now } = ports;
  const sinceMs = now().getTime() - registry.replicationSloMs;
  const inQuestion = regions.filter((region) => !isFresh(region, registry, now().getTime()));
  const names = inQuestion.map(({ region }) => region);
  const scope = { tag, sinceMs };
  const found =
    names.length === 0 ? undefined : await verify(image, names, registry, manifests, now, deadline, scope);
  const known = found === undefined ? image : withVerified(image, found);
  if (!pullable) {
    if (found !== undefined)
      await store(image, (before) => withVerified(before, found), question, ports, deadline, log);
    return { pulls: undefined, isCut: false };
  }

  const read = new Set(
    digestFacts(known).flatMap((fact) => (wasRead(fact) && fact.atMs >= sinceMs ? fact.region : [])),
  );
  const episodeOf = deletionFloor(image.deletions);
  const asked = regions.flatMap(({ region }) => (read.has(region) ? region : []));
  const check = await checkPull(
    {
      image: image.id,
      regions: new Map(asked.map((region) => [region, episodeOf(region)])),
      closure,
      registry,
    },
    ports,
    deadline,
  );
  const complete = new Set(
    [...check.states].flatMap(([region, state]) => (check.isWhole && isPullable(state) ? region : [])),
  );
  const withFound = (before: Image): Image =>
    withPullable(found === undefined ? before : withVerified(before, found), complete, sinceMs);
  if (withFound(image) !== image) await store(image, withFound, question, ports, deadline, log);
  const pulls = new Map(
    regions.map(({ region }) => [
      region,
      check.states.get(region) ?? withoutManifest(image.id.digest, found?.unverified.get(region)),
    ]),
  );
  return { pulls, isCut: check.isCut };
}

/** Stores what endpoints answered, with the verdicts that follow. */
async function store(
  image: Image,
  withFound: (before: Image) => Image,
  { registry, loginServer }: EndpointQuestion,
  { ledger, store: images, directory, outbox, changes, now }: AskPorts,
  deadline: Deadline,
  log: Log,
): Promise<void> {
  const view = await viewOf({ registry, loginServer }, directory, deadline);
  const stored = await ledger.images.read(image.id, deadline);
  if (stored === undefined) return;
  const change = (before: Image): Image => {
    // What was read may be from before a deletion, or the revert of a tag, that was recorded meanwhile.
    if (isDeleted(before) || !isSameDeletions(before.deletions, image.deletions)) return before;
    if (!isSameReverts(before, image)) return before;
    const known = withFound(before);
    const expect = expectedRegions(registry, view);
    return outbox.keep(withReplicatedVerdicts(known, expect, registry.id, now().getTime()));
  };
  const updated = await updateWithRetry(images, stored, change, deadline);
  changes.notify(image.id);
  if (updated !== undefined) await outbox.flush(updated, deadline, log);
}

const isSameReverts = (before: Image, { references }: Image): boolean =>
  before.references.every(
    ({ tag, revertedAtMs }) => references.find((one) => one.tag === tag)?.revertedAtMs === revertedAtMs,
  );

/** Regions of one image that are asked at the same time. */
const concurrency = 8;

/**
 * Asks the endpoints of regions that may still have an image whether it is gone there.
 * @returns why regions could not be asked
 */
export async function askWhetherGone(
  image: Image,
  regions: readonly Region[],
  registry: Registry,
  { ledger, store: images, manifests, changes, now }: AskPorts,
  deadline: Deadline,
): Promise<ReadonlyMap<Region, string>> {
  const { repository, digest } = image.id;
  // What is learned while the endpoints answer may be newer than their answers.
  const askedAtMs = now().getTime();
  const limit = pLimit(concurrency);
  const absent: Region[] = [];
  const reasons = new Map<Region, string>();
  await Promise.all(
    regions.map((region) =>
      limit(async () => {
        const answer = await manifests.confirmAbsence(registry, region, repository, digest, deadline);
        if (answer.kind === 'absent') absent.push(region);
        else if (answer.kind !== 'present') reasons.set(region, reasonOf(answer));
      }),
    ),
  );
  const stored = absent.length === 0 ? undefined : await ledger.images.read(image.id, deadline);
  if (stored === undefined) return reasons;
  await updateWithRetry(images, stored, (before) => withAbsent(before, absent, askedAtMs), deadline);
  changes.notify(image.id);
  return reasons;
}
