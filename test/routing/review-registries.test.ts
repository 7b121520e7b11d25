import { describe, expect, it } from 'vitest';
import type { Registry } from '../../src/registries/registry.ts';
import type { ReviewPorts } from '../../src/routing/ports.ts';
import { reviewRegistries, throwFailures } from '../../src/routing/review-registries.ts';
import type { ReviewSettings } from '../../src/routing/review-settings.ts';
import type { ReviewState } from '../../src/routing/state.ts';
import { resourceOf } from '../registries/registry-of.ts';
import { noDeadline } from '../replication/fixtures.ts';
import { alive, aRegistry, aReplica, someRules, start, stateAfter } from './fixtures.ts';

const registries = (count: number): Registry[] =>
  Array.from({ length: count }, (_, index) => aRegistry({ name: `registry${index}` }));

/** Registries with so many replicas each; every call waits for `answer`. */
function portsOf(replicas: number, answer: (registry: Registry) => Promise<void>) {
  const states = new Map<string, ReviewState>();
  const names = Array.from({ length: replicas }, (_, index) => `region${index}`);
  const under = { way: 0, most: 0 };
  const call = async <T>(registry: Registry, result: T): Promise<T> => {
    under.way += 1;
    under.most = Math.max(under.most, under.way);
    await answer(registry);
    under.way -= 1;
    return result;
  };
  const ports: ReviewPorts = {
    loginServers: {
      of: async ({ name }) => `${name}.azurecr.io`,
      known: ({ name }) => `${name}.azurecr.io`,
      keep: async () => {},
    },
    states: {
      read: async (name) => {
        const state = states.get(name);
        return state && { state, etag: 'etag' };
      },
      write: async (name, state) => {
        states.set(name, state);
        return 'etag';
      },
    },
    reader: {
      read: (registry) => call(registry, resourceOf({ location: 'region0' })),
      listReplicas: (registry) =>
        call(
          registry,
          names.map((name) => aReplica(name)),
        ),
      readReplica: (registry, name) => call(registry, aReplica(name)),
    },
    prober: {
      probe: (registry) => call(registry, alive),
      pull: (registry) => call(registry, { kind: 'served', latencyMs: 5 }),
    },
    newestReplicated: async () => undefined,
    hearsay: { availability: async () => undefined, route: async () => undefined },
    writer: { setGlobalRouting: () => Promise.reject(new Error('nothing is to be changed')) },
    signals: { publish: async () => {} },
    clock: { now: () => start },
  };
  return { ports, states, under };
}

const run = (count: number, ports: ReviewPorts, rules: Partial<ReviewSettings> = {}) =>
  reviewRegistries({ registries: registries(count), lateImages: undefined, rules: someRules(rules) }, ports);

describe('the review of all registries', () => {
  it('covers 50 registries of 20 replicas with a bounded number of concurrent calls', async () => {
    const { ports, states, under } = portsOf(20, () => new Promise((resolve) => setImmediate(resolve)));
    const outcomes = await run(50, ports);
    expect(outcomes.map(({ result }) => result)).toEqual(Array.from({ length: 50 }, () => 'reviewed'));
    expect([...states.values()].every(({ replicas }) => replicas.length === 20)).toBe(true);
    // At 100 ms a call, 50 registries of 20 replicas take 50 · 42 / 96 · 100 ms, some 2 s.
    expect(under.most).toBeGreaterThanOrEqual(96);
    expect(under.most).toBeLessThanOrEqual(192);
  });

  it('waits for a registry that does not answer no longer than that registry’s own time', async () => {
    const never = new Promise<void>(() => {});
    const { ports, states } = portsOf(3, ({ name }) => (name === 'registry1' ? never : Promise.resolve()));
    const written: string[] = [];
    const write: ReviewPorts['states']['write'] = (name, ...rest) => {
      written.push(name);
      return ports.states.write(name, ...rest);
    };
    await run(20, { ...ports, states: { ...ports.states, write } }, { runMs: 300 });
    expect(states.get('registry1.azurecr.io')?.controlPlaneError?.reason).toBe('no answer in time');
    expect(new Set(written).size).toBe(20);
    expect(written.at(-1)).toBe('registry1.azurecr.io');
  });

  it('fails for the registries that failed, after all were reviewed', async () => {
    const { ports, states } = portsOf(1, () => Promise.resolve());
    const down = new Error('storage is down');
    const read: ReviewPorts['states']['read'] = (name) =>
      name === 'registry0.azurecr.io' ? Promise.reject(down) : ports.states.read(name, noDeadline);
    const outcomes = await run(3, { ...ports, states: { ...ports.states, read } });
    expect(outcomes.map(({ result }) => result)).toEqual(['failed', 'reviewed', 'reviewed']);
    expect(states.size).toBe(2);
    expect(() => throwFailures(outcomes)).toThrow('the review of registry0 failed');
    expect(() => throwFailures(outcomes.slice(1))).not.toThrow();
  });

  it('gives up on a registry whose storage hangs', async () => {
    const { ports } = portsOf(1, () => Promise.resolve());
    const states = { ...ports.states, read: () => new Promise<never>(() => {}) };
    const outcomes = await run(2, { ...ports, states }, { runMs: 50 });
    expect(outcomes.map(({ result }) => result)).toEqual(['failed', 'failed']);
  });
});

describe('the state of a registry', () => {
  const registry = aRegistry();
  const reviewWith = async (stored: ReadonlyMap<string, ReviewState>, loginServer: string | undefined) => {
    const { ports } = portsOf(1, () => Promise.resolve());
    const written = new Map(stored);
    const states: ReviewPorts['states'] = {
      read: async (key) => {
        const state = written.get(key);
        return state && { state, etag: 'etag' };
      },
      write: async (key, state, etag) => {
        expect(etag).toBe(written.has(key) ? 'etag' : undefined);
        written.set(key, state);
        return 'etag';
      },
    };
    const loginServers = { ...ports.loginServers, of: async () => loginServer };
    const request = { registries: [registry], lateImages: undefined, rules: someRules() };
    const [outcome] = await reviewRegistries(request, { ...ports, states, loginServers });
    expect(outcome).toMatchObject({ result: 'reviewed', loginServer });
    return written;
  };
  const flaggedSince = (states: ReadonlyMap<string, ReviewState>, key: string) =>
    states.get(key)?.replicas.map(({ verdict }) => verdict.flagged);
  const flagged = stateAfter(4);

  it('is stored under its login server, or under its ARM id until that is known', async () => {
    expect([...(await reviewWith(new Map(), 'myregistry-a1b2c3.azurecr.io')).keys()]).toEqual([
      'myregistry-a1b2c3.azurecr.io',
    ]);
    expect([...(await reviewWith(new Map(), undefined)).keys()]).toEqual([registry.id.toLowerCase()]);
  });

  it.each(['myregistry', registry.id.toLowerCase()])('is taken over from %s', async (earlier) => {
    const states = await reviewWith(new Map([[earlier, flagged]]), 'myregistry.azurecr.io');
    expect(flaggedSince(states, earlier)).toContain(true);
    expect(flaggedSince(states, 'myregistry.azurecr.io')).toContain(true);
  });

  it.each([
    ['all', ['eastus', 'westus']],
    ['some', ['eastus']],
  ])('is not taken over from a registry that had the name: %s of its replicas are others', async (_, of) => {
    const replicas = flagged.replicas.map((one) =>
      of.includes(one.region) ? { ...one, id: one.id.replace('/rg-registry/', '/rg-b/') } : one,
    );
    const theirs = { ...flagged, replicas };
    const states = await reviewWith(new Map([['myregistry', theirs]]), 'myregistry.azurecr.io');
    expect(flaggedSince(states, 'myregistry.azurecr.io')).not.toContain(true);
  });

  it('is looked for under each of its keys once', async () => {
    for (const loginServer of [undefined, 'myregistry.azurecr.io']) {
      const { ports } = portsOf(1, () => Promise.resolve());
      const keys: string[] = [];
      const read: ReviewPorts['states']['read'] = async (key) => void keys.push(key);
      const states = { ...ports.states, read };
      const loginServers = { ...ports.loginServers, of: async () => loginServer };
      const request = { registries: [registry], lateImages: undefined, rules: someRules() };
      await reviewRegistries(request, { ...ports, states, loginServers });
      expect(keys).toEqual([
        ...(loginServer === undefined ? [] : [loginServer]),
        ...[registry.id.toLowerCase(), 'myregistry'],
      ]);
    }
  });
});
