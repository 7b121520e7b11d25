import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { EventGrid } from '../event-grid/event-grid.ts';
import { registrySource } from '../event-grid/subscription.ts';
import type { RegistryBehaviour } from './behaviour.ts';
import { keysOf } from './missing-part.ts';
import { registryEvent, registryTime, webhookBody } from './notifications.ts';
import type { PendingWork } from './pending-work.ts';
import { type Registry, regionOf, replicaIn } from './registry.ts';
import type { Replica } from './replica.ts';
import { actionOf, type Change, isTold, type ToldChange } from './replica-content.ts';
import type { NoticeKind } from './replica-notices.ts';
import { isFor } from './webhook.ts';
import type { WebhookDeliveries } from './webhook-deliveries.ts';

/** A change that has reached a replica. */
export interface Arrival {
  readonly registry: Registry;
  readonly replica: Replica;
  readonly change: Change;
  /** False in the region that the client spoke to. */
  readonly isCopy: boolean;
}

/** Milliseconds of the clock from a change to its copy, by region. */
export type CopyTimes = Readonly<Record<string, number>>;

/** Takes every change of a registry's images to each of its replicas, and notifies of each arrival. */
export class Copies {
  private readonly parts;
  private readonly listeners = new Set<(arrival: Arrival) => void>();

  constructor(parts: {
    readonly clock: Clock;
    readonly pending: PendingWork;
    readonly eventGrid: EventGrid;
    readonly deliveries: WebhookDeliveries;
    /** Draws the delays of copies, in the order of changes, so that a seed repeats them. */
    readonly random: () => number;
    /** Draws the digits of times that no clock knows. */
    readonly noise: () => number;
    readonly behaviour: () => RegistryBehaviour;
  }) {
    this.parts = parts;
  }

  /** Runs when a change has taken effect in a replica. Returns how to remove it. */
  onArrival(listener: (arrival: Arrival) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /**
   * Makes a change in one replica at once and in the others after a while.
   * @param afterMs That while for some regions, instead of one that is drawn.
   */
  spread(registry: Registry, origin: Replica, change: Change, afterMs: CopyTimes = {}): void {
    const told = new Map(Object.entries(afterMs).map(([region, ms]) => [regionOf(region), ms]));
    for (const region of told.keys()) {
      if (replicaIn(registry, region) !== undefined) continue;
      throw new RangeError(`the registry ${registry.name} has no replica in ${region}`);
    }
    this.arrive({ registry, replica: origin, change, isCopy: false });
    for (const replica of [...registry.replicas]) {
      if (replica === origin) continue;
      this.underWay(replica, 1);
      // Drawn in any case, so that the others stay as the seed has them.
      const drawn = this.delay();
      this.parts.pending.schedule(told.get(replica.region) ?? drawn, () =>
        this.reach(replica, change, () => {
          this.underWay(replica, -1);
          this.arrive({ registry, replica, change, isCopy: true });
        }),
      );
    }
  }

  private underWay(replica: Replica, more: number): void {
    replica.copiesUnderWay += more;
    const { copyingShowsSyncing, readyStatus } = this.parts.behaviour();
    const isSyncing = replica.copiesUnderWay > 0;
    const [before, after] = isSyncing ? [readyStatus, 'Syncing'] : ['Syncing', readyStatus];
    if (!copyingShowsSyncing || replica.isSeeding || replica.displayStatus !== before) return;
    replica.displayStatus = after;
    replica.statusAt = this.parts.clock.now();
  }

  /** Brings what the registry holds to a new replica, image by image. Nobody is told. */
  seed(registry: Registry, replica: Replica): void {
    const changes = [...registry.pushes.values()].flatMap((pushes) => [...pushes.values()]);
    for (const change of changes.toSorted((one, other) => one.sequence - other.sequence)) {
      this.parts.pending.schedule(this.delay(), () =>
        this.reach(replica, change, () => {
          if (isPart(registry, replica)) replica.content.apply(change, inOrder);
        }),
      );
    }
  }

  /** Lets a replica that neither stalls nor is seeded any more catch up, with everything that came meanwhile. */
  catchUp(replica: Replica): void {
    for (const effect of replica.waiting.splice(0)) effect();
  }

  /**
   * Ends the withholding of some parts of images in a replica, or of all.
   * @param keys `repository@digest`.
   */
  repair(replica: Replica, keys?: Iterable<string>): void {
    for (const effect of replica.content.restore(keys)) effect();
  }

  private delay(): number {
    const [least, longest] = this.parts.behaviour().copyDelayMs;
    return least + (longest - least) * this.parts.random();
  }

  private reach(replica: Replica, change: Change, effect: () => void): void {
    if (replica.isStalled || replica.isSeeding)
      replica.waiting.push(() => this.reach(replica, change, effect));
    else if (change.kind !== 'push' || !replica.content.defer(keyOf(change), effect)) effect();
  }

  private arrive(arrival: Arrival): void {
    const { registry, replica, change, isCopy } = arrival;
    if (!isPart(registry, replica)) return;
    // A client uploads all that its region lacks.
    const late =
      isCopy || change.kind !== 'push'
        ? []
        : replica.content.restore(keysOf(change.repository, change.manifest));
    this.takeEffect(arrival);
    for (const effect of late) effect();
  }

  private takeEffect(arrival: Arrival): void {
    const { replica, change, isCopy } = arrival;
    const late = this.parts.behaviour();
    const effect = replica.content.apply(change, late);
    if (effect === 'overtaken') return;
    for (const listener of this.listeners) listener(arrival);
    if (effect === 'retagged' && isCopy && !late.retagFiresOnReplicas) return;
    if (isTold(change)) this.notify(arrival, change);
  }

  private notify({ registry, replica, isCopy }: Arrival, change: ToldChange): void {
    const { clock, pending, eventGrid, deliveries, noise, behaviour } = this.parts;
    const { copyEventTime, eventPerReplica, eventLocation } = behaviour();
    const isOwnTime = isCopy && copyEventTime === 'copy';
    const timestamp = isOwnTime ? registryTime(clock.now(), noise) : change.timestamp;
    const notification = { registry, change, timestamp };
    const { repository, tag, manifest } = change;
    const view = { action: actionOf(change), repository, tag, digest: manifest.digest };
    const pass = (kind: NoticeKind, send: () => void) =>
      replica.notices.pass({ kind, ...view, send }, (ms, effect) => pending.schedule(ms, effect));
    for (const webhook of registry.webhooks) {
      if (!isFor(webhook, replica.region, change)) continue;
      const body = webhookBody(notification, randomUUID());
      pass('webhooks', () => deliveries.add(webhook, body));
    }
    if (isCopy && !eventPerReplica) return;
    const event = registryEvent(notification, randomUUID(), eventLocation ? replica.region : undefined);
    pass('events', () => eventGrid.publishFrom(registrySource(registry.id), event));
  }
}

/** Seeding brings what there is, in the order in which it came. */
const inOrder = { olderCopyMovesTag: false, olderCopyDeletes: false };

const keyOf = ({ repository, manifest: { digest } }: Change): string => `${repository}@${digest}`;

const isPart = (registry: Registry, replica: Replica): boolean =>
  registry.replicas.get(replica.name.toLowerCase()) === replica;
