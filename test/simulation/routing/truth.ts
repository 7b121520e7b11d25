import type { Registry } from '../../../src/registries/registry.ts';
import type { Replica } from '../../../src/registries/replica.ts';
import type { LateImages, Observation, ObservedReplica } from '../../../src/routing/observe.ts';
import { tagName } from '../../../src/routing/ownership-tag.ts';
import {
  absent,
  alive,
  anObservation,
  aRegistry,
  aReplica,
  failing,
  lateImages,
  minute,
  never,
  off,
  type Reachability,
  throttled,
  unknown,
} from '../../routing/fixtures.ts';
import { type Incident, type Kind, openMinutes } from './incident.ts';

export const home = 'eastus';
/** A creation that is rolled back takes as long, in minutes. */
const creatingMinutes = 12;
/** A replica that fails is removed after so many minutes, when it was switched off. */
const removedAfter = 20;
/** Infrastructure code runs as often as this, in minutes. */
const writerPeriod = 15;

/** What is really so, minute by minute. */
export class Truth {
  readonly replicas: Map<string, Replica>;
  readonly #incidents: readonly Incident[];
  readonly #policies: readonly Incident[];
  readonly #regions: readonly string[];
  readonly #random: () => number;
  #next = 0;
  #active: Incident[] = [];
  /** Switched off by evenkeel, and by nobody on since. */
  readonly ours = new Set<string>();
  /** Changes that Azure accepted and that take effect later. */
  #accepted: { readonly at: number; readonly region: string; readonly take: () => void }[] = [];

  constructor(regions: readonly string[], incidents: readonly Incident[], random: () => number) {
    this.#regions = regions;
    this.#incidents = incidents;
    this.#policies = incidents.filter(({ kind }) => kind === 'canary' || kind === 'window');
    this.#random = random;
    this.replicas = new Map(regions.map((region) => [region, aReplica(region)]));
  }

  /** Brings everything but our own doing up to this minute. */
  advance(now: number): void {
    for (const ended of this.#active.filter(({ to }) => to <= now)) this.#end(ended);
    this.#active = this.#active.filter(({ to }) => to > now);
    for (
      let one = this.#incidents[this.#next];
      one !== undefined && one.from <= now;
      one = this.#incidents[this.#next]
    ) {
      this.#next += 1;
      if (one.to <= now) continue;
      this.#active.push(one);
      if (one.kind === 'byHand')
        this.set(one.region, { globalRouting: 'disabled', lastModifiedBy: 'operator' });
    }
    for (const one of this.#accepted.filter(({ at }) => at <= now)) one.take();
    this.#accepted = this.#accepted.filter(({ at }) => at > now);
    for (const { from } of this.#of('writer')) if ((now - from) % writerPeriod === 0) this.#overwrite(now);
    for (const region of this.#regions) {
      // Azure shows that it is at work, or at first not yet.
      const isAtWork = this.#accepted.some((one) => one.region === region && one.at % 2 === 0);
      const isUpdating = isAtWork || this.#of('stuck', region).length > 0;
      const isCreating = this.#of('rolledBack', region).some(({ from }) => now - from < creatingMinutes);
      const isSeeding = this.#of('seeding', region).length > 0;
      this.set(region, {
        provisioningState: isCreating ? 'Creating' : isUpdating ? 'Updating' : 'Succeeded',
        displayStatus: isSeeding ? (now % 600 < 300 ? 'Syncing' : 'Offline') : 'Ready',
      });
    }
  }

  /** Whether Azure has the replica, whatever it answers. */
  exists(region: string, now: number): boolean {
    const isRolledBack = this.#of('rolledBack', region).some(({ from }) => now - from >= creatingMinutes);
    const isRemoved = this.#of('removed', region).some(({ from }) => now - from >= removedAfter);
    return !isRolledBack && !isRemoved;
  }

  /** Whether clients are served there as far as anybody could know. */
  isServing(region: string): boolean {
    const down = [
      'outage',
      'homeOutage',
      'window',
      'writer',
      'mute',
      'masked',
      'seeding',
      'removed',
    ] as const;
    return !down.some((kind) => this.#of(kind, region).length > 0);
  }

  /** The minute at which anything happens next by itself. */
  nextAt(now: number): number {
    if (this.#active.length > 0 || this.#accepted.length > 0) return now;
    return this.#incidents[this.#next]?.from ?? Number.POSITIVE_INFINITY;
  }

  /** @param known the replicas that the last review knew, beside those that the list shows. */
  observe(now: number, known: ReadonlySet<string>): Observation {
    const isSilent = this.#of('homeOutage').length > 0;
    const late = this.#late(now);
    return anObservation(
      [...this.replicas.values()].flatMap((replica): ObservedReplica[] => {
        const { id, name, region } = replica;
        const reachability = this.#reachability(region, now);
        // An answer comes through now and then.
        if (!this.exists(region, now) && !known.has(name)) return [];
        if (isSilent && this.#random() < 0.8) return [{ id, name, region, read: undefined, reachability }];
        if (!this.exists(region, now)) return [absent(region, isSilent ? 'listUnread' : 'notListed')];
        const [discord] = this.#of('discord', region);
        if (discord !== undefined && (now - discord.from) % 6 < 3) {
          const isAgreed = now === discord.from && !isSilent;
          return [absent(region, isAgreed ? 'notListed' : isSilent ? 'listUnread' : 'listed', reachability)];
        }
        return [{ id, name, region, read: replica, reachability }];
      }),
      {
        home: isSilent ? undefined : home,
        controlPlaneError: isSilent ? 'no answer in time' : undefined,
        lateImages: late,
      },
    );
  }

  /** @param then whose policy an instance has */
  registry(changes: Partial<Registry>, then: number): Registry {
    const policy = this.#policies
      .filter(({ from, to }) => from <= then && then < to)
      .map(({ kind, region, from, to }) =>
        kind === 'canary' ? never(region) : off(region, minute(from), minute(to)),
      );
    return aRegistry({ ...changes, policy });
  }

  set(region: string, changes: Partial<Replica>): void {
    const before = this.replicas.get(region) ?? aReplica(region);
    this.replicas.set(region, { ...before, ...changes });
    const { globalRouting, lastModifiedBy } = changes;
    if (globalRouting === 'enabled' || (globalRouting === 'disabled' && lastModifiedBy !== 'evenkeel'))
      this.ours.delete(region);
    else if (globalRouting === 'disabled' && before.globalRouting === 'enabled') this.ours.add(region);
  }

  accept(region: string, at: number, take: () => void): void {
    this.#accepted.push({ at, region, take });
  }

  /** The other replicas that clients are routed to, and that are ready. */
  routedBeside(region: string, now: number): string[] {
    return [...this.replicas.values()]
      .filter(
        (one) =>
          one.region !== region &&
          one.globalRouting === 'enabled' &&
          one.displayStatus === 'Ready' &&
          this.exists(one.region, now),
      )
      .map((one) => one.region);
  }

  #of(kind: Kind, region?: string): Incident[] {
    return this.#active.filter((one) => one.kind === kind && (region === undefined || one.region === region));
  }

  #end({ kind, region }: Incident): void {
    const isTheirs = this.replicas.get(region)?.lastModifiedBy === 'operator';
    if (kind === 'byHand' && isTheirs) this.set(region, { globalRouting: 'enabled' });
    // Another one is created in its place, later.
    if (kind === 'rolledBack')
      this.set(region, { globalRouting: 'enabled', tags: {}, lastModifiedBy: 'operator' });
  }

  #overwrite(now: number): void {
    for (const region of this.#regions.filter((one) => this.exists(one, now))) {
      const tags = { team: 'platform', ...this.#resumed(region) };
      this.set(region, { globalRouting: 'enabled', tags, lastModifiedBy: 'terraform' });
    }
  }

  /** Text of an operator that infrastructure code keeps. */
  #resumed(region: string): Record<string, string> {
    const value = this.replicas.get(region)?.tags[tagName];
    return value?.startsWith('resume') === true ? { [tagName]: value } : {};
  }

  #late(now: number): LateImages {
    const decays = [
      ...this.#of('decay').map((one) => [one.region, Math.floor(8 * progress(one, now))] as const),
      ...this.#of('lag').map((one) => [one.region, 5] as const),
    ];
    if (this.#of('uncounted').length === 0) return lateImages(Object.fromEntries(decays));
    return lateImages({}, Object.fromEntries(this.#regions.map((region) => [region, 4])));
  }

  #reachability(region: string, now: number): Reachability {
    const isDown =
      this.#of('blind').length > 0 ||
      (region === home && this.#of('homeOutage').length > 0) ||
      ['outage', 'blip', 'window', 'writer', 'removed'].some((kind) =>
        this.#active.some((one) => one.kind === kind && one.region === region),
      );
    if (isDown) return failing;
    const [hidden] = [...this.#of('mute', region), ...this.#of('masked', region)];
    if (hidden !== undefined) {
      if (now - hidden.from < openMinutes(hidden)) return failing;
      return hidden.kind === 'mute' ? unknown : throttled;
    }
    const decay = Math.max(0, ...this.#of('decay', region).map((one) => progress(one, now)));
    const failureRate = Math.max(decay, this.#of('flapping', region).length > 0 ? 0.4 : 0);
    if (failureRate > 0 && this.#random() < failureRate) return failing;
    return this.#of('storm').length > 0 && this.#random() < 0.9 ? throttled : alive;
  }
}

const progress = ({ from, to }: Incident, now: number): number => (now - from) / (to - from);
