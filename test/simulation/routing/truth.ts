import type { Registry } from '../../../src/registries/registry.ts';
import type { Replica } from '../../../src/registries/replica.ts';
import type { LateImages, Observation } from '../../../src/routing/observe.ts';
import { tagName } from '../../../src/routing/ownership-tag.ts';
import {
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
} from '../../routing/fixtures.ts';
import type { Incident, Kind } from './incident.ts';

export const home = 'eastus';
/** Infrastructure code runs as often as this, in minutes. */
const writerPeriod = 15;

/** What is really so, minute by minute. */
export class Truth {
  readonly replicas: Map<string, Replica>;
  readonly #incidents: readonly Incident[];
  readonly #regions: readonly string[];
  readonly #random: () => number;
  #next = 0;
  #active: Incident[] = [];
  /** Changes that Azure accepted and that take effect later. */
  #accepted: { readonly at: number; readonly region: string; readonly take: () => void }[] = [];

  constructor(regions: readonly string[], incidents: readonly Incident[], random: () => number) {
    this.#regions = regions;
    this.#incidents = incidents;
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
    for (const { from } of this.#of('writer')) if ((now - from) % writerPeriod === 0) this.#overwrite();
    for (const region of this.#regions) {
      // Azure shows that it is at work, or at first not yet.
      const isAtWork = this.#accepted.some((one) => one.region === region && one.at % 2 === 0);
      const isUpdating = isAtWork || this.#of('stuck', region).length > 0;
      this.set(region, { provisioningState: isUpdating ? 'Updating' : 'Succeeded' });
    }
  }

  /** The minute at which anything happens next by itself. */
  nextAt(now: number): number {
    if (this.#active.length > 0 || this.#accepted.length > 0) return now;
    return this.#incidents[this.#next]?.from ?? Number.POSITIVE_INFINITY;
  }

  observe(now: number): Observation {
    const isSilent = this.#of('homeOutage').length > 0;
    const late = this.#late(now);
    return anObservation(
      [...this.replicas.values()].map((replica) => ({
        id: replica.id,
        name: replica.name,
        region: replica.region,
        // An answer comes through now and then.
        read: isSilent && this.#random() < 0.8 ? undefined : replica,
        reachability: this.#reachability(replica.region, now),
      })),
      {
        home: isSilent ? undefined : home,
        controlPlaneError: isSilent ? 'no answer in time' : undefined,
        lateImages: late,
      },
    );
  }

  registry(changes: Partial<Registry>): Registry {
    const policy = this.#active.flatMap(({ kind, region, from, to }) => {
      if (kind === 'canary') return never(region);
      return kind === 'window' ? off(region, minute(from), minute(to)) : [];
    });
    return aRegistry({ ...changes, policy });
  }

  set(region: string, changes: Partial<Replica>): void {
    this.replicas.set(region, { ...(this.replicas.get(region) ?? aReplica(region)), ...changes });
  }

  accept(region: string, at: number, take: () => void): void {
    this.#accepted.push({ at, region, take });
  }

  routedBeside(region: string): number {
    return [...this.replicas.values()].filter(
      (one) => one.region !== region && one.globalRouting === 'enabled',
    ).length;
  }

  #of(kind: Kind, region?: string): Incident[] {
    return this.#active.filter((one) => one.kind === kind && (region === undefined || one.region === region));
  }

  #end({ kind, region }: Incident): void {
    const isTheirs = this.replicas.get(region)?.lastModifiedBy === 'operator';
    if (kind === 'byHand' && isTheirs) this.set(region, { globalRouting: 'enabled' });
  }

  #overwrite(): void {
    for (const region of this.#regions) {
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
    const decays = this.#of('decay');
    return lateImages(
      Object.fromEntries(decays.map((one) => [one.region, Math.floor(8 * progress(one, now))])),
    );
  }

  #reachability(region: string, now: number): Reachability {
    const isDown =
      this.#of('blind').length > 0 ||
      (region === home && this.#of('homeOutage').length > 0) ||
      ['outage', 'blip', 'window', 'writer'].some((kind) =>
        this.#active.some((one) => one.kind === kind && one.region === region),
      );
    if (isDown) return failing;
    const decay = Math.max(0, ...this.#of('decay', region).map((one) => progress(one, now)));
    const failureRate = Math.max(decay, this.#of('flapping', region).length > 0 ? 0.4 : 0);
    if (failureRate > 0 && this.#random() < failureRate) return failing;
    return this.#of('storm').length > 0 && this.#random() < 0.9 ? throttled : alive;
  }
}

const progress = ({ from, to }: Incident, now: number): number => (now - from) / (to - from);
