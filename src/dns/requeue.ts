import * as v from 'valibot';
import { type ContainerGroupId, parseContainerGroupId } from '../container-group-id.ts';
import { parseJson } from '../lib/json.ts';
import { maxHints, parseHints } from './hints.ts';

/** The queue of container groups that have to be looked at again at a later time. */
export const queueName = 'evenkeel-dns';

/** Who brought a container group to our attention first; repairs are counted by it. */
export type Attribution = 'event' | 'audit';

export interface Deferral {
  readonly group: ContainerGroupId;
  /** Addresses whose PTR may name the group: hints, as those of a drift event. */
  readonly addresses: readonly string[];
  readonly attribution: Attribution;
}

const messageSchema = v.object({
  containerGroup: v.string(),
  addresses: v.optional(v.unknown()),
  attribution: v.optional(v.picklist(['event', 'audit']), 'event'),
});

export function encodeDeferral({ group, addresses, attribution }: Deferral): string {
  const hints = addresses.slice(0, maxHints);
  return JSON.stringify({
    containerGroup: group.key,
    ...(hints.length === 0 ? {} : { addresses: hints }),
    ...(attribution === 'event' ? {} : { attribution }),
  });
}

/** @returns `undefined` for anything that names no container group. */
export function parseDeferral(message: unknown): Deferral | undefined {
  const parsed = v.safeParse(messageSchema, typeof message === 'string' ? parseJson(message) : message);
  if (!parsed.success) return undefined;
  const { containerGroup, addresses, attribution } = parsed.output;
  const group = parseContainerGroupId(containerGroup);
  return group === undefined ? undefined : { group, addresses: parseHints(addresses), attribution };
}
