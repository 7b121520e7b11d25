import type { RoutingRule } from '../registries/registry.ts';
import type { Region, Replica } from '../registries/replica.ts';
import type { LateImages } from './observe.ts';
import { clipped, clippedIfAny, type Evidence, type Provisioning } from './state.ts';

/**
 * The provisioning of a replication, with the time since when it is in its state. Azure does not tell that time, so
 * the reviews remember it.
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
    displayStatus: clippedIfAny(displayStatus),
    message: clippedIfAny(statusMessage),
    since: last?.state === state ? last.since : at,
  };
}

/** The rule that applies to a region now: `never` before every window, and the window that ends last. */
export function policyOf(rules: readonly RoutingRule[], region: Region, now: Date): Evidence['policy'] {
  const ours = rules.filter((rule) => rule.region === region);
  if (ours.some(({ routing }) => routing === 'never')) return { routing: 'never' };
  const ends = ours.flatMap((rule) =>
    rule.routing === 'off' && rule.from <= now && now < rule.to ? [rule.to.getTime()] : [],
  );
  return ends.length === 0 ? null : { routing: 'off', until: new Date(Math.max(...ends)).toISOString() };
}

/** @param images `undefined` when they are not known. */
export function lateImagesOf(images: LateImages | undefined, region: Region): Evidence['lateImages'] {
  if (images === undefined) return null;
  const lateInRegistry = [...images.late.values()].reduce((sum, count) => sum + count, 0);
  const uncounted = images.uncounted.get(region) ?? 0;
  return { late: images.late.get(region) ?? 0, lateInRegistry, ...(uncounted === 0 ? {} : { uncounted }) };
}

/** Whether Azure calls the replica ready. It says `Ready`, and its documents `online`; an answer may name no status. */
export const isReady = (displayStatus: string | undefined): boolean =>
  displayStatus === undefined || /^(ready|online)$/i.test(displayStatus.trim());

/** Whether a replica must have what the others have: one that is created or being seeded gets it yet. */
export const isFilled = ({ provisioningState, displayStatus }: Replica): boolean =>
  provisioningState !== 'Creating' && isReady(displayStatus);

/** Latency aside, the reachability is bounded like every text that is stored. */
export const boundedReachability = (reachability: Evidence['reachability']): Evidence['reachability'] =>
  'reason' in reachability ? { ...reachability, reason: clipped(reachability.reason) } : reachability;

/**
 * Two or more endpoints could be probed, and all of them fail: then the fault is more likely on our side. An endpoint
 * whose name does not resolve says nothing either way.
 */
export function isCommonCause(reachabilities: readonly Evidence['reachability'][]): boolean {
  const probed = reachabilities.filter(({ kind }) => kind !== 'unknown');
  return probed.length >= 2 && probed.every(({ kind }) => kind === 'failing');
}
