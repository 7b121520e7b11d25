import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf, installReplication, type ReplicationInstallation } from './replication-installation.ts';

const replicated = 'evenkeel.registry.replicated';
const regions = ['eastus', 'southeastasia', 'westeurope', 'westus'];

describe('an image of a registry in four regions', () => {
  let world: ReplicationInstallation;
  beforeAll(async () => {
    world = await installReplication();
  });
  afterAll(() => world.close());

  it('is unknown before anybody told of it', async () => {
    const { status, body } = await world.ask('v0');
    expect(status).toBe(404);
    expect(body).toMatchObject({ error: { code: 'imageNotSeen' } });
  });

  it('is pending until every region told of it, then replicated, with one signal', async () => {
    const digest = digestOf('first');
    for (const region of regions.slice(0, 3)) {
      expect(await world.tell({ region, digest, tag: 'v1' })).toBe(200);
    }
    const before = await world.ask('v1');
    expect(before.status).toBe(202);
    expect(Number(before.retryAfter)).toBeGreaterThan(0);
    expect(before.body).toMatchObject({
      state: 'pending',
      digest,
      regions: [
        { region: 'eastus', state: 'available', evidence: 'webhook' },
        { region: 'southeastasia', state: 'available' },
        { region: 'westeurope', state: 'available' },
        { region: 'westus', state: 'waiting' },
      ],
    });
    expect(world.signals(replicated)).toEqual([]);
    expect(await world.tell({ region: 'westus', digest, tag: 'v1' })).toBe(200);
    const after = await world.ask(digest);
    expect(after.status).toBe(200);
    expect(after.body).toMatchObject({ state: 'replicated', replicatedAt: expect.stringMatching(/Z$/) });
    expect(world.signals(replicated)).toMatchObject([{ subject: 'team/app:v1' }]);
  });
});
