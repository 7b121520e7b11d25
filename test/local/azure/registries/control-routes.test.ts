import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../local/azure/clock.ts';
import { type LocalAzure, startLocalAzure } from '../../../../local/azure/local-azure.ts';
import { call } from '../arm-call.ts';
import { startReceiver } from '../web-hook-receiver.ts';

describe('the control surface of registries', () => {
  let azure: LocalAzure;
  const clock = new ManualClock();
  beforeEach(async () => {
    azure = await startLocalAzure({ clock, registryBehaviour: { copyDelayMs: [100, 100] } });
  });
  afterEach(() => azure.close());

  const sim = (method: string, path: string, body?: unknown) =>
    call(azure, method, `/_sim/registries${path}`, body === undefined ? {} : { body });
  const holders = (reference: string) =>
    azure.registries
      .replicas('myregistry')
      .filter(({ region }) => azure.registries.holds('myregistry', region, reference))
      .map(({ region }) => region);

  it('pushes an image and deletes it', async () => {
    const pushed = await sim('POST', '/push', { repository: 'app', tag: 'v1', region: 'westus' });
    expect(pushed).toMatchObject({ status: 201, body: { digest: expect.stringMatching(/^sha256:/) } });
    expect(holders('app:v1')).toEqual(['westus']);
    await clock.advance(100);
    expect(holders('app:v1')).toHaveLength(4);
    const digest = azure.registries.resolve('myregistry', 'eastus', 'app:v1');
    expect((await sim('POST', '/delete', { repository: 'app', digest })).status).toBe(204);
    await clock.advance(100);
    expect(holders('app:v1')).toEqual([]);
  });

  it('stalls a replica and lets it catch up', async () => {
    await sim('POST', '/stall', { region: 'westus' });
    await sim('POST', '/push', { repository: 'app', tag: 'v1' });
    await clock.advance(100);
    expect(holders('app:v1')).toEqual(['eastus', 'southeastasia', 'westeurope']);
    expect((await sim('POST', '/resume', { region: 'West US' })).status).toBe(204);
    expect(holders('app:v1')).toHaveLength(4);
  });

  it('degrades a regional endpoint and restores it', async () => {
    const ping = async () => (await fetch(`${azure.registries.endpoint('myregistry', 'westus')}/v2/`)).status;
    await sim('POST', '/degrade', { region: 'westus', status: 429, retryAfterSeconds: 1 });
    expect(await ping()).toBe(429);
    await sim('POST', '/restore', { region: 'westus' });
    expect(await ping()).toBe(200);
  });

  it('loses webhooks', async () => {
    const receiver = await startReceiver();
    azure.registries.putWebhook('myregistry', 'hook1', 'eastus', {
      serviceUri: receiver.url,
      actions: ['push'],
    });
    expect((await sim('POST', '/lose-webhooks', { region: 'eastus' })).status).toBe(204);
    for (const tag of ['v1', 'v2']) azure.registries.push({ registry: 'myregistry', repository: 'app', tag });
    await azure.registries.idle({ dueWithinMs: 0 });
    await receiver.close();
    expect(receiver.deliveries).toHaveLength(1);
  });

  it('puts a replication into a condition, and shows all registries', async () => {
    const condition = {
      globalRouting: 'disabled',
      displayStatus: 'Degraded',
      by: 'terraform',
      tags: { a: 'b' },
    };
    const { by, ...shown } = condition;
    expect((await sim('POST', '/replica', { region: 'westus', ...condition })).body).toMatchObject({
      ...shown,
      lastModifiedBy: by,
    });
    expect((await sim('GET', '')).body).toMatchObject({
      value: [
        {
          id: azure.registries.id('myregistry'),
          name: 'myregistry',
          endpoints: { westus: azure.registries.endpoint('myregistry', 'westus') },
          replicas: [{}, {}, {}, { region: 'westus', globalRouting: 'disabled' }],
        },
      ],
    });
  });

  it.each([
    ['/push', { tag: 'v1' }],
    ['/push', { repository: 'app', registry: 'nobody' }],
    ['/delete', { repository: 'app', digest: 'sha256:00' }],
    ['/stall', { region: 'japaneast' }],
    ['/degrade', { region: 'westus', status: 200 }],
    ['/degrade', { region: 'westus', sulk: true }],
    ['/replica', { region: 'westus', provisioningState: 'Great' }],
  ])('refuses %s with %j', async (path, body) => {
    expect(await sim('POST', path, body)).toMatchObject({
      status: 400,
      body: { error: { message: expect.any(String) } },
    });
  });
});
