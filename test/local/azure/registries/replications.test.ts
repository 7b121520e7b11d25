import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../local/azure/clock.ts';
import { type LocalAzure, startLocalAzure } from '../../../../local/azure/local-azure.ts';
import { call } from '../arm-call.ts';
import { registryClient } from '../sdk-clients.ts';

const place = ['rg-registry', 'myregistry', 'westus'] as const;

describe('replications at Resource Manager', () => {
  let azure: LocalAzure;
  let clock: ManualClock;
  beforeEach(async () => {
    clock = new ManualClock();
    azure = await startLocalAzure({ clock });
  });
  afterEach(() => azure.close());

  const patch = (body: unknown, headers: Record<string, string> = {}) =>
    call(azure, 'PATCH', azure.registries.replicationId('myregistry', 'westus'), { body, headers });

  it('are one for each region, the home region included, over as many pages as it takes', async () => {
    azure.registries.change({ pageSize: 3 });
    const found: unknown[] = [];
    for await (const { name, location } of registryClient(azure).replications.list(
      'rg-registry',
      'myregistry',
    )) {
      found.push([name, location]);
    }
    expect(found.flat()).toEqual(
      ['eastus', 'southeastasia', 'westeurope', 'westus'].flatMap((one) => [one, one]),
    );
  });

  it('look as the service shows them', async () => {
    const id = azure.registries.replicationId('myregistry', 'westus');
    const at = new Date(clock.now()).toISOString();
    const by = 'somebody@contoso.example';
    expect((await call(azure, 'GET', id.toUpperCase())).body).toEqual({
      id,
      name: 'westus',
      type: 'Microsoft.ContainerRegistry/registries/replications',
      location: 'westus',
      tags: {},
      properties: {
        provisioningState: 'Succeeded',
        status: { displayStatus: 'Ready', message: 'The replication is ready.', timestamp: at },
        regionEndpointEnabled: true,
        zoneRedundancy: 'Disabled',
      },
      systemData: {
        createdBy: by,
        createdByType: 'User',
        createdAt: at,
        lastModifiedBy: by,
        lastModifiedByType: 'User',
        lastModifiedAt: at,
      },
    });
  });

  it('are updated by an operation that the SDK follows to its end', async () => {
    const updating = registryClient(azure).replications.update(...place, { regionEndpointEnabled: false });
    azure.onHandled(async ({ operation }) => {
      if (operation === 'Replications_OperationStatus') await clock.advance(1_000);
    });
    expect(await updating).toMatchObject({ regionEndpointEnabled: false, provisioningState: 'Succeeded' });
    expect(azure.registries.replica('myregistry', 'westus')).toMatchObject({
      globalRouting: 'disabled',
      lastModifiedBy: 'evenkeel',
    });
  });

  it('say that they are updating until the operation is over', async () => {
    const answer = await patch({ properties: { regionEndpointEnabled: false } });
    expect([answer.status, answer.body]).toMatchObject([
      201,
      {
        properties: {
          provisioningState: 'Updating',
          regionEndpointEnabled: false,
          status: { displayStatus: 'Provisioning' },
        },
      },
    ]);
    const operation = answer.headers.get('azure-asyncoperation') ?? '';
    const underWay = await fetch(operation);
    expect([underWay.headers.get('retry-after'), await underWay.json()]).toMatchObject([
      '1',
      { status: 'InProgress' },
    ]);
    await clock.advance(1_000);
    expect(await (await fetch(operation)).json()).toMatchObject({ status: 'Succeeded' });
    expect(azure.registries.replica('myregistry', 'westus').provisioningState).toBe('Succeeded');
  });

  it('are updated with the answer when told so', async () => {
    azure.registries.change({ updateIsLongRunning: false });
    const answer = await patch({ properties: { regionEndpointEnabled: false } });
    expect([answer.status, answer.headers.has('azure-asyncoperation'), answer.body]).toMatchObject([
      200,
      false,
      { properties: { provisioningState: 'Succeeded', regionEndpointEnabled: false } },
    ]);
  });

  it('lose the tags that a PATCH with tags leaves out, and keep them in one without', async () => {
    azure.registries.setReplica('myregistry', 'westus', { tags: { team: 'a', keep: 'b' } });
    await patch({ properties: { regionEndpointEnabled: false } });
    expect(azure.registries.replica('myregistry', 'westus').tags).toEqual({ team: 'a', keep: 'b' });
    await patch({ tags: { team: 'c' } });
    const { tags, globalRouting } = azure.registries.replica('myregistry', 'westus');
    expect([tags, globalRouting]).toEqual([{ team: 'c' }, 'disabled']);
  });

  it('are as they were after an update that fails', async () => {
    azure.registries.failUpdates('myregistry', 'westus');
    const answer = await patch({ tags: { a: 'b' }, properties: { regionEndpointEnabled: false } });
    await clock.advance(1_000);
    expect(await (await fetch(answer.headers.get('azure-asyncoperation') ?? '')).json()).toMatchObject({
      status: 'Failed',
      error: { code: 'ReplicationUpdateFailed' },
    });
    expect(azure.registries.replica('myregistry', 'westus')).toMatchObject({
      provisioningState: 'Failed',
      globalRouting: 'enabled',
      tags: {},
    });
  });

  it('name who wrote them last', async () => {
    await patch({ tags: {} }, { 'x-evenkeel-as': 'terraform' });
    expect((await registryClient(azure).replications.get(...place)).systemData).toMatchObject({
      lastModifiedBy: 'terraform',
      lastModifiedByType: 'Application',
    });
    azure.registries.setReplica('myregistry', 'westus', {
      globalRouting: 'disabled',
      by: 'ada@contoso.example',
    });
    expect((await registryClient(azure).replications.get(...place)).systemData).toMatchObject({
      lastModifiedBy: 'ada@contoso.example',
      lastModifiedByType: 'User',
    });
  });

  it('are added and removed under any name', async () => {
    azure.registries.addReplica('myregistry', 'Japan East', { name: 'tokyo' });
    expect(azure.registries.replica('myregistry', 'japaneast')).toMatchObject({
      name: 'tokyo',
      region: 'japaneast',
    });
    expect(azure.registries.replicationId('myregistry', 'japaneast')).toMatch(/\/replications\/tokyo$/);
    azure.registries.removeReplica('myregistry', 'japaneast');
    expect(azure.registries.replicas('myregistry')).toHaveLength(4);
  });

  it('are put into any condition by the control', async () => {
    azure.registries.setReplica('myregistry', 'West US', {
      provisioningState: 'Failed',
      displayStatus: 'Degraded',
      omitRoutingFlag: true,
    });
    const replication = await registryClient(azure).replications.get(...place);
    expect(replication).toMatchObject({ provisioningState: 'Failed', status: { displayStatus: 'Degraded' } });
    expect(replication.regionEndpointEnabled).toBeUndefined();
  });

  it('are listed as they were while the list is frozen, and shown as they are by id', async () => {
    const routing = async () => {
      const found: unknown[] = [];
      const { replications } = registryClient(azure);
      for await (const { name, regionEndpointEnabled } of replications.list('rg-registry', 'myregistry'))
        if (name === 'westus') found.push(regionEndpointEnabled);
      return [...found, (await replications.get(...place)).regionEndpointEnabled];
    };
    azure.registries.freezeList('myregistry');
    azure.registries.setReplica('myregistry', 'westus', { globalRouting: 'disabled' });
    expect(await routing()).toEqual([true, false]);
    azure.registries.thawList('myregistry');
    expect(await routing()).toEqual([false, false]);
  });

  it('meet the faults of Resource Manager', async () => {
    azure.faults.add({ match: 'Replications_Update', times: 1, kind: 'status', status: 403 });
    await expect(registryClient(azure).replications.update(...place, {})).rejects.toMatchObject({
      statusCode: 403,
      code: 'AuthorizationFailed',
    });
  });
});
