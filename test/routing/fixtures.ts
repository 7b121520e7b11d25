import type { PullAnswer } from '../../src/registries/ports.ts';
import type { Registry, RoutingRule } from '../../src/registries/registry.ts';
import type { Replica } from '../../src/registries/replica.ts';
import type { LateImages, Observation, ObservedReplica } from '../../src/routing/observe.ts';
import { review } from '../../src/routing/review.ts';
import type { ReviewSettings } from '../../src/routing/review-settings.ts';
import type { ReplicaState, ReviewState } from '../../src/routing/state.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const start = new Date('2026-11-21T12:00:00.000Z');
/** So many minutes after the start. */
export const minute = (count: number): Date => new Date(start.getTime() + count * minuteMs);
export const minuteText = (count: number): string => minute(count).toISOString();

const subscriptionId = '11111111-2222-3333-4444-555555555555';
const registryId = `/subscriptions/${subscriptionId}/resourceGroups/rg-registry/providers/Microsoft.ContainerRegistry/registries/myregistry`;

export const aRegistry = (changes: Partial<Registry> = {}): Registry => ({
  id: registryId,
  name: 'myregistry',
  subscriptionId,
  resourceGroup: 'rg-registry',
  regions: 'all',
  replicationSloMs: 10 * minuteMs,
  probe: true,
  probeImage: undefined,
  hosts: [],
  minimumRoutable: 1,
  endpoints: new Map(),
  policy: [],
  review: {},
  ...changes,
});

export const never = (region: string): RoutingRule => ({ region, routing: 'never' });
export const off = (region: string, from: Date, to: Date): RoutingRule => ({
  region,
  routing: 'off',
  from,
  to,
});

export const someRules = (changes: Partial<ReviewSettings> = {}): ReviewSettings => ({
  raise: { bad: 3, of: 5 },
  clear: 5,
  intervalMs: minuteMs,
  mode: 'enforce',
  holdDownMs: 10 * minuteMs,
  changesPerHour: 2,
  reenable: true,
  contestLimit: 3,
  runMs: 40_000,
  ...changes,
});

export const replicaId = (region: string): string => `${registryId}/replications/${region}`;

export const aReplica = (region: string, changes: Partial<Replica> = {}): Replica => ({
  id: replicaId(region),
  name: region,
  region,
  provisioningState: 'Succeeded',
  displayStatus: 'Ready',
  statusMessage: undefined,
  globalRouting: 'enabled',
  tags: {},
  lastModifiedBy: undefined,
  ...changes,
});

export type Reachability = ObservedReplica['reachability'];
export const alive: Reachability = { kind: 'alive', latencyMs: 12 };
export const served: PullAnswer = { kind: 'served', latencyMs: 30 };
export const failing: Reachability = { kind: 'failing', reason: '503', latencyMs: 4 };
export const throttled: Reachability = { kind: 'throttled', retryAfterMs: 1_000 };
export const unknown: Reachability = { kind: 'unknown', reason: 'the name does not resolve' };

/** Read by id, and alive. */
export const observed = (region: string, changes: Partial<Replica> = {}): ObservedReplica => ({
  id: replicaId(region),
  name: region,
  region,
  read: aReplica(region, changes),
  reachability: alive,
});

export const failed = (region: string, changes: Partial<Replica> = {}): ObservedReplica => ({
  ...observed(region, changes),
  reachability: failing,
});

export const unread = (region: string, reachability: Reachability = alive): ObservedReplica => ({
  ...observed(region),
  read: undefined,
  reachability,
});

/** Of regions that could all be counted, unless they are named in `uncounted`. */
export const lateImages = (
  late: Readonly<Record<string, number>>,
  uncounted: Readonly<Record<string, number>> = {},
): LateImages => ({ late: new Map(Object.entries(late)), uncounted: new Map(Object.entries(uncounted)) });

/** A replica that a read by id does not find. */
export const absent = (
  region: string,
  list: ObservedReplica['absent'],
  reachability: Reachability = unknown,
): ObservedReplica => ({ ...unread(region, reachability), absent: list });

export const anObservation = (
  replicas: readonly ObservedReplica[],
  changes: Partial<Observation> = {},
): Observation => ({
  home: 'eastus',
  controlPlaneError: undefined,
  replicas,
  lateImages: lateImages({}),
  ...changes,
});

/** A replica that was seen healthy once. */
export function aReplicaState(region: string, changes: Partial<ReplicaState> = {}): ReplicaState {
  const { after } = review(aRegistry(), undefined, anObservation([observed(region)]), someRules(), start);
  return { ...replicaIn(after, region), ...changes };
}

export function replicaIn(state: ReviewState | undefined, region: string): ReplicaState {
  const replica = state?.replicas.find((one) => one.region === region);
  if (replica === undefined) throw new Error(`no replica in ${region}`);
  return replica;
}

export const flagged = (since = minuteText(0)): Pick<ReplicaState, 'verdict'> => ({
  verdict: { flagged: true, since, reviews: [], kinds: ['endpoint'], flag: `flag of ${since}` },
});

/** The state after reviews, one a minute, of a registry whose westus fails and is kept out by a policy. */
export function stateAfter(count: number): ReviewState {
  let state: ReviewState | undefined;
  for (let at = 0; at < count; at++) {
    const seen = anObservation([observed('eastus'), failed('westus')]);
    state = review(aRegistry({ policy: [never('westus')] }), state, seen, someRules(), minute(at)).after;
  }
  if (state === undefined) throw new Error('there was no review');
  return state;
}
