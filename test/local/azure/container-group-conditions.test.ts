import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../local/azure/clock.ts';
import {
  type LocalAzure,
  type LocalAzureOptions,
  startLocalAzure,
} from '../../../local/azure/local-azure.ts';
import { call, ids, type RawAnswer } from './arm-call.ts';
import { containerClient } from './sdk-clients.ts';

const web = { resourceGroup: 'rg-spoke-a', name: 'web' };
const networkProfileId = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkProfiles/p';

let azure: LocalAzure;
const clock = new ManualClock();
const told: string[] = [];
const start = async (options: LocalAzureOptions = {}) => {
  await azure?.close();
  azure = await startLocalAzure({ clock, ...options });
  azure.containerGroups.create(web);
  told.length = 0;
  azure.onActivity(({ operationName, httpMethod }) => {
    told.push(`${httpMethod} ${operationName.split('/').at(-1)}`);
  });
};
beforeEach(() => start());
afterEach(() => azure.close());

const id = ids.group('web');
const get = () => containerClient(azure).containerGroups.get('rg-spoke-a', 'web');
const listed = async () => {
  for await (const group of containerClient(azure).containerGroups.listByResourceGroup('rg-spoke-a'))
    return group;
  return undefined;
};
const sim = (method: string, path: string, body?: unknown): Promise<RawAnswer> =>
  call(azure, method, `/_sim/${path}`, body === undefined ? {} : { body });

describe('a container group', () => {
  it.each(['Repairing', 'Updating', 'Failed', 'Unhealthy'] as const)(
    'is put into the provisioning state %s, and stays there without an event',
    async (provisioningState) => {
      azure.containerGroups.set(id, { provisioningState });
      expect([(await get()).provisioningState, (await listed())?.provisioningState]).toEqual([
        provisioningState,
        provisioningState,
      ]);
      await sim('POST', 'condition', { id, provisioningState: 'Succeeded' });
      expect((await get()).provisioningState).toBe('Succeeded');
      expect(told).toEqual([]);
    },
  );

  it.each([
    ['Succeeded', 0, 'Completed'],
    ['Failed', 1, 'Error'],
  ] as const)(
    'finishes by itself as %s, its address still shown or not',
    async (state, exitCode, detailStatus) => {
      azure.containerGroups.finish(id, { state });
      expect(await get()).toMatchObject({
        provisioningState: 'Succeeded',
        instanceView: { state },
        ipAddress: { ip: '10.1.0.4' },
        containers: [
          {
            instanceView: {
              currentState: {
                state: 'Terminated',
                exitCode,
                detailStatus,
                finishTime: new Date(clock.now()),
              },
            },
          },
        ],
      });
      azure.containerGroups.finish(id, { state, keepsAddress: false, exitCode: 137 });
      const { ipAddress, containers } = await get();
      expect(ipAddress).toMatchObject({ type: 'Private' });
      expect(ipAddress?.ip).toBeUndefined();
      expect(containers[0]?.instanceView?.currentState?.exitCode).toBe(137);
      expect(told).toEqual([]);
    },
  );

  it('that is finished comes up again when it is started', async () => {
    azure.containerGroups.finish(id, { state: 'Failed' });
    azure.containerGroups.start(id);
    expect(await get()).toMatchObject({
      instanceView: { state: 'Running' },
      containers: [{ instanceView: { currentState: { state: 'Running' } } }],
    });
  });

  it('gives its address back when it finishes, by switch', async () => {
    await start({ containerGroupBehaviour: { finishKeepsAddress: false } });
    azure.containerGroups.finish(id, { state: 'Succeeded' });
    const successor = azure.containerGroups.create({ ...web, name: 'successor' });
    expect([azure.containerGroups.address(id), azure.containerGroups.address(successor)]).toEqual([
      undefined,
      '10.1.0.4',
    ]);
  });

  it.each([
    ['null', { ip: null }],
    ['missing', {}],
    ['absent', undefined],
    ['shown', { ip: '10.1.0.4' }],
  ] as const)('whose address view is %s has the address all the same', async (addressView, expected) => {
    azure.containerGroups.set(id, { addressView });
    for (const body of [(await call(azure, 'GET', id)).body, Object(await listedRaw()).value[0]]) {
      const shown = Object(body).properties.ipAddress;
      expect(shown).toEqual(expected && { type: 'Private', ports: expect.any(Array), ...expected });
    }
    expect(azure.containerGroups.address(id)).toBe('10.1.0.4');
  });
  const listedRaw = async () => (await call(azure, 'GET', id.replace(/\/web$/, ''))).body;

  it('of the old kind has a network profile and no subnets', async () => {
    azure.containerGroups.create({ ...web, name: 'old', networkProfileId });
    const { body } = await call(azure, 'GET', ids.group('old'));
    expect(body).toMatchObject({
      properties: { networkProfile: { id: networkProfileId }, ipAddress: { ip: '10.1.0.5' } },
    });
    expect(body).not.toHaveProperty('properties.subnetIds');
  });

  it('takes tags by PATCH at once, with the event of a write', async () => {
    const { containerGroups } = containerClient(azure);
    const tags = { team: 'web', 'evenkeel:dns': 'off' };
    expect(await containerGroups.update('rg-spoke-a', 'web', { tags })).toMatchObject({
      tags,
      instanceView: { state: 'Running' },
    });
    azure.containerGroups.tag(id, { team: 'other' });
    expect((await get()).tags).toEqual({ team: 'other' });
    expect(told).toEqual(['PATCH write', 'PATCH write']);
    expect(azure.containerGroups.address(id)).toBe('10.1.0.4');
  });

  it('takes tags by PUT, with the event of a write when it is up again', async () => {
    const { body } = await call(azure, 'GET', id);
    await call(azure, 'PUT', id, { body: { ...Object(body), tags: { team: 'put' } } });
    await clock.advance(600);
    expect((await get()).tags).toEqual({ team: 'put' });
    expect(told).toEqual(['PUT write']);
  });

  it.each(['PATCH', 'GET'])('that is absent answers %s with 404', async (method) => {
    const options = method === 'PATCH' ? { body: {} } : {};
    expect(await call(azure, method, ids.group('nobody'), options)).toMatchObject({
      status: 404,
      body: { error: { code: 'ResourceNotFound' } },
    });
  });
});

describe('container groups over the control surface', () => {
  it('are created with tags and a network profile', async () => {
    const created = await sim('POST', 'container-groups', {
      ...web,
      name: 'old',
      tags: { a: 'b' },
      networkProfileId,
    });
    expect(created).toMatchObject({ status: 201, body: { address: '10.1.0.5' } });
    expect(azure.containerGroups.get(ids.group('old'))).toMatchObject({
      tags: { a: 'b' },
      properties: { networkProfile: { id: networkProfileId } },
    });
  });

  it('are put into a condition, finished and tagged', async () => {
    const changed = await sim('POST', 'condition', {
      ...web,
      provisioningState: 'Repairing',
      state: 'Pending',
      addressView: 'null',
    });
    expect(changed.body).toMatchObject({
      properties: {
        provisioningState: 'Repairing',
        ipAddress: { ip: null },
        instanceView: { state: 'Pending' },
      },
    });
    await sim('POST', 'condition', { ...web, address: null });
    expect(azure.containerGroups.address(id)).toBeUndefined();
    await sim('POST', 'condition', { ...web, address: '10.1.0.9', addressView: 'shown' });
    const finished = await sim('POST', 'finish', { id, state: 'Failed', exitCode: 3, keepsAddress: true });
    expect(finished.body).toMatchObject({
      properties: {
        instanceView: { state: 'Failed' },
        ipAddress: { ip: '10.1.0.9' },
        containers: [{ properties: { instanceView: { currentState: { exitCode: 3 } } } }],
      },
    });
    expect((await sim('POST', 'tags', { ...web, tags: { a: 'b' } })).body).toMatchObject({
      tags: { a: 'b' },
    });
    expect(told).toEqual(['PATCH write']);
  });

  it.each([
    ['condition', { ...web, provisioningState: 'Gone' }],
    ['condition', { provisioningState: 'Failed' }],
    ['finish', { ...web, state: 'Running' }],
    ['tags', { ...web, tags: { a: 1 } }],
    ['tags', { ...web, name: 'nobody', tags: {} }],
  ])('refuse %s with %j', async (path, body) => {
    expect((await sim('POST', path, body)).status).toBe(400);
  });
});
