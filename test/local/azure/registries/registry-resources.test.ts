import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../local/azure/clock.ts';
import { type LocalAzure, startLocalAzure } from '../../../../local/azure/local-azure.ts';
import { sampleSubscriptionId } from '../../../../local/azure/sample.ts';
import { call } from '../arm-call.ts';
import { registryClient } from '../sdk-clients.ts';

const group = `/subscriptions/${sampleSubscriptionId}/resourceGroups/rg-registry`;
const registry = `${group}/providers/Microsoft.ContainerRegistry/registries/myregistry`;
const list = `${group}/providers/Microsoft.ContainerRegistry/registries`;
const names = async (items: AsyncIterable<{ name?: string }>) => {
  const found: unknown[] = [];
  for await (const { name } of items) found.push(name);
  return found;
};

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
      ...{ id: registry, name: 'myregistry', location: 'eastus' },
      sku: { name: 'Premium', tier: 'Premium' },
      loginServer: 'myregistry.azurecr.io',
      provisioningState: 'Succeeded',
    });
  });

  it('is created by the SDK with a replica in its home region, listed and deleted', async () => {
    const { registries, replications } = registryClient(azure);
    const sku = { name: 'Premium' };
    await registries.create('rg-registry', 'another', { location: 'West Europe', sku });
    expect(await names(replications.list('rg-registry', 'another'))).toEqual(['westeurope']);
    expect(await names(registries.listByResourceGroup('rg-registry'))).toEqual(['another', 'myregistry']);
    expect(await names(registries.list())).toEqual(['another', 'myregistry']);
    await registries.delete('rg-registry', 'another');
    await expect(registries.get('rg-registry', 'another')).rejects.toMatchObject({
      ...{ statusCode: 404, code: 'ResourceNotFound' },
    });
    expect((await call(azure, 'DELETE', `${list}/another`)).status).toBe(204);
  });

  it('keeps its replicas when it is written again', async () => {
    const body = { location: 'eastus', sku: { name: 'Premium' }, tags: { a: 'b' } };
    const headers = { 'x-evenkeel-as': 'ada@contoso.example' };
    const answer = await call(azure, 'PUT', registry, { body, headers });
    expect([answer.status, answer.body]).toMatchObject([
      200,
      { tags: { a: 'b' }, systemData: { lastModifiedBy: 'ada@contoso.example', lastModifiedByType: 'User' } },
    ]);
    expect(azure.registries.replicas('myregistry')).toHaveLength(4);
  });

  it('goes with its resource group', () => {
    azure.resourceGroups.delete(sampleSubscriptionId, 'rg-registry');
    expect(azure.registries.setting()).toEqual([]);
  });

  it('raises the activity of its writes and deletions', async () => {
    const told: string[] = [];
    azure.onActivity(({ operationName }) =>
      told.push(operationName.replace('Microsoft.ContainerRegistry/', '')),
    );
    await call(azure, 'PATCH', `${registry}/replications/westus`, { body: { tags: {} } });
    await call(azure, 'DELETE', `${registry}/replications/westus`);
    await call(azure, 'DELETE', registry);
    expect(told).toEqual([
      'registries/replications/write',
      'registries/replications/delete',
      'registries/delete',
    ]);
  });

  const sku = { name: 'Premium' };
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
    ['a webhook that does not exist', 'GET', `${registry}/webhooks/nobody`, {}, 404, 'ResourceNotFound'],
    ['a short name', 'PUT', `${list}/abc`, { location: 'eastus', sku }, 400, 'InvalidName'],
    [
      'a name that is taken elsewhere',
      'PUT',
      registry.replace('rg-registry', 'rg-spoke-a'),
      { location: 'eastus', sku },
      409,
      'AlreadyInUse',
    ],
    ['a registry without a location', 'PUT', `${list}/another`, { sku }, 400, 'InvalidRequestContent'],
    [
      'a second replica in a region',
      'PUT',
      `${registry}/replications/second`,
      { location: 'West US' },
      409,
      'Conflict',
    ],
    ['the end of the home replica', 'DELETE', `${registry}/replications/eastus`, {}, 400, 'InvalidRequest'],
    [
      'a routing that is no boolean',
      'PATCH',
      `${registry}/replications/westus`,
      { properties: { regionEndpointEnabled: 'no' } },
      400,
      'InvalidRequestContent',
    ],
    [
      'a webhook where no replica is',
      'PUT',
      `${registry}/webhooks/elsewhere`,
      { location: 'japaneast', properties: { serviceUri: 'http://127.0.0.1', actions: ['push'] } },
      400,
      'InvalidLocation',
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
