import * as v from 'valibot';
import { parseJson } from '../lib/json.ts';
import type { Change } from './change.ts';
import { type ContainerGroupId, parseContainerGroupId } from './container-group.ts';
import { addressOf } from './names.ts';
import { ownershipOf } from './ownership.ts';
import type { PlanInput } from './plan.ts';
import { previousAddresses } from './previous-addresses.ts';
import { fullName, type ObservedRecordSet, type RecordSetKey, recordSetId } from './record-set.ts';
import { maxHints, parseHints, parseRecordSetHints } from './signals.ts';
import { mayBeInFlight } from './stamp.ts';

/** Who brought a container group to evenkeel's attention first; repairs are counted by it. */
export type Trigger = 'event' | 'audit';

export interface RequeueMessage {
  readonly group: ContainerGroupId;
  /** Addresses whose PTR may name the group: hints, like those of a drift event. */
  readonly addresses: readonly string[];
  /** Record sets of the group that are where none belongs, like those of a drift event. */
  readonly recordSets: readonly RecordSetKey[];
  readonly trigger: Trigger;
  /** `undefined` until an invocation failed on it. */
  readonly failures?: Failures | undefined;
}

/** The invocations in a row that could not reconcile the group of a message. */
interface Failures {
  readonly count: number;
  readonly firstAt: Date;
}

const messageSchema = v.object({
  containerGroup: v.string(),
  addresses: v.optional(v.unknown()),
  recordSets: v.optional(v.unknown()),
  // Whoever writes a message by hand need not know these, so an odd one is as good as none.
  trigger: v.fallback(v.optional(v.picklist(['event', 'audit']), 'event'), 'event'),
  failures: v.fallback(v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))), undefined),
  firstFailedAt: v.fallback(v.optional(v.pipe(v.string(), v.isoTimestamp())), undefined),
});

export function encodeRequeueMessage(message: RequeueMessage): string {
  const { group, addresses, recordSets, trigger, failures } = message;
  const hints = addresses.slice(0, maxHints);
  return JSON.stringify({
    containerGroup: group.key,
    ...(hints.length === 0 ? {} : { addresses: hints }),
    ...(recordSets.length === 0 ? {} : { recordSets: recordSets.slice(0, maxHints).map(recordSetId) }),
    ...(trigger === 'event' ? {} : { trigger }),
    failures: failures?.count,
    firstFailedAt: failures?.firstAt,
  });
}

/**
 * Reads plain JSON, an object that the host made of it, and base64 of JSON, which older versions wrote.
 * @returns `undefined` for anything that names no container group.
 */
export function parseRequeueMessage(message: unknown): RequeueMessage | undefined {
  const parsed = v.safeParse(messageSchema, typeof message === 'string' ? parseText(message) : message);
  if (!parsed.success) return undefined;
  const { containerGroup, addresses, recordSets, trigger, failures, firstFailedAt } = parsed.output;
  const group = parseContainerGroupId(containerGroup);
  if (group === undefined) return undefined;
  return {
    group,
    addresses: parseHints(addresses),
    recordSets: parseRecordSetHints(recordSets),
    trigger,
    failures:
      failures === undefined || firstFailedAt === undefined
        ? undefined
        : { count: failures, firstAt: new Date(firstFailedAt) },
  };
}

// No text is both: base64 of an object begins with a letter.
const parseText = (text: string): unknown =>
  parseJson(text) ?? parseJson(Buffer.from(text, 'base64').toString());

/** With one more failure. A first one that lies ahead would keep a message for ever, so it is taken for now. */
export const withFailure = (before: Failures | undefined, now: Date): Failures => ({
  count: (before?.count ?? 0) + 1,
  firstAt: new Date(Math.min(now.getTime(), before?.firstAt.getTime() ?? Number.POSITIVE_INFINITY)),
});

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** After the first failure, the second, and so on. */
const pausesMs = [
  10 * secondMs,
  30 * secondMs,
  minuteMs,
  5 * minuteMs,
  10 * minuteMs,
  30 * minuteMs,
  hourMs,
  3 * hourMs,
  6 * hourMs,
];
const laterPauseMs = 12 * hourMs;

/** As long as Event Grid keeps an event. */
const keptMs = 24 * hourMs;

/**
 * How long a group that could not be reconciled waits on the queue for the next invocation, in ms: as long as Event Grid
 * waits before it delivers an event again. `undefined` when it has been waited for long enough.
 * https://learn.microsoft.com/azure/event-grid/delivery-and-retry#retry-schedule
 *
 * | failures | since the first | pause                                                     |
 * |----------|-----------------|-----------------------------------------------------------|
 * | 1 to 5   | less than 24 h  | 10 s, 30 s, 1 min, 5 min, 10 min                          |
 * | 6 to 9   | less than 24 h  | 30 min, 1 h, 3 h, 6 h                                     |
 * | more     | less than 24 h  | 12 h                                                      |
 * | any      | less than 24 h  | what a service asked for, where that is longer            |
 * | any      | 24 h or more    | none                                                      |
 *
 * @param random from 0 up to 1; up to a fifth is added, so that groups that failed together do not come back together.
 */
export function pauseAfterFailure(
  { count, firstAt }: Failures,
  retryAfterMs: number,
  now: Date,
  random: number,
): number | undefined {
  if (now.getTime() - firstAt.getTime() >= keptMs) return undefined;
  const scheduledMs = pausesMs[count - 1] ?? laterPauseMs;
  return Math.round(Math.max(scheduledMs, retryAfterMs) * (1 + random / 5));
}

/**
 * The groups that have to be checked again once every invocation that is under way now has ended.
 *
 * | change                                      | checked again                                               |
 * |---------------------------------------------|-------------------------------------------------------------|
 * | A is removed, and was stamped moments ago   | the group, at its previous addresses: an invocation may be about to write a PTR there |
 * | a misplaced A is removed, likewise          | likewise                                                    |
 * | a record set is taken from another group    | that group, at the addresses that the set knows of: it may have come back to it since it was read, and have found the set still right |
 * | any other                                   | nobody                                                      |
 *
 * @param known the old addresses of the group, in a removal.
 */
export function rechecksFor(
  group: ContainerGroupId,
  { a, misplaced, address, now }: Pick<PlanInput, 'a' | 'misplaced' | 'address' | 'now'>,
  changes: readonly Change[],
  known: readonly string[],
): Omit<RequeueMessage, 'trigger'>[] {
  const others = new Map<string, { group: ContainerGroupId; addresses: string[] }>();
  for (const change of changes) {
    const ownership = change.action === 'create' ? undefined : ownershipOf(change.from, group.key);
    if (change.action === 'create' || ownership?.kind !== 'other') continue;
    const { owner } = ownership;
    const other = others.get(owner.key) ?? { group: owner, addresses: [] };
    others.set(owner.key, {
      group: owner,
      addresses: [...other.addresses, ...addressesIn(change.from, now)],
    });
  }
  const isOurs = a.observed !== undefined && ownershipOf(a.observed, group.key).kind === 'ours';
  const isRecent = isOurs && mayBeInFlight(a.observed.metadata, now);
  const isMisplacedRecent = misplaced.some(
    ({ key, observed }) =>
      key.type === 'A' && observed !== undefined && mayBeInFlight(observed.metadata, now),
  );
  const isRemoved = changes.length > 0 && ((address === undefined && isRecent) || isMisplacedRecent);
  return [
    // The names of what is misplaced, too: once it is removed, nothing else knows them.
    ...(isRemoved ? [{ group, addresses: known, recordSets: misplaced.map(({ key }) => key) }] : []),
    ...[...others.values()].map((other) => ({
      ...other,
      addresses: [...new Set(other.addresses)],
      recordSets: [],
    })),
  ];
}

/** The addresses whose PTR record sets the owner of a record set may have written. */
function addressesIn({ key, values, metadata }: ObservedRecordSet, now: Date): string[] {
  if (key.type === 'A') {
    return [...values, ...previousAddresses(metadata, now).map(({ address }) => address)];
  }
  const address = addressOf(fullName(key));
  return address === undefined ? [] : [address];
}
