import { randomUUID } from 'node:crypto';
import { ownedAMetadata } from '../../../../dns/ownership.ts';
import { fullName, type RecordSetKey, recordSetId } from '../../../../dns/record-set.ts';
import { driftDetectedType } from '../../../../dns/signals.ts';
import { type Deadline, deadlineIn } from '../../../../lib/deadline.ts';
import { describeError, UncertainCallError } from '../../../../lib/errors.ts';
import { type Check, Skip } from '../check.ts';
import type { EventPathPorts } from '../check-context.ts';
import type { Place } from '../places.ts';

interface EventPathFacts {
  readonly recordSet: string;
  /** The time from the publication to the removal of the record set; `undefined`: it was never removed. */
  readonly tookMs: number | undefined;
}

const patienceMs = 90_000;
const cleanUpMs = 10_000;
const pollMs = 500;
/** An address for documentation only (RFC 5737), so that it leads nobody anywhere. */
const address = '192.0.2.1';

/**
 * An event of the audit leads to a repair. The check writes an A record set on behalf of a container group that never
 * existed, and publishes the event with which the audit would report it. Only the reconciler removes the record set,
 * which proves that the topic, its subscription, the app, its identity and its permission to write all work.
 *
 * The record set is marked as an hour old, so that its removal needs no re-check. In any case it is gone at the end.
 */
export const eventPathCheck: Check<EventPathFacts> = {
  name: 'event-path',
  title: 'Test event',
  async read({ config, places, eventPath, now, deadline }) {
    if (!config.signalTopic.ok || config.signalTopic.value === undefined) {
      return new Skip('there is no signal topic');
    }
    if (!config.zoneMap.ok) return new Skip('DNS_ZONE_MAP is wrong');
    const [place] = (await places()).found;
    if (place === undefined) return new Skip('no resource group of DNS_ZONE_MAP was found');
    return sendTestEvent(place, await eventPath(), now, deadline);
  },
  evaluate({ recordSet, tookMs }) {
    if (tookMs !== undefined) return [];
    return [
      {
        severity: 'error',
        what: `a test event about ${recordSet} had no effect within ${patienceMs / 1000} s`,
        why: 'the reconciler gets no events, or cannot act on them',
        fix: 'fix what the other checks found first; then look at the log of reconcileDns, and at "evenkeel replay"',
      },
    ];
  },
};

async function sendTestEvent(
  { subscriptionId, spoke }: Place,
  { recordSets, signals, sleep }: EventPathPorts,
  now: () => Date,
  deadline: Deadline,
): Promise<EventPathFacts> {
  const name = `evenkeel-doctor-${randomUUID().slice(0, 8)}`;
  const group = groupKeyOf(subscriptionId, spoke.key, name);
  const key: RecordSetKey = { zone: spoke.forwardZone, type: 'A', name };
  const hourAgo = new Date(now().getTime() - 3_600_000);
  const metadata = ownedAMetadata({}, group, [], hourAgo);
  const cleanUp = () => removeTestRecord(key, recordSets);
  try {
    await recordSets.create(key, { values: [address], ttlSeconds: 10, metadata }, deadline);
  } catch (error) {
    // It may be there all the same.
    if (error instanceof UncertainCallError) await cleanUp();
    throw error;
  }
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
      const remaining = await recordSets.read(key, deadline);
      const tookMs = now().getTime() - since.getTime();
      if (remaining === undefined) return { recordSet: fullName(key), tookMs };
      if (tookMs > patienceMs || deadline.remainingMs() === 0) {
        return { recordSet: fullName(key), tookMs: undefined };
      }
      await sleep(pollMs);
    }
  } finally {
    await cleanUp();
  }
}

/** The audit takes a test record set for one whose container group is gone. */
class TestRecordLeftError extends Error {
  override readonly name = 'TestRecordLeftError';
  constructor(key: RecordSetKey, cause: unknown) {
    super(
      `the test record set ${fullName(key)} may be left, and could not be removed: ${describeError(cause)}; remove it, or leave it to the next audit`,
      { cause },
    );
  }
}

/**
 * Has a deadline of its own, because it also runs after an interruption.
 * @throws {TestRecordLeftError}
 */
async function removeTestRecord(key: RecordSetKey, recordSets: EventPathPorts['recordSets']): Promise<void> {
  const deadline = deadlineIn(cleanUpMs);
  try {
    const remaining = await recordSets.read(key, deadline);
    if (remaining !== undefined) await recordSets.delete(remaining, deadline);
  } catch (error) {
    throw new TestRecordLeftError(key, error);
  }
}

const groupKeyOf = (subscriptionId: string, mapKey: string, name: string): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${mapKey.split('/').at(-1)}/providers/Microsoft.ContainerInstance/containerGroups/${name}`.toLowerCase();
