import pLimit from 'p-limit';
import { unlessAborted } from '../lib/async.ts';
import type { Deadline } from '../lib/deadline.ts';
import type { EndpointProber, RegistryReader } from '../registries/ports.ts';
import { type Registry, RegistryMissingError } from '../registries/registry.ts';
import type { Region, Replica } from '../registries/replica.ts';
import type { Evidence } from './evidence.ts';
import { describeError } from './message.ts';
import type { ReplicaState } from './state.ts';

interface ObservePorts {
  readonly reader: RegistryReader;
  readonly prober: EndpointProber;
}

/** A replica that may be there, by the list or by what the last review knew. */
type Candidate = Pick<Replica, 'id' | 'name' | 'region'>;

/** Of one registry, of each kind; Resource Manager's quota is for the whole subscription. */
const callsAtATime = 6;

/**
 * Looks at every replica that the list shows or the last review knew, each by id, and asks each regional endpoint.
 * Never fails: what is not answered in time is part of the observation.
 *
 * Calls: the registry, the list, and for each replica one read and one probe.
 */
export async function observe(
  registry: Registry,
  known: readonly ReplicaState[],
  lateImages: ReadonlyMap<Region, number> | undefined,
  { reader, prober }: ObservePorts,
  deadline: Deadline,
): Promise<Observation> {
  const bounded = async <T>(call: () => Promise<T>): Promise<T> => {
    deadline.signal.throwIfAborted();
    return unlessAborted(deadline.signal, call());
  };
  const [found, listed] = await Promise.allSettled([
    bounded(() => reader.read(registry, deadline)),
    bounded(() => reader.listReplicas(registry, deadline)),
  ]);
  const isMissing = found.status === 'fulfilled' && found.value === undefined;
  const candidates = union(known, listed.status === 'fulfilled' ? listed.value : []);

  const reads = pLimit(callsAtATime);
  const probes = pLimit(callsAtATime);
  const looks = await Promise.all(
    candidates.map(async (candidate) => {
      const [read, reachability] = await Promise.all([
        resolved(reads(() => bounded(() => reader.readReplica(registry, candidate.name, deadline)))),
        probes(() => bounded(() => prober.probe(registry, candidate.region, deadline))).catch(unprobed),
      ]);
      return { candidate, read, reachability };
    }),
  );

  const failures = [found, listed, ...looks.map(({ read }) => read)].flatMap((result) =>
    result.status === 'rejected' ? [result.reason] : [],
  );
  const controlPlaneError = isMissing ? new RegistryMissingError(registry.id) : failures[0];
  return {
    home: found.status === 'fulfilled' ? found.value?.location : undefined,
    controlPlaneError: controlPlaneError === undefined ? undefined : describeError(controlPlaneError),
    replicas: looks.flatMap(({ candidate, read, reachability }) => observedOf(candidate, read, reachability)),
    gone: new Set(
      looks.flatMap(({ candidate, read }) =>
        read.status === 'fulfilled' && read.value === undefined ? candidate.name : [],
      ),
    ),
    lateImages,
  };
}

/** What was known first keeps its name, whose casing Azure does not tell apart. */
function union(known: readonly Candidate[], listed: readonly Candidate[]): Candidate[] {
  const all = [...listed, ...known].map((one): [string, Candidate] => [one.name.toLowerCase(), one]);
  return [...new Map(all).values()];
}

function observedOf(
  { id, name, region }: Candidate,
  read: PromiseSettledResult<Replica | undefined>,
  reachability: Evidence['reachability'],
): ObservedReplica[] {
  if (read.status === 'rejected') return [{ id, name, region, read: undefined, reachability }];
  if (read.value === undefined) return [];
  return [{ id: read.value.id, name, region: read.value.region, read: read.value, reachability }];
}

const resolved = async <T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> => {
  const [result] = await Promise.allSettled([promise]);
  return result;
};

/** An answer that we did not wait for says nothing of the replica: the prober has its own, shorter time. */
const unprobed = (error: unknown): Evidence['reachability'] => ({
  kind: 'unknown',
  reason: describeError(error),
});

/** What one review saw of one registry. */
export interface Observation {
  /** `undefined` when the registry could not be read. */
  readonly home: Region | undefined;
  /** Why Resource Manager left a question open; `undefined` when it answered all. */
  readonly controlPlaneError: string | undefined;
  readonly replicas: readonly ObservedReplica[];
  /** Names of replicas that are not there, by id. */
  readonly gone: ReadonlySet<string>;
  /** For each region; `undefined` when nobody could tell. */
  readonly lateImages: ReadonlyMap<Region, number> | undefined;
}

export interface ObservedReplica {
  readonly id: string;
  readonly name: string;
  readonly region: Region;
  /** By id; `undefined` when that was not answered. */
  readonly read: Replica | undefined;
  readonly reachability: Evidence['reachability'];
}
