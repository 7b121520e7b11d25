import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../local/azure/clock.ts';
import {
  type LocalAzure,
  type LocalAzureOptions,
  startLocalAzure,
} from '../../../local/azure/local-azure.ts';
import { sampleSubscriptionId } from '../../../local/azure/sample.ts';
import { call, ids } from './arm-call.ts';
import { containerClient } from './sdk-clients.ts';

const subnet = `/subscriptions/${sampleSubscriptionId}/resourceGroups/rg-spoke-a/providers/Microsoft.Network/virtualNetworks/vnet/subnets/containers`;
const content = {
  location: 'westeurope',
  tags: { team: 'web' },
  containers: [{ name: 'web', image: 'nginx', resources: { requests: { cpu: 1, memoryInGB: 1 } } }],
  osType: 'Linux',
  ipAddress: { type: 'Private', ports: [{ port: 80 }] },
  subnetIds: [{ id: subnet }],
};
const { location, tags, ...properties } = content;
const body = { location, tags, properties };

describe('container groups', () => {
  let azure: LocalAzure;
  let clock: ManualClock;
  const start = async (options: LocalAzureOptions = {}) => {
    await azure?.close();
    clock = new ManualClock();
    azure = await startLocalAzure({ clock, ...options });
  };
  beforeEach(() => start());
  afterEach(() => azure.close());

  const get = async (name: string) => (await call(azure, 'GET', ids.group(name))).body;

  it('come up in steps: pending, then with an address, then running', async () => {
    const created = await call(azure, 'PUT', ids.group('Web'), { body });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ name: 'Web', properties: { provisioningState: 'Pending' } });
    expect(created.body).not.toHaveProperty('properties.ipAddress.ip');
    const operation = created.headers.get('azure-asyncoperation') ?? '';
    expect(await (await fetch(operation)).json()).toMatchObject({ status: 'InProgress' });
    await clock.advance(300);
    expect(await get('web')).toMatchObject({
      properties: { ipAddress: { ip: '10.1.0.4' }, provisioningState: 'Pending' },
    });
    await clock.advance(300);
    expect(await get('web')).toEqual({
      id: ids.group('Web'),
      name: 'Web',
      type: 'Microsoft.ContainerInstance/containerGroups',
      location: 'westeurope',
      tags: { team: 'web' },
      properties: expect.objectContaining({
        provisioningState: 'Succeeded',
        ipAddress: { type: 'Private', ip: '10.1.0.4', ports: [{ port: 80 }] },
        instanceView: { events: [], state: 'Running' },
        subnetIds: [{ id: subnet }],
        containers: [
          {
            ...content.containers[0],
            properties: {
              instanceView: expect.objectContaining({
                currentState: expect.objectContaining({ state: 'Running' }),
              }),
            },
          },
        ],
      }),
    });
    expect(await (await fetch(operation)).json()).toMatchObject({ status: 'Succeeded' });
    expect((await call(azure, 'PUT', ids.group('web'), { body })).status).toBe(200);
  });

  it('are created and read by the SDK', async () => {
    const { containerGroups } = containerClient(azure);
    const poller = await containerGroups.beginCreateOrUpdate('rg-spoke-a', 'web', content, {
      updateIntervalInMs: 1,
    });
    await clock.advance(600);
    expect(await poller.pollUntilDone()).toMatchObject({ name: 'web', ipAddress: { ip: '10.1.0.4' } });
    expect(await containerGroups.get('RG-SPOKE-A', 'WEB')).toMatchObject({
      provisioningState: 'Succeeded',
      instanceView: { state: 'Running' },
    });
    await expect(containerGroups.get('rg-spoke-a', 'nobody')).rejects.toMatchObject({
      statusCode: 404,
      code: 'ResourceNotFound',
    });
  });

  it('get the lowest free address of their subnet, and give it back', async () => {
    const [one, two] = ['one', 'two'].map((name) =>
      azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name }),
    );
    const other = azure.containerGroups.create({ resourceGroup: 'rg-spoke-b', name: 'one' });
    expect([one, two, other].map((id) => azure.containerGroups.address(id ?? ''))).toEqual([
      '10.1.0.4',
      '10.1.0.5',
      '10.2.0.4',
    ]);
    azure.containerGroups.delete(one ?? '');
    const third = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'three' });
    expect(azure.containerGroups.address(third)).toBe('10.1.0.4');
  });

  it('keep no address that a client writes into the body, but one in the header', async () => {
    const wished = {
      ...body,
      properties: { ...properties, ipAddress: { ...properties.ipAddress, ip: '10.1.0.77' } },
    };
    const created = await call(azure, 'PUT', ids.group('body'), { body: wished });
    expect(created.body).not.toHaveProperty('properties.ipAddress.ip');
    await call(azure, 'PUT', ids.group('header'), { body, headers: { 'x-evenkeel-address': '10.1.0.77' } });
    await clock.advance(600);
    expect(await get('body')).toMatchObject({ properties: { ipAddress: { ip: '10.1.0.4' } } });
    expect(await get('header')).toMatchObject({ properties: { ipAddress: { ip: '10.1.0.77' } } });
  });

  it('are listed without any instance view, by resource group and by subscription, page by page', async () => {
    await start({ containerGroupBehaviour: { pageSize: 2 } });
    for (const name of ['a', 'b', 'c']) azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name });
    azure.containerGroups.create({ resourceGroup: 'rg-spoke-b', name: 'd' });
    const { body: first } = await call(azure, 'GET', ids.group('').replace(/\/$/, ''));
    expect(JSON.stringify(first)).not.toContain('instanceView');
    const { containerGroups } = containerClient(azure);
    const names: unknown[] = [];
    for await (const { name } of containerGroups.listByResourceGroup('rg-spoke-a')) names.push(name);
    expect(names).toEqual(['a', 'b', 'c']);
    names.length = 0;
    for await (const { name } of containerGroups.list()) names.push(name);
    expect(names).toEqual(['a', 'b', 'c', 'd']);
  });

  it('stop at once: still provisioned, their containers terminated, without an address', async () => {
    const id = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
    expect((await call(azure, 'POST', `${id}/stop`)).status).toBe(204);
    expect(await get('web')).toMatchObject({
      properties: {
        provisioningState: 'Succeeded',
        instanceView: { state: 'Stopped' },
        containers: [{ properties: { instanceView: { currentState: { state: 'Terminated' } } } }],
      },
    });
    expect(azure.containerGroups.address(id)).toBeUndefined();
    expect((await call(azure, 'POST', `${id}/restart`)).status).toBe(409);
  });

  it('start with 202, and with 204 when running already', async () => {
    const id = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
    expect((await call(azure, 'POST', `${id}/start`)).status).toBe(204);
    azure.containerGroups.stop(id);
    const started = await call(azure, 'POST', `${id}/start`, {
      headers: { 'x-evenkeel-address': '10.1.0.50' },
    });
    expect([started.status, started.headers.has('azure-asyncoperation')]).toEqual([202, true]);
    await clock.advance(600);
    expect(azure.containerGroups.address(id)).toBe('10.1.0.50');
  });

  it('show their old address until a restart gives them another one', async () => {
    const id = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
    expect((await call(azure, 'POST', `${id}/restart`)).status).toBe(202);
    expect(azure.containerGroups.address(id)).toBe('10.1.0.4');
    await clock.advance(600);
    expect(await get('web')).toMatchObject({
      properties: {
        ipAddress: { ip: '10.1.0.5' },
        containers: [{ properties: { instanceView: { restartCount: 1 } } }],
      },
    });
  });

  it('are restarted by the SDK', async () => {
    azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
    const poller = await containerClient(azure).containerGroups.beginRestart('rg-spoke-a', 'web', {
      updateIntervalInMs: 1,
    });
    await clock.advance(600);
    await poller.pollUntilDone();
    expect(azure.containerGroups.list('rg-spoke-a')).toMatchObject([{ address: '10.1.0.5' }]);
  });

  it('are deleted with 200 and their body, and with 204 when absent', async () => {
    const id = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
    const deleted = await call(azure, 'DELETE', id);
    expect([deleted.status, deleted.body]).toMatchObject([200, { name: 'web' }]);
    expect((await call(azure, 'DELETE', id)).status).toBe(204);
    expect(await get('web')).toEqual({
      error: {
        code: 'ResourceNotFound',
        message: expect.stringContaining(
          "'Microsoft.ContainerInstance/containerGroups/web' under resource group 'rg-spoke-a'",
        ),
      },
    });
  });

  it('have an address outside the private ranges when public, and none when not asked for', async () => {
    const open = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'open', type: 'Public' });
    azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'none', type: 'None' });
    expect(azure.containerGroups.address(open)).toMatch(/^198\.18\./);
    expect(await get('none')).not.toHaveProperty('properties.ipAddress');
  });

  it.each([
    ['without a location', 'web', { properties }],
    ['without containers', 'web', { location, properties: { osType: 'Linux', containers: [] } }],
    ['with a name of two hyphens in a row', 'web--1', body],
    ['with a name that starts with a hyphen', '-web', body],
  ])('are refused %s', async (_, name, wrong) => {
    const answer = await call(azure, 'PUT', ids.group(name), { body: wrong });
    expect([answer.status, answer.body]).toMatchObject([400, { error: { code: expect.any(String) } }]);
  });

  describe('by switch', () => {
    const web = () => azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });

    it('keep showing their address while stopped', async () => {
      await start({ containerGroupBehaviour: { stopKeepsAddress: true } });
      const id = web();
      azure.containerGroups.stop(id);
      expect(azure.containerGroups.address(id)).toBe('10.1.0.4');
    });

    it('keep their address over a restart, and change it when replaced', async () => {
      await start({
        containerGroupBehaviour: { newAddressOn: { restart: false, start: false, update: true } },
      });
      const id = web();
      azure.containerGroups.restart(id);
      expect(azure.containerGroups.address(id)).toBe('10.1.0.4');
      web();
      expect(azure.containerGroups.address(id)).toBe('10.1.0.5');
    });

    it('show no address while they restart', async () => {
      await start({ containerGroupBehaviour: { restartShowsOldAddress: false } });
      const id = web();
      await call(azure, 'POST', `${id}/restart`);
      expect(azure.containerGroups.address(id)).toBeUndefined();
      await clock.advance(600);
      expect(azure.containerGroups.address(id)).toBeDefined();
    });

    it('tell of a change when it is accepted', async () => {
      await start({ containerGroupBehaviour: { eventAt: 'acceptance' } });
      const told: string[] = [];
      azure.onActivity(({ operationName }) => told.push(operationName));
      await call(azure, 'PUT', ids.group('web'), { body });
      expect(told).toEqual(['Microsoft.ContainerInstance/containerGroups/write']);
      await clock.advance(600);
      expect(told).toHaveLength(1);
    });
  });
});
