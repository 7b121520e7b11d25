import { randomUUID } from 'node:crypto';
import { markA } from '../../../../dns/ownership.ts';
import type { RecordSetReader, RecordSetWriter } from '../../../../dns/ports.ts';
import { fullName, type RecordSetKey, recordSetId } from '../../../../dns/record-set.ts';
import { driftDetectedType } from '../../../../dns/signals.ts';
import { type Deadline, deadlineIn } from '../../../../lib/deadline.ts';
import type { SignalPublisher } from '../../../../signals/signal.ts';
import { type Check, Skip } from '../check.ts';
import type { Place } from '../places.ts';

interface PathFacts {
  readonly recordSet: string;
  /** From the publication of the event to the removal of the record set; `undefined`: it was never removed. */
  readonly tookMs: number | undefined;
}

export interface EventPathPorts {
  readonly recordSets: RecordSetReader & RecordSetWriter;
  readonly signals: SignalPublisher;
  readonly sleep: (ms: number) => Promise<void>;
}

const patienceMs = 90_000;
const cleanUpMs = 10_000;
const lookEveryMs = 500;
/** For documentation only, so that nobody is led anywhere (RFC 5737). */
const address = '192.0.2.1';

/**
 * Sends an event through, and sees it arrive: an A record set that a container group which never was seems to have
 * left behind, and the event by which the audit would tell of it. The reconciler, and nobody else, removes it: then
 * the topic, its subscription, the app, its identity and its right to write all work.
 *
 * The record set is marked as an hour old, so that its removal needs no second look. Whatever happens, it is gone
 * at the end.
 */
export const eventPathCheck: Check<PathFacts> = {
  name: 'event-path',
  title: 'An event sent through',
  async read({ config, places, eventPath, now, deadline }) {
    if (!config.signalTopic.ok || config.signalTopic.value === undefined)
      return new Skip('there is no topic for signals');
    if (!config.zoneMap.ok) return new Skip('DNS_ZONE_MAP is wrong');
    const [place] = (await places()).found;
    if (place === undefined) return new Skip('no resource group of DNS_ZONE_MAP was found');
    return sendThrough(place, await eventPath(), now, deadline);
  },
  judge: ({ recordSet, tookMs }) =>
    tookMs !== undefined
      ? []
      : [
          {
            severity: 'error',
            what: `an event of the audit about ${recordSet} led to nothing within ${patienceMs / 1000} s`,
            why: 'the reconciler does not get events, or cannot do what they ask for',
            fix: 'mend what the other checks found first; then look at the log of reconcileDns, and at "evenkeel replay"',
          },
        ],
};

async function sendThrough(
  { subscriptionId, spoke }: Place,
  { recordSets, signals, sleep }: EventPathPorts,
  now: () => Date,
  deadline: Deadline,
): Promise<PathFacts> {
  const name = `evenkeel-doctor-${randomUUID().slice(0, 8)}`;
  const group = groupKeyOf(subscriptionId, spoke.key, name);
  const key: RecordSetKey = { zone: spoke.forwardZone, type: 'A', name };
  const hourAgo = new Date(now().getTime() - 3_600_000);
  const metadata = markA({}, group, [], hourAgo);
  await recordSets.create(key, { values: [address], ttlSeconds: 10, metadata }, deadline);
  try {
    const since = now();
    const data = {
      finding: 'orphan',
      addresses: [],
      recordSets: [recordSetId(key)],
      since: since.toISOString(),
    };
    await signals.publish([
      { id: randomUUID(), type: driftDetectedType, source: group, subject: group, data },
    ]);
    for (;;) {
      const left = await recordSets.read(key, deadline);
      const tookMs = now().getTime() - since.getTime();
      if (left === undefined) return { recordSet: fullName(key), tookMs };
      if (tookMs > patienceMs || deadline.remainingMs() === 0) {
        return { recordSet: fullName(key), tookMs: undefined };
      }
      await sleep(lookEveryMs);
    }
  } finally {
    await cleanUp(key, recordSets);
  }
}

/** Also after an interruption, therefore on its own time. */
async function cleanUp(key: RecordSetKey, recordSets: RecordSetReader & RecordSetWriter): Promise<void> {
  const deadline = deadlineIn(cleanUpMs);
  const left = await recordSets.read(key, deadline);
  if (left !== undefined) await recordSets.delete(left, deadline);
}

const groupKeyOf = (subscriptionId: string, mapKey: string, name: string): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${mapKey.split('/').at(-1)}/providers/Microsoft.ContainerInstance/containerGroups/${name}`.toLowerCase();
