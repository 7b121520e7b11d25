import pLimit from 'p-limit';
import { unlessAborted } from '../lib/async.ts';
import type { Deadline } from '../lib/deadline.ts';
import { describeError } from '../lib/errors.ts';
import type { ProbeImage, PullAnswer } from '../registries/ports.ts';
import { type Registry, RegistryMissingError } from '../registries/registry.ts';
import type { Region, Replica } from '../registries/replica.ts';
import type { Hearsay } from './notes.ts';
import type { ReviewPorts } from './ports.ts';
import type { Evidence, ReplicaState } from './state.ts';

/** What one review saw of one registry. */
export interface Observation {
  /** `undefined` when the registry could not be read. */
  readonly home: Region | undefined;
  /** Why Resource Manager left a question open; `undefined` when it answered all. */
  readonly controlPlaneError: string | undefined;
  readonly replicas: readonly ObservedReplica[];
  readonly hearsay?: Hearsay;
  /** The image that was pulled; `undefined` when none is known, or nothing is pulled. */
  readonly probeImage?: ProbeImage | undefined;
  /** `undefined` when unknown. */
  readonly lateImages: LateImages | undefined;
}

/** The images of one registry that are past their objective, by region. */
export interface LateImages {
  /** A region's endpoint was asked for the image and did not have it, or the region itself reported it late. */
  readonly late: ReadonlyMap<Region, number>;
  /** Nobody could say whether the image is in the region. */
  readonly uncounted: ReadonlyMap<Region, number>;
}

export interface ObservedReplica {
  readonly id: string;
  readonly name: string;
  readonly region: Region;
  /** The replication by id; `undefined` when the read was not answered, or did not find it. */
  readonly read: Replica | undefined;
  /** What the list says of a replication that the read did not find. */
  readonly absent?: NonNullable<Evidence['absent']> | undefined;
  readonly reachability: Evidence['reachability'];
  /** `undefined` when nothing was pulled. */
  readonly pull?: PullAnswer | undefined;
}

/** Calls of each kind at a time for one registry; Resource Manager's quota is for the whole subscription. */
const callsAtATime = 6;

/**
 * Looks at every replica that the list shows or the last review knew, each by id, and probes each regional endpoint.
 * Never fails: what is not answered in time is part of the observation. A read by id that does not find a replica proves
 * nothing by itself, and neither does a list that leaves it out.
 *
 * Calls: the registry, the list, and for each replica one read and one probe; with `probe: "pull"` also the few of a pull.
 */
export async function observe(
  registry: Registry,
  known: readonly ReplicaState[],
  lateImages: LateImages | undefined,
  { reader, prober, newestReplicated }: Pick<ReviewPorts, 'reader' | 'prober' | 'newestReplicated'>,
  deadline: Deadline,
): Promise<Observation> {
  const bounded = async <T>(call: () => Promise<T>): Promise<T> => {
    deadline.signal.throwIfAborted();
    return unlessAborted(deadline.signal, call());
  };
  const [found, listed, image] = await Promise.allSettled([
    bounded(() => reader.read(registry, deadline)),
    bounded(() => reader.listReplicas(registry, deadline)),
    bounded(() => imageToPull(registry, newestReplicated, deadline)),
  ]);
  // Without one the front door alone speaks, as when the ledger does not answer.
  const probeImage = image.status === 'fulfilled' ? image.value : undefined;
  const list = listed.status === 'fulfilled' ? listed.value : undefined;
  const candidates = union(known, list ?? []);

  const reads = pLimit(callsAtATime);
  const probes = pLimit(callsAtATime);
  const pulls = pLimit(callsAtATime);
  const looks = await Promise.all(
    candidates.map(async (candidate) => {
      const [[read], reachability, pull] = await Promise.all([
        Promise.allSettled([
          reads(() => bounded(() => reader.readReplica(registry, candidate.name, deadline))),
        ]),
        probes(() => bounded(() => prober.probe(registry, candidate.region, deadline))).catch(unprobed),
        probeImage === undefined
          ? undefined
          : pulls(() => bounded(() => prober.pull(registry, candidate.region, probeImage, deadline))).catch(
              unprobed,
            ),
      ]);
      return { candidate, read, reachability, pull };
    }),
  );

  return {
    home: found.status === 'fulfilled' ? found.value?.location : undefined,
    controlPlaneError: controlPlaneErrorOf(registry, found, [listed, ...looks.map(({ read }) => read)]),
    replicas: looks.map(({ candidate, read, reachability, pull }) => ({
      ...observedOf(candidate, read, reachability, list),
      pull,
    })),
    probeImage,
    lateImages,
  };
}

/** A replica that may exist, by the list or by the last review. */
type Candidate = Pick<Replica, 'id' | 'name' | 'region'>;

/** What was known first keeps its name, whose casing Azure does not tell apart. */
function union(known: readonly Candidate[], listed: readonly Candidate[]): Candidate[] {
  const all = [...listed, ...known].map((one): [string, Candidate] => [one.name.toLowerCase(), one]);
  return [...new Map(all).values()];
}

/** A missing registry explains every other failure. */
function controlPlaneErrorOf(
  { id }: Registry,
  found: PromiseSettledResult<unknown>,
  others: readonly PromiseSettledResult<unknown>[],
): string | undefined {
  if (found.status === 'fulfilled' && found.value === undefined) {
    return describeError(new RegistryMissingError(id));
  }
  const failure = [found, ...others].find((result) => result.status === 'rejected');
  return failure && describeError(failure.reason);
}

function observedOf(
  { id, name, region }: Candidate,
  read: PromiseSettledResult<Replica | undefined>,
  reachability: Evidence['reachability'],
  list: readonly Replica[] | undefined,
): ObservedReplica {
  if (read.status === 'rejected') return { id, name, region, read: undefined, reachability };
  if (read.value !== undefined)
    return { id: read.value.id, name, region: read.value.region, read: read.value, reachability };
  const isListed = list?.some((one) => one.name.toLowerCase() === name.toLowerCase());
  const absent = isListed === undefined ? 'listUnread' : isListed ? 'listed' : 'notListed';
  return { id, name, region, read: undefined, absent, reachability };
}

/** An answer that we did not wait for says nothing about the replica: the prober has its own, shorter time. */
const unprobed = (error: unknown): { readonly kind: 'unknown'; readonly reason: string } => ({
  kind: 'unknown',
  reason: describeError(error),
});

async function imageToPull(
  registry: Registry,
  newestReplicated: ReviewPorts['newestReplicated'],
  deadline: Deadline,
): Promise<ProbeImage | undefined> {
  if (registry.probe !== 'pull') return undefined;
  const { probeImage } = registry;
  return probeImage === undefined ? newestReplicated(registry, deadline) : { ...probeImage, regions: 'all' };
}
