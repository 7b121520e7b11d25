import * as v from 'valibot';
import type { RoutingRule } from '../registries/registry.ts';
import type { Region, Replica } from '../registries/replica.ts';

/** As `ProbeAnswer`: what a regional endpoint shows of itself. */
const reachabilitySchema = v.variant('kind', [
  v.object({ kind: v.literal('alive'), latencyMs: v.number() }),
  v.object({ kind: v.literal('throttled'), retryAfterMs: v.number() }),
  v.object({ kind: v.literal('failing'), reason: v.string(), latencyMs: v.number() }),
  v.object({ kind: v.literal('unknown'), reason: v.string() }),
]);

export const provisioningSchema = v.object({
  state: v.string(),
  /** Free text of Azure's; shown and never judged. */
  displayStatus: v.optional(v.string()),
  message: v.optional(v.string()),
  /** The first review that saw it in this state. */
  since: v.string(),
});

export const evidenceSchema = v.object({
  /** `null`: it could not be read by id. */
  provisioning: v.nullable(provisioningSchema),
  reachability: reachabilitySchema,
  /** `null`: nobody could tell. */
  lateImages: v.nullable(v.object({ late: v.number(), lateInRegistry: v.number() })),
  /** What an operator decided, where it holds now. */
  policy: v.nullable(
    v.variant('routing', [
      v.object({ routing: v.literal('never') }),
      v.object({ routing: v.literal('off'), until: v.string() }),
    ]),
  ),
});

/** What one review observed of one replica. Times are ISO 8601 in UTC. */
export type Evidence = v.InferOutput<typeof evidenceSchema>;

/** Long enough for a sentence; what Azure and networks write is not bounded otherwise. */
export const clipped = (text: string, maxLength = 160): string =>
  text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;

type Provisioning = v.InferOutput<typeof provisioningSchema>;

/**
 * Azure does not say since when a replication is in its state, so the reviews remember it.
 * @param last what the replication was when it was read last.
 */
export function provisioningOf(
  { provisioningState, displayStatus, statusMessage }: Replica,
  last: Provisioning | undefined,
  at: string,
): Provisioning {
  const state = clipped(provisioningState);
  return {
    state,
    ...(displayStatus === undefined ? {} : { displayStatus: clipped(displayStatus) }),
    ...(statusMessage === undefined ? {} : { message: clipped(statusMessage) }),
    since: last?.state === state ? last.since : at,
  };
}

/** `never` stands above every window; of windows that overlap, the one that ends last counts. */
export function policyOf(rules: readonly RoutingRule[], region: Region, now: Date): Evidence['policy'] {
  const ours = rules.filter((rule) => rule.region === region);
  if (ours.some(({ routing }) => routing === 'never')) return { routing: 'never' };
  const ends = ours.flatMap((rule) =>
    rule.routing === 'off' && rule.from <= now && now < rule.to ? [rule.to.getTime()] : [],
  );
  return ends.length === 0 ? null : { routing: 'off', until: new Date(Math.max(...ends)).toISOString() };
}

/** @param late for each region; `undefined` when it is not known. */
export function lateImagesOf(
  late: ReadonlyMap<Region, number> | undefined,
  region: Region,
): Evidence['lateImages'] {
  if (late === undefined) return null;
  const lateInRegistry = [...late.values()].reduce((sum, count) => sum + count, 0);
  return { late: late.get(region) ?? 0, lateInRegistry };
}

/**
 * Every endpoint that can be asked is out of reach at once, of two or more: then we cannot see. One whose name does
 * not resolve says nothing either way.
 */
export function isCommonCause(reachabilities: readonly Evidence['reachability'][]): boolean {
  const asked = reachabilities.filter(({ kind }) => kind !== 'unknown');
  return asked.length >= 2 && asked.every(({ kind }) => kind === 'failing');
}
