import { ArmError } from '../arm/arm-error.ts';
import type { LongRunningOperations } from '../arm/long-running.ts';
import { after, type Clock } from '../clock.ts';
import type { RegistryBehaviour } from './behaviour.ts';
import { type Registry, replicaIn } from './registry.ts';
import { newReplica, type Replica, type ReplicaState, replicationType } from './replica.ts';
import { writtenBy } from './system-data.ts';

interface ReplicationChange {
  /** Replaces the whole map. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly globalRouting?: boolean | undefined;
}

/** Writes of replication resources, long-running or not. */
export class Replications {
  private readonly parts;

  constructor(parts: {
    readonly clock: Clock;
    readonly lifetime: AbortSignal;
    readonly running: LongRunningOperations;
    readonly behaviour: () => RegistryBehaviour;
  }) {
    this.parts = parts;
  }

  /**
   * Adds a replica, which is empty unless it brings back the resource of a home region.
   * @throws ArmError when the registry has one in that region, or would bring it back under another name.
   */
  add(registry: Registry, name: string, region: string, by: string): Replica {
    const existing = replicaIn(registry, region);
    if (existing !== undefined && (existing.hasReplication || existing.name !== name)) {
      throw new ArmError(409, 'Conflict', `The registry '${registry.name}' has a replica in '${region}'.`);
    }
    const now = this.parts.clock.now();
    if (existing !== undefined) {
      existing.hasReplication = true;
      existing.system = writtenBy(by, now);
      return existing;
    }
    const replica = newReplica(
      {
        id: `${registry.id}/${replicationType.split('/').at(-1)}/${name}`,
        name,
        region,
        system: writtenBy(by, now),
      },
      now,
    );
    replica.displayStatus = this.parts.behaviour().readyStatus;
    registry.replicas.set(name.toLowerCase(), replica);
    return replica;
  }

  /** Removes a replica; in the home region only the resource, because that region goes on serving. */
  remove(registry: Registry, replica: Replica): void {
    if (replica.region === registry.home) replica.hasReplication = false;
    else registry.replicas.delete(replica.name.toLowerCase());
  }

  /** Changes a replication at once. */
  write(replica: Replica, change: ReplicationChange, by: string): void {
    replica.tags = change.tags ?? replica.tags;
    replica.globalRouting = change.globalRouting ?? replica.globalRouting;
    replica.system = writtenBy(by, this.parts.clock.now(), replica.system);
  }

  /**
   * Starts what follows a write at Resource Manager, or ends it at once where updates are not long-running.
   * @param undo Takes the write back when the update fails.
   * @returns The id of the operation to poll; undefined when the update is over already.
   */
  startUpdate(replica: Replica, undo: () => void): string | undefined {
    const { clock, lifetime, running, behaviour } = this.parts;
    const { updateIsLongRunning, updateMs } = behaviour();
    const failure = replica.failures.shift();
    const end = () => {
      if (failure !== undefined) undo();
      this.show(replica, failure === undefined ? 'Succeeded' : 'Failed', failure?.message);
    };
    if (!updateIsLongRunning) {
      end();
      if (failure !== undefined) throw new ArmError(500, failure.code, failure.message);
      return undefined;
    }
    this.show(replica, 'Updating');
    const { transition } = replica;
    after(clock, updateMs, lifetime, () => {
      if (replica.transition === transition) end();
    });
    return running.start(updateMs, failure);
  }

  /** Puts a replica into a state, with the words that go with it. */
  show(replica: Replica, state: ReplicaState, message?: string): void {
    replica.transition += 1;
    replica.provisioningState = state;
    const [displayStatus, usual] = words[state];
    const isWell = state === 'Succeeded';
    this.showStatus(
      replica,
      !isWell ? displayStatus : replica.isSeeding ? 'Syncing' : this.parts.behaviour().readyStatus,
    );
    replica.statusMessage = message ?? usual;
  }

  /** Changes only the word of the status, and since when it stands. */
  showStatus(replica: Replica, displayStatus: string, at = this.parts.clock.now()): void {
    replica.displayStatus = displayStatus;
    replica.statusAt = at;
  }

  /** Lets a new replica say that it gets the registry's content. */
  startSeeding(replica: Replica): void {
    replica.isSeeding = true;
    this.showStatus(replica, 'Syncing');
  }

  endSeeding(replica: Replica): void {
    replica.isSeeding = false;
    if (replica.displayStatus === 'Syncing') this.showStatus(replica, this.parts.behaviour().readyStatus);
  }
}

/**
 * Texts for each state. Those of `Succeeded`, `Creating` and `Updating` are documented; the others are the simulator's
 * own.
 */
const words: Readonly<Record<ReplicaState, readonly [displayStatus: string, message: string]>> = {
  Creating: ['Provisioning', 'The replication is provisioning.'],
  Updating: ['Provisioning', 'The replication is provisioning.'],
  Deleting: ['Deleting', 'The replication is being deleted.'],
  Succeeded: ['Ready', 'The replication is ready.'],
  Failed: ['Failed', 'The replication failed.'],
  Canceled: ['Canceled', 'The operation was canceled.'],
};
