import * as v from 'valibot';
import { parseJson } from '../lib/json.ts';
import { type ContainerGroupId, parseContainerGroupId } from './container-group.ts';
import { ownershipOf, stampOf } from './ownership.ts';
import type { Change, PlanInput } from './plan.ts';
import { maxHints, parseHints } from './signals.ts';

/** The storage queue of container groups that have to be reconciled at a later time. */
export const queueName = 'evenkeel-dns';

/** Who brought a container group to evenkeel's attention first; repairs are counted by it. */
export type Trigger = 'event' | 'audit';

export interface RequeueMessage {
  readonly group: ContainerGroupId;
  /** Addresses whose PTR may name the group: hints, like those of a drift event. */
  readonly addresses: readonly string[];
  readonly trigger: Trigger;
}

const messageSchema = v.object({
  containerGroup: v.string(),
  addresses: v.optional(v.unknown()),
  trigger: v.optional(v.picklist(['event', 'audit']), 'event'),
});

export function encodeRequeueMessage({ group, addresses, trigger }: RequeueMessage): string {
  const hints = addresses.slice(0, maxHints);
  return JSON.stringify({
    containerGroup: group.key,
    ...(hints.length === 0 ? {} : { addresses: hints }),
    ...(trigger === 'event' ? {} : { trigger }),
  });
}

/** @returns `undefined` for anything that names no container group. */
export function parseRequeueMessage(message: unknown): RequeueMessage | undefined {
  const parsed = v.safeParse(messageSchema, typeof message === 'string' ? parseJson(message) : message);
  if (!parsed.success) return undefined;
  const { containerGroup, addresses, trigger } = parsed.output;
  const group = parseContainerGroupId(containerGroup);
  return group === undefined ? undefined : { group, addresses: parseHints(addresses), trigger };
}

/** An invocation's longest life, with room for clocks that differ: until then it may still write. */
export const inFlightMs = 2 * 60 * 1000;

/**
 * The groups that have to be checked again once every invocation that is under way now has ended.
 *
 * | change                                      | checked again                                               |
 * |---------------------------------------------|-------------------------------------------------------------|
 * | A is removed, and was stamped moments ago   | the group, at its previous addresses: an invocation may be about to write a PTR there |
 * | a record set is taken from another group    | that group: it may have come back to it since it was read, and have found the set still right |
 * | any other                                   | nobody                                                      |
 *
 * @param known the old addresses of the group, in a removal.
 */
export function rechecksFor(
  group: ContainerGroupId,
  { a, address, now }: PlanInput,
  changes: readonly Change[],
  known: readonly string[],
): Pick<RequeueMessage, 'group' | 'addresses'>[] {
  const others = new Map<string, ContainerGroupId>();
  for (const change of changes) {
    const ownership = change.action === 'create' ? undefined : ownershipOf(change.from, group.key);
    if (ownership?.kind === 'other') others.set(ownership.owner.key, ownership.owner);
  }
  const stamp = stampOf(a.observed?.metadata ?? {});
  // One of ours without a readable stamp was tampered with, which says nothing of its age.
  const isFresh = stamp === undefined || now.getTime() - stamp.getTime() < inFlightMs;
  const isOurs = a.observed !== undefined && ownershipOf(a.observed, group.key).kind === 'ours';
  const isRemoved = address === undefined && changes.length > 0 && isOurs && isFresh;
  return [
    ...(isRemoved ? [{ group, addresses: known }] : []),
    ...[...others.values()].map((owner) => ({ group: owner, addresses: [] })),
  ];
}
