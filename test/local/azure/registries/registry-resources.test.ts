import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../local/azure/clock.ts';
import { type LocalAzure, startLocalAzure } from '../../../../local/azure/local-azure.ts';
import { sampleSubscriptionId } from '../../../../local/azure/sample.ts';
import { call } from '../arm-call.ts';
import { registryClient } from '../sdk-clients.ts';

const group = `/subscriptions/${sampleSubscriptionId}/resourceGroups/rg-registry`;
const registry = `${group}/providers/Microsoft.ContainerRegistry/registries/myregistry`;
const list = `${group}/providers/Microsoft.ContainerRegistry/registries`;
describe('a container registry at Resource Manager', () => {
  let azure: LocalAzure;
  const clock = new ManualClock();
  beforeEach(async () => {
    azure = await startLocalAzure({ clock, registryBehaviour: { pageSize: 2 } });
  });
  afterEach(() => azure.close());

  it('is there from the start, in its home region, under its login server', async () => {
    expect(azure.registries.id('MyRegistry')).toBe(registry);
    expect(await registryClient(azure).registries.get('rg-registry', 'myregistry')).toMatchObject({
      id: registry,
      name: 'myregistry',
      location: 'eastus',
      sku: { name: 'Premium', tier: 'Premium' },
      loginServer: 'myregistry.azurecr.io',
      provisioningState: 'Succeeded',
    });
  });

  it('goes with its resource group', () => {
    azure.resourceGroups.delete(sampleSubscriptionId, 'rg-registry');
    expect(azure.registries.setting()).toEqual([]);
  });

  it('raises the activity of the writes below it', async () => {
    const told: string[] = [];
    azure.onActivity(({ operationName }) =>
      told.push(operationName.replace('Microsoft.ContainerRegistry/', '')),
    );
    await call(azure, 'PATCH', `${registry}/replications/westus`, { body: { tags: {} } });
    azure.registries.putWebhook('myregistry', 'evenkeel', 'westus', {
      serviceUri: 'http://127.0.0.1',
      actions: ['push'],
    });
    await call(azure, 'PATCH', `${registry}/webhooks/evenkeel`, { body: { tags: {} } });
    await call(azure, 'DELETE', `${registry}/webhooks/evenkeel`);
    expect(told).toEqual([
      'registries/replications/write',
      'registries/webhooks/write',
      'registries/webhooks/delete',
    ]);
  });

  it.each([
    ['a registry that does not exist', 'GET', `${list}/nobody`, {}, 404, 'ResourceNotFound'],
    [
      'a registry of another group',
      'GET',
      registry.replace('rg-registry', 'rg-spoke-a'),
      {},
      404,
      'ResourceNotFound',
    ],
    [
      'a registry in a group that does not exist',
      'GET',
      registry.replace('rg-registry', 'no'),
      {},
      404,
      'ResourceGroupNotFound',
    ],
    ['replications of no registry', 'GET', `${list}/nobody/replications`, {}, 404, 'ResourceNotFound'],
    [
      'a replication that does not exist',
      'GET',
      `${registry}/replications/nowhere`,
      {},
      404,
      'ResourceNotFound',
    ],
    ['a PATCH of no replication', 'PATCH', `${registry}/replications/nowhere`, {}, 404, 'ResourceNotFound'],
    ['a PATCH of no webhook', 'PATCH', `${registry}/webhooks/nobody`, {}, 404, 'ResourceNotFound'],
    [
      'a routing that is no boolean',
      'PATCH',
      `${registry}/replications/westus`,
      { properties: { regionEndpointEnabled: 'no' } },
      400,
      'InvalidRequestContent',
    ],
    ['a type that registries do not have', 'GET', `${registry}/tokens`, {}, 404, 'InvalidResourceType'],
  ])('refuses %s', async (_what, method, path, body, status, code) => {
    const answer = await call(azure, method, path, method === 'GET' || method === 'DELETE' ? {} : { body });
    expect([answer.status, answer.body]).toMatchObject([
      status,
      { error: { code, message: expect.any(String) } },
    ]);
  });
});
