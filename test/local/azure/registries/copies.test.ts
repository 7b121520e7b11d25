import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../local/azure/clock.ts';
import {
  type LocalAzure,
  type LocalAzureOptions,
  startLocalAzure,
} from '../../../../local/azure/local-azure.ts';

const regions = ['eastus', 'southeastasia', 'westeurope', 'westus'];
const image = { registry: 'myregistry', repository: 'team/app', tag: 'v1' };

describe('the images of a registry', () => {
  let azure: LocalAzure;
  let clock: ManualClock;
  const start = async (options: LocalAzureOptions = {}) => {
    await azure?.close();
    clock = new ManualClock();
    azure = await startLocalAzure({ clock, registryBehaviour: { copyDelayMs: [100, 1_000] }, ...options });
  };
  beforeEach(() => start());
  afterEach(() => azure.close());

  const holding = (reference: string) =>
    regions.filter((region) => azure.registries.holds('myregistry', region, reference));
  const resolved = (reference: string) =>
    regions.map((region) => azure.registries.resolve('myregistry', region, reference));

  it('are at once where they are pushed, and elsewhere after a while', async () => {
    const digest = azure.registries.push({ ...image, region: 'West US' });
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(holding('team/app:v1')).toEqual(['westus']);
    await clock.advance(99);
    expect(holding('team/app:v1')).toEqual(['westus']);
    await clock.advance(901);
    expect(holding(`team/app@${digest}`)).toEqual(regions);
    expect(resolved('team/app:v1')).toEqual(regions.map(() => digest));
    expect(holding('team/app:v2')).toEqual([]);
    expect(holding('team/app')).toEqual([]);
  });

  it('arrive in the order that the seed draws', async () => {
    const arrivals = async (registrySeed: number) => {
      await start({ registrySeed });
      const order: string[] = [];
      azure.registries.onArrival(({ replica }) => order.push(`${replica.region} ${clock.now()}`));
      const digest = azure.registries.push(image);
      await clock.advance(1_000);
      return [digest, ...order];
    };
    expect(await arrivals(7)).toEqual(await arrivals(7));
    expect(await arrivals(7)).not.toEqual(await arrivals(8));
  });

  it('of several platforms come as an index whose manifests are pushed before it, without the tag', async () => {
    const pushed: unknown[] = [];
    azure.registries.onArrival(({ change, isCopy }) => {
      if (!isCopy) pushed.push([change.manifest.mediaType.split('.').at(-2), change.tag]);
    });
    const digest = azure.registries.push({ ...image, platforms: ['linux/amd64', 'linux/arm64/v8'] });
    expect(pushed).toEqual([
      ['manifest', undefined],
      ['manifest', undefined],
      ['index', 'v1'],
    ]);
    expect(azure.registries.resolve('myregistry', 'eastus', 'team/app:v1')).toBe(digest);
  });

  it('get another tag by another push of their digest', async () => {
    const digest = azure.registries.push(image);
    await clock.advance(1_000);
    expect(azure.registries.push({ ...image, tag: 'latest', digest })).toBe(digest);
    await clock.advance(1_000);
    expect(resolved('team/app')).toEqual(regions.map(() => digest));
    expect(azure.registries.replica('myregistry', 'westus').images).toBe(1);
  });

  it('are told by any digest that a push names', () => {
    const digest = `sha256:${'ab'.repeat(32)}`;
    expect(azure.registries.push({ ...image, digest })).toBe(digest);
    expect(holding(`team/app@${digest}`)).toEqual(['eastus']);
  });

  it('leave a tag in every region on the last of two pushes, whichever copy comes first', async () => {
    azure.registries.stall('myregistry', 'westus');
    azure.registries.push(image);
    await clock.advance(1_000);
    // The second push goes to the stalled replica itself, so that the first one's copy comes after it.
    const second = azure.registries.push({ ...image, region: 'westus' });
    azure.registries.resume('myregistry', 'westus');
    await clock.advance(1_000);
    expect(resolved('team/app:v1')).toEqual(regions.map(() => second));
  });

  it('can lose a tag to the late copy of an older push', async () => {
    azure.registries.change({ olderCopyMovesTag: true });
    azure.registries.stall('myregistry', 'westus');
    const first = azure.registries.push(image);
    await clock.advance(1_000);
    azure.registries.push({ ...image, region: 'westus' });
    azure.registries.resume('myregistry', 'westus');
    await clock.advance(1_000);
    expect(azure.registries.resolve('myregistry', 'westus', 'team/app:v1')).toBe(first);
  });

  it('wait for a stalled replica to resume', async () => {
    azure.registries.stall('myregistry', 'westus');
    azure.registries.push(image);
    await clock.advance(3_600_000);
    expect(holding('team/app:v1')).toEqual(['eastus', 'southeastasia', 'westeurope']);
    expect(azure.registries.replica('myregistry', 'westus').isStalled).toBe(true);
    azure.registries.resume('myregistry', 'westus');
    expect(holding('team/app:v1')).toEqual(regions);
  });

  it('are deleted with their tags, at once here and after a while elsewhere', async () => {
    const digest = azure.registries.push(image);
    await clock.advance(1_000);
    azure.registries.delete({ ...image, digest });
    expect(holding('team/app:v1')).toEqual(['southeastasia', 'westeurope', 'westus']);
    await clock.advance(1_000);
    expect([...holding('team/app:v1'), ...holding(`team/app@${digest}`)]).toEqual([]);
    azure.registries.push({ ...image, tag: undefined, digest });
    expect([...holding('team/app:v1'), ...holding(`team/app@${digest}`)]).toEqual(['eastus']);
    azure.registries.delete({ ...image, digest });
    expect(() => azure.registries.delete({ ...image, digest })).toThrow(RangeError);
  });

  it('do not come back by a copy that a deletion overtook, but by another push', async () => {
    azure.registries.stall('myregistry', 'westus');
    const digest = azure.registries.push(image);
    await clock.advance(1_000);
    azure.registries.delete({ ...image, digest, region: 'westus' });
    await clock.advance(1_000);
    azure.registries.resume('myregistry', 'westus');
    expect(holding(`team/app@${digest}`)).toEqual([]);
    azure.registries.push({ ...image, digest });
    await clock.advance(1_000);
    expect(holding('team/app:v1')).toEqual(regions);
  });

  it('come to a replica that is added later, and none to one that is removed', async () => {
    const arrived: string[] = [];
    azure.registries.onArrival(({ replica }) => arrived.push(replica.region));
    azure.registries.push(image);
    azure.registries.removeReplica('myregistry', 'westus');
    await clock.advance(1_000);
    expect(arrived.toSorted()).toEqual(['eastus', 'southeastasia', 'westeurope']);
    azure.registries.addReplica('myregistry', 'japaneast');
    expect(azure.registries.holds('myregistry', 'japaneast', 'team/app:v1')).toBe(false);
    await clock.advance(1_000);
    expect(azure.registries.holds('myregistry', 'japaneast', 'team/app:v1')).toBe(true);
    expect(() => azure.registries.replica('myregistry', 'westus')).toThrow('no replica in westus');
  });

  it('are idle when no copy is on its way', async () => {
    azure.registries.push(image);
    await azure.registries.idle({ dueWithinMs: 50 });
    let isIdle = false;
    const idle = azure.registries.idle().then(() => {
      isIdle = true;
    });
    await clock.advance(50);
    expect(isIdle).toBe(false);
    await clock.advance(950);
    await idle;
    expect(holding('team/app:v1')).toEqual(regions);
  });

  it('go with a registry that is created anew', async () => {
    azure.registries.push(image);
    azure.registries.create({ name: 'myregistry', home: 'westus', replicas: ['westus', 'eastus'] });
    await clock.advance(1_000);
    expect(azure.registries.replicas('myregistry')).toMatchObject([
      { region: 'eastus', images: 0 },
      { region: 'westus', images: 0 },
    ]);
  });
});
