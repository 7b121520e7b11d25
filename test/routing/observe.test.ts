import { describe, expect, it } from 'vitest';
import type { ProbeImage } from '../../src/registries/ports.ts';
import type { Registry } from '../../src/registries/registry.ts';
import { observe } from '../../src/routing/observe.ts';
import type { ReplicaState } from '../../src/routing/state.ts';
import { noDeadline } from '../replication/fixtures.ts';
import { alive, aReplica, aReplicaState, served } from './fixtures.ts';
import { noAnswer, World } from './world.ts';

const newWorld = (registry: Partial<Registry> = {}) => new World(['eastus', 'westus'], registry);
const look = (world: World, known: readonly ReplicaState[] = []) =>
  observe(world.registry, known, undefined, world.ports, noDeadline);
/** From now on these calls are not answered. */
const silence = (world: World, ...calls: string[]) => {
  world.around = (call) => {
    if (calls.includes(call)) throw noAnswer(call);
  };
};

describe('a look at a registry', () => {
  it('shows each replica of the list, read by id and probed', async () => {
    expect(await look(newWorld())).toMatchObject({
      ...{ home: 'eastus', controlPlaneError: undefined, probeImage: undefined, lateImages: undefined },
      replicas: ['eastus', 'westus'].map((region) => ({
        ...{ name: region, region, read: aReplica(region), reachability: alive, pull: undefined },
      })),
    });
  });

  it('includes what the last review knew, by its name then, whose casing may differ in the list', async () => {
    const world = newWorld();
    world.list = [aReplica('eastus'), { ...aReplica('westus'), name: 'WESTUS' }];
    const known = ['westus', 'uksouth'].map((region) => aReplicaState(region));
    const { replicas } = await look(world, known);
    expect(replicas.map(({ name, absent }) => [name, absent])).toEqual([
      ['eastus', undefined],
      ['westus', undefined],
      ['uksouth', 'notListed'],
    ]);
    world.replicas.delete('westus');
    const later = await look(world, known);
    expect(later.replicas.map(({ absent }) => absent)).toEqual([undefined, 'listed', 'notListed']);
  });

  it('says what Resource Manager left open', async () => {
    const world = newWorld();
    silence(world, 'read registry');
    expect(await look(world)).toMatchObject({
      ...{ home: undefined, controlPlaneError: noAnswer('read registry').message },
    });
    silence(world, 'list replicas');
    const unlisted = await look(world, [aReplicaState('eastus'), aReplicaState('uksouth')]);
    expect(unlisted).toMatchObject({
      controlPlaneError: noAnswer('list replicas').message,
      replicas: [{ read: { name: 'eastus' } }, { read: undefined, absent: 'listUnread' }],
    });
    silence(world, 'read replica');
    const { controlPlaneError, replicas } = await look(world);
    expect(controlPlaneError).toBe(noAnswer('read replica').message);
    expect(replicas).toMatchObject([
      { read: undefined, reachability: alive },
      { read: undefined, reachability: alive },
    ]);
    expect(replicas.map(({ absent }) => absent)).toEqual([undefined, undefined]);
  });

  it('blames a missing registry before the calls that failed because of it', async () => {
    const world = newWorld();
    world.exists = false;
    silence(world, 'list replicas');
    expect((await look(world)).controlPlaneError).toMatch(/does not exist/);
  });

  it('knows nothing of an endpoint whose probe was not answered in time', async () => {
    const world = newWorld();
    silence(world, 'probe');
    const [eastus] = (await look(world)).replicas;
    expect(eastus?.reachability).toEqual({ kind: 'unknown', reason: noAnswer('probe').message });
  });

  it('asks nobody when its time is over', async () => {
    const world = newWorld();
    let calls = 0;
    world.around = () => {
      calls += 1;
    };
    const signal = AbortSignal.abort(new DOMException('', 'TimeoutError'));
    const known = [aReplicaState('eastus')];
    const seen = await observe(world.registry, known, undefined, world.ports, { ...noDeadline, signal });
    expect(calls).toBe(0);
    expect(seen).toMatchObject({ controlPlaneError: 'no answer in time', replicas: [{ read: undefined }] });
  });
});

describe('the image that a look pulls', () => {
  const newest: ProbeImage = { repository: 'team/app', reference: 'sha256:1', regions: ['eastus'] };
  const own = { repository: 'probe', reference: 'v1' };
  const pulled = async (registry: Partial<Registry>, known: ProbeImage | undefined = newest) => {
    const world = newWorld(registry);
    world.newest = known;
    const calls: string[] = [];
    world.around = (call, moment) => {
      if (moment === 'before' && /newest|pull/.test(call)) calls.push(call);
    };
    const { probeImage, replicas } = await look(world);
    return { probeImage, pulls: replicas.map(({ pull }) => pull), calls };
  };

  it('is none unless the registry is probed by pulls', async () => {
    expect(await pulled({})).toEqual({ probeImage: undefined, pulls: [undefined, undefined], calls: [] });
  });
  it('is the newest one that is known to be everywhere', async () => {
    expect(await pulled({ probe: 'pull' })).toEqual({
      ...{ probeImage: newest, pulls: [served, served], calls: ['newest image', 'pull', 'pull'] },
    });
  });
  it('is the one that the registry’s entry names, which must be in every region', async () => {
    expect(await pulled({ probe: 'pull', probeImage: own })).toEqual({
      ...{ probeImage: { ...own, regions: 'all' }, pulls: [served, served], calls: ['pull', 'pull'] },
    });
  });
  it('is none while the ledger does not answer, and the rest is seen', async () => {
    const world = newWorld({ probe: 'pull' });
    silence(world, 'newest image');
    const seen = await look(world);
    expect(seen).toMatchObject({ probeImage: undefined, controlPlaneError: undefined });
    expect(seen.replicas.map(({ pull }) => pull)).toEqual([undefined, undefined]);
  });
  it('is of unknown worth where its pull was not answered in time', async () => {
    const world = newWorld({ probe: 'pull', probeImage: own });
    silence(world, 'pull');
    const [eastus] = (await look(world)).replicas;
    expect(eastus?.pull).toEqual({ kind: 'unknown', reason: noAnswer('pull').message });
  });
});
