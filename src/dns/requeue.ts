import * as v from 'valibot';
import { parseJson } from '../lib/json.ts';
import { type ContainerGroupId, parseContainerGroupId } from './container-group.ts';
import { addressOf } from './names.ts';
import { ownershipOf } from './ownership.ts';
import type { Change, PlanInput } from './plan.ts';
import { previousAddresses } from './previous-addresses.ts';
import { fullName, type ObservedRecordSet, type RecordSetKey, recordSetId } from './record-set.ts';
import { maxHints, parseHints, parseRecordSetHints } from './signals.ts';
import { mayBeInFlight } from './stamp.ts';

/** The storage queue of container groups that have to be reconciled at a later time. */
export const queueName = 'evenkeel-dns';

/** Who brought a container group to evenkeel's attention first; repairs are counted by it. */
export type Trigger = 'event' | 'audit';

export interface RequeueMessage {
  readonly group: ContainerGroupId;
  /** Addresses whose PTR may name the group: hints, like those of a drift event. */
  readonly addresses: readonly string[];
  /** Record sets of the group that are where none belongs, like those of a drift event. */
  readonly recordSets: readonly RecordSetKey[];
  readonly trigger: Trigger;
}

const messageSchema = v.object({
  containerGroup: v.string(),
  addresses: v.optional(v.unknown()),
  recordSets: v.optional(v.unknown()),
  trigger: v.optional(v.picklist(['event', 'audit']), 'event'),
});

export function encodeRequeueMessage({ group, addresses, recordSets, trigger }: RequeueMessage): string {
  const hints = addresses.slice(0, maxHints);
  return JSON.stringify({
    containerGroup: group.key,
    ...(hints.length === 0 ? {} : { addresses: hints }),
    ...(recordSets.length === 0 ? {} : { recordSets: recordSets.slice(0, maxHints).map(recordSetId) }),
    ...(trigger === 'event' ? {} : { trigger }),
  });
}

/** @returns `undefined` for anything that names no container group. */
export function parseRequeueMessage(message: unknown): RequeueMessage | undefined {
  const parsed = v.safeParse(messageSchema, typeof message === 'string' ? parseJson(message) : message);
  if (!parsed.success) return undefined;
  const { containerGroup, addresses, recordSets, trigger } = parsed.output;
  const group = parseContainerGroupId(containerGroup);
  if (group === undefined) return undefined;
  return { group, addresses: parseHints(addresses), recordSets: parseRecordSetHints(recordSets), trigger };
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
  { a, misplaced, address, now }: PlanInput,
  changes: readonly Change[],
  known: readonly string[],
): Pick<RequeueMessage, 'group' | 'addresses'>[] {
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
    ...(isRemoved ? [{ group, addresses: known }] : []),
    ...[...others.values()].map((other) => ({ ...other, addresses: [...new Set(other.addresses)] })),
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
