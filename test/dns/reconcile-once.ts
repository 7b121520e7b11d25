import type { ContainerGroupId } from '../../src/dns/container-group.ts';
import type { Outcome } from '../../src/dns/outcome.ts';
import type { ForeignRecords } from '../../src/dns/plan.ts';
import type { DnsPolicy } from '../../src/dns/policy.ts';
import { createRateLimiter } from '../../src/dns/rate-limiter.ts';
import { reconcile } from '../../src/dns/reconcile.ts';
import { fullName, type RecordSetKey } from '../../src/dns/record-set.ts';
import type { ZoneMap } from '../../src/dns/zone-map.ts';
import { now, spokeOf, zones } from './fixtures.ts';
import type { Call, InMemoryAzure } from './in-memory-azure.ts';

export interface Setting {
  readonly hints?: readonly string[];
  readonly foreignRecords?: ForeignRecords;
  readonly policy?: DnsPolicy;
  readonly recordSets?: readonly RecordSetKey[];
  readonly map?: ZoneMap;
  readonly hasQueue?: boolean;
  /** What the invocation has in all, in ms. */
  readonly timeMs?: number;
}

/** One invocation; its clock stands still but for its own pauses, which are told in `pauses`. */
export function reconcileOnce(
  azure: InMemoryAzure,
  group: ContainerGroupId,
  {
    hints = [],
    recordSets = [],
    foreignRecords = 'overwrite',
    policy = 'sync',
    map = zones,
    hasQueue = true,
    timeMs = 25_000,
  }: Setting = {},
  pauses: number[] = [],
): Promise<Outcome> {
  const elapsed = () => pauses.reduce((sum, ms) => sum + ms, 0);
  const clock = {
    now: () => new Date(now.getTime() + elapsed()),
    sleep: async (ms: number) => void pauses.push(ms),
  };
  return reconcile(
    {
      group,
      spoke: spokeOf(group, map),
      zones: map,
      hints,
      recordSets,
      foreignRecords,
      policy,
      trigger: 'event',
    },
    {
      ...azure.ports,
      requeueQueue: hasQueue ? azure.ports.requeueQueue : undefined,
      clock,
      rateLimiter: createRateLimiter(elapsed),
      random: () => 0.5,
    },
    { signal: new AbortController().signal, remainingMs: () => timeMs - elapsed() },
  );
}

/** `update A web.spoke-a.internal.contoso.com`, one for each write in order. */
export const writesOf = (calls: readonly Call[]): string[] =>
  calls.flatMap((call) =>
    call.kind === 'create' || call.kind === 'update' || call.kind === 'delete'
      ? [`${call.kind} ${call.key.type} ${fullName(call.key)}`]
      : [],
  );

/** What resolvers see: `A web.contoso.com 10.1.0.4`, sorted. */
export const answersOf = (azure: InMemoryAzure): string[] =>
  azure.recordSets
    .map(({ key, values }) => `${key.type} ${fullName(key)} ${values.join(' ')}`)
    .toSorted((a, b) => (a < b ? -1 : 1));
