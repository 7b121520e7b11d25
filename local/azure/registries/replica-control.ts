import { after, type Clock } from '../clock.ts';
import type { JsonObject } from '../json.ts';
import { SortedMap } from '../sorted-map.ts';
import type { Copies } from './copies.ts';
import type { HidingSpec } from './hidden-replica.ts';
import type { Lookup } from './lookup.ts';
import { regionOf, replicaIn } from './registry.ts';
import { type Replica, type ReplicaCondition, type ReplicaView, renderReplica, viewOf } from './replica.ts';
import type { Replications } from './replications.ts';
import { somebody } from './system-data.ts';

interface NewReplicaSpec {
  /** Name of the replication; that of the region by default. */
  readonly name?: string | undefined;
  readonly by?: string | undefined;
  /**
   * It is seeded for so many milliseconds of the clock, or until `finishSeeding` when that is infinite: it has
   * succeeded, its status says `Syncing` since its creation, and nothing arrives.
   */
  readonly seedsForMs?: number | undefined;
}

/** Replicas and their replication resources as a test or scenario handles them. */
export function replicaControl({
  lookup: { known, replicaAt },
  replications,
  copies,
  clock,
  lifetime,
}: {
  readonly lookup: Lookup;
  readonly replications: Replications;
  readonly copies: Copies;
  readonly clock: Clock;
  readonly lifetime: AbortSignal;
}) {
  const endSeeding = (replica: Replica): void => {
    replications.endSeeding(replica);
    if (!replica.isStalled) copies.catchUp(replica);
  };
  return {
    replicationId(registry: string, region: string): string {
      return replicaAt(registry, region).id;
    },

    /** Copies to a replica wait until `resume`. */
    stall(registry: string, region: string): void {
      replicaAt(registry, region).isStalled = true;
    },

    /** What waited arrives at once, in the order in which it was due. */
    resume(registry: string, region: string): void {
      const replica = replicaAt(registry, region);
      replica.isStalled = false;
      copies.catchUp(replica);
    },

    /** Puts a replication into any condition, at once. */
    setReplica(registry: string, region: string, condition: ReplicaCondition): void {
      const replica = replicaAt(registry, region);
      const { provisioningState, displayStatus, statusAt, globalRouting, tags, by, omitRoutingFlag } =
        condition;
      const routed = globalRouting === undefined ? undefined : globalRouting === 'enabled';
      replications.write(replica, { tags, globalRouting: routed }, by ?? somebody);
      if (provisioningState !== undefined) replications.show(replica, provisioningState);
      if (displayStatus !== undefined || statusAt !== undefined) {
        replications.showStatus(replica, displayStatus ?? replica.displayStatus, statusAt);
      }
      replica.omitsRoutingFlag = omitRoutingFlag ?? replica.omitsRoutingFlag;
    },

    /** The next long-running writes of a replication fail, and take back what they did. */
    failUpdates(registry: string, region: string, times = 1): void {
      const failure = { code: 'ReplicationUpdateFailed', message: 'The replication could not be updated.' };
      replicaAt(registry, region).failures.push(...Array.from({ length: times }, () => failure));
    },

    /** Adds a replica; what the registry holds comes bit by bit, unannounced. */
    addReplica(registry: string, region: string, options: NewReplicaSpec = {}): void {
      const owner = known(registry);
      const { name = regionOf(region), by = somebody, seedsForMs } = options;
      if (replicaIn(owner, regionOf(region))?.hasReplication === true) {
        throw new RangeError(`the registry ${registry} has a replica in ${region} already`);
      }
      const replica = replications.add(owner, name, regionOf(region), by);
      if (seedsForMs !== undefined) replications.startSeeding(replica);
      copies.seed(owner, replica);
      if (seedsForMs !== undefined && Number.isFinite(seedsForMs)) {
        after(clock, seedsForMs, lifetime, () => endSeeding(replica));
      }
    },

    /** Everything that waited for a replica that is seeded arrives at once, and its status says that it is well. */
    finishSeeding(registry: string, region: string): void {
      endSeeding(replicaAt(registry, region));
    },

    /** Removes a replica; in the home region only the replication resource, because that region goes on serving. */
    removeReplica(registry: string, region: string): void {
      replications.remove(known(registry), replicaAt(registry, region));
    },

    /** Lets reads of Resource Manager lie: they do not show a replication that exists. */
    hide(registry: string, region: string, hiding: HidingSpec): void {
      replicaAt(registry, region).hidings.add(hiding, clock.now());
    },

    /** Reads of Resource Manager show a replication again. */
    show(registry: string, region: string): void {
      replicaAt(registry, region).hidings.end();
    },

    /** Lets the list of replications show what is true now, whatever happens to them later. */
    freezeList(registry: string): void {
      const frozen = new SortedMap<JsonObject>();
      const owner = known(registry);
      for (const [key, replica] of owner.replicas.entriesAfter()) {
        if (replica.hasReplication) frozen.set(key, renderReplica(replica));
      }
      owner.staleList = frozen;
    },

    thawList(registry: string): void {
      known(registry).staleList = undefined;
    },

    replica(registry: string, region: string): ReplicaView {
      return viewOf(replicaAt(registry, region));
    },

    /** All replicas, in the order of their names; a home region without a replication resource is among them. */
    replicas(registry: string): ReplicaView[] {
      return [...known(registry).replicas].map(viewOf);
    },
  };
}
