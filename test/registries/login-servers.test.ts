import { describe, expect, it } from 'vitest';
import { deadlineIn } from '../../src/lib/deadline.ts';
import { StateUnavailableError } from '../../src/lib/errors.ts';
import { registryFinder } from '../../src/registries/finder.ts';
import { type LoginServerStore, loginServers } from '../../src/registries/login-servers.ts';
import { parseRegistries } from '../../src/registries/settings.ts';
import { viewOf } from '../replication/fixtures.ts';
import { registryOf } from './registry-of.ts';

const registry = registryOf();
const deadline = deadlineIn(60_000);

/** Resource Manager and storage; processes come and go. */
function world() {
  const stored = new Map<string, string>();
  const state = { named: new Map<string, string>(), calls: [] as string[], storage: true, nowMs: 0 };
  const store: LoginServerStore = {
    async read(id) {
      state.calls.push('read');
      if (!state.storage) throw new StateUnavailableError('a read', 1_000);
      return stored.get(id);
    },
    async write(id, loginServer) {
      state.calls.push('write');
      if (!state.storage) throw new StateUnavailableError('a write', 1_000);
      stored.set(id, loginServer);
    },
  };
  const directory = {
    shown: async ({ id }: { id: string }) => {
      state.calls.push('shown');
      const loginServer = state.named.get(id);
      return loginServer === undefined ? undefined : { ...viewOf('eastus'), loginServer };
    },
    lastError: () => new Error('503'),
  };
  const process = () =>
    loginServers({
      directory: async () => directory,
      store: async () => store,
      now: () => new Date(state.nowMs),
    });
  return { state, stored, process };
}

describe('the login server of an entry', () => {
  it('is the one that Resource Manager names, and nothing is read of storage', async () => {
    const { state, process } = world();
    state.named.set(registry.id, 'myregistry-a1b2c3.azurecr.io');
    expect(await process().current(registry, deadline)).toBe('myregistry-a1b2c3.azurecr.io');
    expect(state.calls).toEqual(['shown']);
  });

  it('is known to the next process while Resource Manager does not answer, once it was kept', async () => {
    const { state, process } = world();
    state.named.set(registry.id, 'myregistry-a1b2c3.azurecr.io');
    const first = process();
    await first.of(registry, deadline);
    await first.keep(registry, deadline);
    await first.keep(registry, deadline);
    expect(state.calls).toEqual(['shown', 'write']);
    state.named.clear();
    const second = process();
    const upper = registryOf({ id: registry.id.toUpperCase() });
    expect(await second.current(upper, deadline)).toBe('myregistry-a1b2c3.azurecr.io');
    expect(await second.of(registry, deadline)).toBe('myregistry-a1b2c3.azurecr.io');
    expect(state.calls.filter((call) => call === 'read')).toHaveLength(1);
  });

  it('is kept anew when Resource Manager names another one', async () => {
    const { state, stored, process } = world();
    stored.set(registry.id.toLowerCase(), 'myregistry.azurecr.io');
    state.named.set(registry.id, 'myregistry-a1b2c3.azurecr.io');
    const one = process();
    expect(await one.current(registry, deadline)).toBe('myregistry-a1b2c3.azurecr.io');
    await one.keep(registry, deadline);
    expect([...stored.values()]).toEqual(['myregistry-a1b2c3.azurecr.io']);
  });

  it('is asked for now and then where that is enough', async () => {
    const { state, process } = world();
    state.named.set(registry.id, 'myregistry.azurecr.io');
    const one = process();
    for (const minutes of [0, 1, 9, 10, 11]) {
      state.nowMs = minutes * 60_000;
      await one.of(registry, deadline);
    }
    expect(state.calls).toEqual(['shown', 'shown']);
  });

  it('is not known when nothing was ever kept, and storage is not asked at each notice', async () => {
    const { state, process } = world();
    const one = process();
    for (const ms of [0, 1, 9_999, 10_000]) {
      state.nowMs = ms;
      expect(await one.current(registry, deadline)).toBeUndefined();
    }
    expect(state.calls.filter((call) => call === 'read')).toHaveLength(2);
    expect(one.unknown(registry).message).toBe(
      `the login server of ${registry.id} is not known: Resource Manager never named it (503), and none is stored`,
    );
  });

  it('is not known when storage does not answer either, and a failure to keep it is left to the next call', async () => {
    const { state, stored, process } = world();
    state.storage = false;
    const one = process();
    expect(await one.current(registry, deadline)).toBeUndefined();
    state.named.set(registry.id, 'myregistry.azurecr.io');
    await one.current(registry, deadline);
    await one.keep(registry, deadline);
    expect(stored.size).toBe(0);
    state.storage = true;
    await one.keep(registry, deadline);
    expect(stored.size).toBe(1);
  });
});

describe('the entry with a login server', () => {
  const twin = registryOf({ id: registry.id.replace('/rg/', '/rg-b/') });
  const settings = parseRegistries(JSON.stringify([{ id: registry.id }, { id: twin.id }, { id: 'x' }]));

  it('is found, and Resource Manager is asked only when it is not known yet', async () => {
    const { state, process } = world();
    state.named.set(registry.id, 'myregistry.azurecr.io').set(twin.id, 'myregistry-a1b2c3.azurecr.io');
    const finder = registryFinder(settings, process());
    for (const loginServer of state.named.values()) {
      for (const _ of [1, 2]) await finder.withLoginServer(loginServer, deadline);
    }
    expect((await finder.withLoginServer('myregistry-a1b2c3.azurecr.io', deadline))?.id).toBe(twin.id);
    expect(await finder.withLoginServer('myregistry', deadline)).toBeUndefined();
    expect(state.calls).toEqual(['shown', 'shown']);
  });

  it('is the one that a notice came from, while nothing else is known', async () => {
    const { process } = world();
    const alone = parseRegistries(JSON.stringify([{ id: registry.id }]));
    const finder = registryFinder(alone, process());
    const host = 'myregistry-a1b2c3.azurecr.io';
    await expect(finder.select('myregistry', deadline)).rejects.toThrow(
      /^the login server of .* is not known/,
    );
    expect(await finder.ownerOf({ host }, deadline)).toMatchObject({ kind: 'found', loginServer: host });
    expect(await finder.select('myregistry', deadline)).toMatchObject({ loginServer: host });
    // Nothing is decided about images by it.
    expect(await finder.withLoginServer(host, deadline)).toBeUndefined();
  });

  it('keeps no other host out for it', async () => {
    const { process } = world();
    const finder = registryFinder(parseRegistries(JSON.stringify([{ id: registry.id }])), process());
    for (const host of ['myregistry-ffffff.azurecr.io', 'myregistry-a1b2c3.azurecr.io']) {
      expect(await finder.ownerOf({ host }, deadline)).toMatchObject({ kind: 'found', loginServer: host });
    }
  });

  it('is not guessed where two have the name', async () => {
    const { process } = world();
    const finder = registryFinder(settings, process());
    const host = 'myregistry-a1b2c3.azurecr.io';
    expect(await finder.ownerOf({ host }, deadline)).toMatchObject({ kind: 'found', loginServer: host });
    expect(await finder.withLoginServer(host, deadline)).toBeUndefined();
    expect(await finder.select('myregistry', deadline)).toEqual({
      kind: 'ambiguous',
      choices: [registry.id.toLowerCase(), twin.id.toLowerCase()],
    });
  });
});
