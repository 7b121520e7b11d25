import { describe, expect, it } from 'vitest';
import { type Deadline, deadlineIn } from '../../src/lib/deadline.ts';
import { replicaDirectory } from '../../src/registries/directory.ts';
import type { RegistryReader } from '../../src/registries/ports.ts';
import { RegistryMissingError } from '../../src/registries/registry.ts';
import type { Replica } from '../../src/registries/replica.ts';
import { InMemoryMemberships } from './in-memory-memberships.ts';
import { registryOf, replicaOf, resourceOf } from './registry-of.ts';

const registry = registryOf();
const deadline: Deadline = { signal: new AbortController().signal, remainingMs: () => 25_000 };

/** A control plane with a clock, whose answers are counted and can be held back. */
function world(regions: string[], memory = new InMemoryMemberships()) {
  let nowMs = Date.parse('2026-11-21T08:00:00Z');
  const calls = { read: 0, list: 0, byId: 0 };
  const state: {
    failure: Error | undefined;
    isMissing: boolean;
    gate: Promise<void> | undefined;
    byId: Map<string, Replica>;
  } = {
    byId: new Map(),
    failure: undefined,
    isMissing: false,
    gate: undefined,
  };
  const answer = async <T>(value: T): Promise<T> => {
    await state.gate;
    if (state.failure !== undefined) throw state.failure;
    return value;
  };
  const reader: RegistryReader = {
    read: async () => {
      calls.read++;
      return answer(state.isMissing ? undefined : resourceOf());
    },
    listReplicas: async () => {
      calls.list++;
      if (state.isMissing) throw new Error('404 ResourceNotFound');
      return answer(regions.map((region) => replicaOf(region)));
    },
    readReplica: async (_registry, name) => {
      calls.byId++;
      return answer(state.byId.get(name));
    },
  };
  return {
    calls,
    state,
    regions,
    memory,
    pass: (ms: number) => {
      nowMs += ms;
    },
    directory: replicaDirectory({ reader, memory, now: () => new Date(nowMs) }),
  };
}

describe('the view of a registry', () => {
  it('takes two calls, and no more for a minute', async () => {
    const { calls, directory, pass } = world(['eastus', 'westus']);
    const view = await directory.view(registry, deadline);
    expect(view).toMatchObject({ loginServer: 'myregistry.azurecr.io', home: 'eastus', isCurrent: true });
    expect(view?.replicas.map(({ region }) => region)).toEqual(['eastus', 'westus']);
    pass(59_000);
    await directory.view(registry, deadline);
    expect(calls).toMatchObject({ read: 1, list: 1 });
    pass(2_000);
    await directory.view(registry, deadline);
    expect(calls).toMatchObject({ read: 2, list: 2 });
  });

  it('is fetched once for concurrent callers', async () => {
    const { calls, directory } = world(['eastus']);
    const views = await Promise.all(Array.from({ length: 50 }, () => directory.view(registry, deadline)));
    expect(views.every((view) => view?.isCurrent)).toBe(true);
    expect(calls).toMatchObject({ read: 1, list: 1 });
  });

  it('is fetched for each registry', async () => {
    const { calls, directory } = world(['eastus']);
    await directory.view(registry, deadline);
    await directory.view(registryOf({ id: registryOf().id.replace('/rg/', '/rg-b/') }), deadline);
    expect(calls).toMatchObject({ read: 2, list: 2 });
  });

  it('is served after a failed refresh, and is then not current', async () => {
    const { directory, pass, state } = world(['eastus', 'westus']);
    await directory.view(registry, deadline);
    pass(61_000);
    state.failure = new Error('503');
    const view = await directory.view(registry, deadline);
    expect(view?.isCurrent).toBe(false);
    expect(view?.replicas).toHaveLength(2);
    expect(directory.lastError(registry)).toBe(state.failure);
  });

  it('is refreshed again 10 s after a failure, and not before', async () => {
    const { calls, directory, pass, state } = world(['eastus']);
    state.failure = new Error('503');
    expect(await directory.view(registry, deadline)).toBeUndefined();
    state.failure = undefined;
    pass(9_000);
    expect(await directory.view(registry, deadline)).toBeUndefined();
    expect(calls.read).toBe(1);
    pass(1_000);
    expect(await directory.view(registry, deadline)).toMatchObject({ isCurrent: true });
    expect(directory.lastError(registry)).toBeUndefined();
  });

  it('does not exist for a missing registry, and the error names the setting', async () => {
    const { directory, state } = world([]);
    state.isMissing = true;
    expect(await directory.view(registry, deadline)).toBeUndefined();
    const error = directory.lastError(registry);
    expect(error).toBeInstanceOf(RegistryMissingError);
    expect(error?.message).toContain(`${registry.id} does not exist`);
    expect(error?.message).toContain('REGISTRIES');
  });

  it('is awaited until the deadline of the caller, while the refresh goes on', async () => {
    const { directory, state } = world(['eastus']);
    const { promise, resolve } = Promise.withResolvers<void>();
    state.gate = promise;
    expect(await directory.view(registry, deadlineIn(20))).toBeUndefined();
    const patient = directory.view(registry, deadline);
    resolve();
    expect(await patient).toMatchObject({ isCurrent: true });
  });
});

describe('whether a registry has a region', () => {
  it('follows from the view', async () => {
    const { calls, directory } = world(['eastus', 'westus']);
    expect(await directory.has(registry, 'westus', deadline)).toBe('yes');
    expect(await directory.has(registry, 'uksouth', deadline)).toBe('no');
    expect(calls).toMatchObject({ read: 1, list: 1 });
  });

  it('is no where the replica of that name is in another region', async () => {
    const { directory, state } = world(['eastus']);
    state.byId.set('uksouth', replicaOf('uksouth', { region: 'westus' }));
    expect(await directory.has(registry, 'uksouth', deadline)).toBe('no');
  });

  it('is yes for the home of a registry without replications', async () => {
    expect(await world([]).directory.has(registry, 'eastus', deadline)).toBe('yes');
  });

  it('is read again when a view older than 5 s lacks the region', async () => {
    const { calls, directory, pass, regions } = world(['eastus']);
    expect(await directory.has(registry, 'westus', deadline)).toBe('no');
    regions.push('westus');
    pass(4_000);
    expect(await directory.has(registry, 'westus', deadline)).toBe('no');
    pass(2_000);
    expect(await directory.has(registry, 'westus', deadline)).toBe('yes');
    expect(calls).toMatchObject({ read: 2, list: 2 });
  });

  it('is unverifiable when nothing is known', async () => {
    const { directory, state } = world(['eastus']);
    state.failure = new Error('503');
    expect(await directory.has(registry, 'eastus', deadline)).toBe('unverifiable');
  });

  it('is unverifiable when the view lacks the region and cannot be refreshed', async () => {
    const { calls, directory, pass, state } = world(['eastus']);
    await directory.view(registry, deadline);
    pass(6_000);
    state.failure = new Error('503');
    expect(await directory.has(registry, 'westus', deadline)).toBe('unverifiable');
    expect(await directory.has(registry, 'eastus', deadline)).toBe('yes');
    expect((await directory.view(registry, deadline))?.isCurrent).toBe(false);
    expect(calls.read).toBe(2);
  });

  it('is unverifiable for a caller without the time to refresh', async () => {
    const { directory, pass, state } = world(['eastus']);
    await directory.view(registry, deadline);
    pass(6_000);
    const { promise, resolve } = Promise.withResolvers<void>();
    state.gate = promise;
    expect(await directory.has(registry, 'westus', deadlineIn(20))).toBe('unverifiable');
    resolve();
  });
});

describe('a replica that the list leaves out', () => {
  it('is there when it was seen before, and no call is made for it', async () => {
    const { calls, directory, pass, regions } = world(['eastus', 'westus']);
    await directory.view(registry, deadline);
    regions.pop();
    pass(61_000);
    expect(await directory.has(registry, 'westus', deadline)).toBe('yes');
    expect(calls.byId).toBe(0);
  });

  it('is there when another process saw it', async () => {
    const first = world(['eastus', 'westus']);
    await first.directory.look(registry, 30_000, deadline);
    const second = world(['eastus'], first.memory);
    expect(await second.directory.has(registry, 'westus', deadline)).toBe('yes');
    const { members } = (await second.directory.view(registry, deadline)) ?? {};
    expect([...(members ?? [])].map(([region]) => region).sort()).toEqual(['eastus', 'westus']);
  });

  it('is there when it is found by its id', async () => {
    const { directory, state } = world(['eastus']);
    state.byId.set('westus', replicaOf('westus'));
    expect(await directory.has(registry, 'westus', deadline)).toBe('yes');
  });

  it('is asked for by its id once in 5 s', async () => {
    const { calls, directory, memory, pass } = world(['eastus']);
    for (const _ of [1, 2, 3]) expect(await directory.has(registry, 'narnia', deadline)).toBe('no');
    expect([calls.byId, memory.reads]).toEqual([1, 1]);
    pass(6_000);
    expect(await directory.has(registry, 'narnia', deadline)).toBe('no');
    expect(calls.byId).toBe(2);
  });

  it('is unverifiable while it cannot be read what others saw', async () => {
    const { directory, memory } = world(['eastus']);
    memory.read = () => Promise.reject(new Error('503'));
    expect(await directory.has(registry, 'westus', deadline)).toBe('unverifiable');
    expect((await directory.view(registry, deadline))?.members).toBeUndefined();
  });

  it('is gone after two looks that are far enough apart, for every process', async () => {
    const { calls, directory, memory, pass, regions } = world(['eastus', 'westus']);
    const look = () => directory.look(registry, 30_000, deadline);
    await look();
    regions.pop();
    for (const wait of [60_000, 29_000]) {
      pass(wait);
      await look();
      expect(await directory.has(registry, 'westus', deadline)).toBe('yes');
    }
    pass(1_000);
    await look();
    expect(await directory.has(registry, 'westus', deadline)).toBe('no');
    expect(await world(['eastus'], memory).directory.has(registry, 'westus', deadline)).toBe('no');
    // What is gone is not looked for again.
    const { byId } = calls;
    const { writes } = memory;
    pass(60_000);
    await look();
    expect([calls.byId, memory.writes]).toEqual([byId, writes]);
  });

  it('is not gone as long as it is found by its id, or cannot be read', async () => {
    const { directory, pass, regions, state } = world(['eastus', 'westus']);
    await directory.look(registry, 30_000, deadline);
    regions.pop();
    for (const isFound of [true, false, true]) {
      pass(60_000);
      if (isFound) state.byId.set('westus', replicaOf('westus'));
      else state.byId.delete('westus');
      await directory.look(registry, 30_000, deadline);
    }
    pass(60_000);
    state.failure = new Error('503');
    await expect(directory.look(registry, 30_000, deadline)).rejects.toThrow('503');
    expect(await directory.has(registry, 'westus', deadline)).toBe('yes');
  });

  it('is remembered with one write, and none while nothing changes', async () => {
    const { directory, memory, pass } = world(['eastus', 'westus']);
    for (const _ of [1, 2, 3]) {
      await directory.look(registry, 30_000, deadline);
      pass(60_000);
    }
    expect(memory.writes).toBe(1);
  });
});
