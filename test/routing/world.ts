import { deadlineIn } from '../../src/lib/deadline.ts';
import { StateChangedError, UncertainCallError } from '../../src/lib/errors.ts';
import type { Availability, ProbeImage, PullAnswer } from '../../src/registries/ports.ts';
import type { Registry } from '../../src/registries/registry.ts';
import type { Replica } from '../../src/registries/replica.ts';
import type { ReviewPorts } from '../../src/routing/ports.ts';
import { reviewRegistry } from '../../src/routing/review-registries.ts';
import type { ReviewSettings } from '../../src/routing/review-settings.ts';
import type { ReviewState } from '../../src/routing/state.ts';
import { decodeReviewState, encodeReviewState } from '../../src/routing/state-codec.ts';
import type { Signal } from '../../src/signals/signal.ts';
import { resourceOf } from '../registries/registry-of.ts';
import { alive, aRegistry, aReplica, minute, type Reachability, served, someRules } from './fixtures.ts';

export interface Patch {
  readonly name: string;
  readonly enabled: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

/** One registry at Azure, its endpoints, the stored review and the topic, all in memory. */
export class World {
  readonly registry: Registry;
  rules: ReviewSettings;
  readonly replicas = new Map<string, Replica>();
  readonly reachability = new Map<string, Reachability>();
  /** What a pull is answered; served by default. */
  readonly pulls = new Map<string, PullAnswer>();
  newest: ProbeImage | undefined;
  availability: Availability | undefined;
  route: readonly string[] | undefined;
  /** What the list shows instead of the truth. */
  list: readonly Replica[] | undefined;
  readonly lateImages = new Map<string, number>();
  readonly uncounted = new Map<string, number>();
  stored: { text: string; etag: string } | undefined;
  readonly patches: Patch[] = [];
  readonly published: Signal[] = [];
  minutes = 0;
  /** What accepts a change; it may throw, or leave it running. */
  onPatch: (patch: Patch) => 'done' | 'running' = (patch) => this.apply(patch);
  onPublish: (signals: readonly Signal[]) => void = (signals) => void this.published.push(...signals);
  /** Whether Azure has the registry. */
  exists = true;
  /** Comes before and after each call takes effect. */
  around: (call: string, moment: 'before' | 'after') => void | Promise<void> = () => {};
  #etag = 0;

  constructor(
    regions: readonly string[],
    registry: Partial<Registry> = {},
    rules: Partial<ReviewSettings> = {},
  ) {
    this.registry = aRegistry(registry);
    this.rules = someRules(rules);
    for (const region of regions) {
      this.replicas.set(region, aReplica(region));
      this.reachability.set(region, alive);
    }
  }

  set(name: string, changes: Partial<Replica>): void {
    const replica = this.replicas.get(name);
    if (replica === undefined) throw new Error(`no replica is called ${name}`);
    this.replicas.set(name, { ...replica, ...changes });
  }

  apply({ name, enabled, tags }: Patch): 'done' {
    this.set(name, { globalRouting: enabled ? 'enabled' : 'disabled', tags, lastModifiedBy: 'evenkeel' });
    return 'done';
  }

  routed(): string[] {
    return [...this.replicas.values()].flatMap(({ name, globalRouting }) =>
      globalRouting === 'enabled' ? name : [],
    );
  }

  get state(): ReviewState | undefined {
    return this.stored && decodeReviewState(this.registry.name, this.stored.text);
  }

  async #call<T>(name: string, effect: () => T): Promise<T> {
    await this.around(name, 'before');
    const result = effect();
    await this.around(name, 'after');
    return result;
  }

  readonly ports: ReviewPorts = {
    loginServers: {
      of: async () => 'myregistry.azurecr.io',
      known: () => 'myregistry.azurecr.io',
      keep: async () => {},
    },
    states: {
      read: (name) =>
        this.#call('read state', () => {
          if (this.stored === undefined) return undefined;
          return { state: decodeReviewState(name, this.stored.text), etag: this.stored.etag };
        }),
      write: (_, state, etag) =>
        this.#call('write state', () => {
          if (this.stored?.etag !== etag) throw new StateChangedError('a write');
          this.#etag += 1;
          this.stored = { text: encodeReviewState(state), etag: `etag-${this.#etag}` };
          return this.stored.etag;
        }),
    },
    reader: {
      read: () => this.#call('read registry', () => (this.exists ? resourceOf() : undefined)),
      listReplicas: () => this.#call('list replicas', () => this.list ?? [...this.replicas.values()]),
      readReplica: (_, name) => this.#call('read replica', () => this.replicas.get(name)),
    },
    prober: {
      probe: (_, region) => this.#call('probe', () => this.reachability.get(region) ?? alive),
      pull: (_, region) => this.#call('pull', () => this.pulls.get(region) ?? served),
    },
    newestReplicated: () => this.#call('newest image', () => this.newest),
    hearsay: {
      availability: () => this.#call('availability', () => this.availability),
      route: () => this.#call('route', () => this.route),
    },
    writer: {
      setGlobalRouting: (_, name, { enabled, tags }) =>
        this.#call('set routing', () => {
          const patch = { name, enabled, tags };
          this.patches.push(patch);
          return this.onPatch(patch);
        }),
    },
    signals: {
      publish: (signals) => this.#call('publish', () => this.onPublish(signals)),
    },
    clock: { now: () => minute(this.minutes) },
  };

  run(timeMs = this.rules.runMs) {
    const { registry, rules, lateImages, uncounted } = this;
    return reviewRegistry(
      {
        registry,
        rules,
        lateImages: {
          late: new Map([['myregistry.azurecr.io', lateImages]]),
          uncounted: new Map([['myregistry.azurecr.io', uncounted]]),
        },
      },
      this.ports,
      deadlineIn(timeMs),
    );
  }

  /** A run beside which no other one writes. */
  async runAlone(timeMs?: number) {
    const reviewed = await this.run(timeMs);
    if (reviewed.result !== 'reviewed') throw new Error('another run wrote first');
    return reviewed;
  }

  /** The given number of reviews, one a minute; returns what the last one returned. */
  async review(count = 1) {
    let last: Awaited<ReturnType<World['runAlone']>> | undefined;
    for (let index = 0; index < count; index++) {
      last = await this.runAlone();
      this.minutes += 1;
    }
    if (last === undefined) throw new Error('there was no review');
    return last;
  }
}

export const noAnswer = (operation: string): Error => new UncertainCallError(operation, 'myregistry', '503');
