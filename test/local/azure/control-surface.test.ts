import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serveHttp } from '../../../local/azure/http-server.ts';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { call, ids } from './arm-call.ts';

describe('the control surface of the local Azure', () => {
  let azure: LocalAzure;
  beforeEach(async () => {
    azure = await startLocalAzure();
  });
  afterEach(() => azure.close());

  const web = { resourceGroup: 'rg-spoke-a', name: 'web' };
  const sim = (method: string, path: string, body?: unknown) =>
    call(azure, method, `/_sim/${path}`, body === undefined ? {} : { body });

  it('creates a container group, moves it without an event, and shows where it is', async () => {
    const told: string[] = [];
    azure.onActivity(({ operationName }) => told.push(operationName));
    expect(await sim('POST', 'container-groups', { ...web, address: '10.1.0.30' })).toMatchObject({
      status: 201,
      body: { id: ids.group('web'), address: '10.1.0.30' },
    });
    expect((await sim('POST', 'move', web)).body).toMatchObject({ address: '10.1.0.4' });
    expect((await sim('POST', 'move', { id: ids.group('WEB'), address: '10.1.0.9' })).body).toMatchObject({
      address: '10.1.0.9',
    });
    expect((await sim('GET', 'container-groups')).body).toMatchObject({ value: [{ address: '10.1.0.9' }] });
    expect(told).toEqual(['Microsoft.ContainerInstance/containerGroups/write']);
  });

  it('swaps the addresses of two groups', async () => {
    const other = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'other' });
    azure.containerGroups.create(web);
    expect((await sim('POST', 'swap', [web, { id: other }])).body).toMatchObject({
      value: [{ address: '10.1.0.4' }, { address: '10.1.0.5' }],
    });
  });

  it('injects faults and takes them back, itself untouched by them', async () => {
    await sim('POST', 'faults', { operation: 'ContainerGroups_Get', kind: 'status', status: 503 });
    expect((await call(azure, 'GET', ids.group('web'))).status).toBe(503);
    azure.faults.add({ kind: 'status', status: 500, match: () => true });
    expect((await sim('DELETE', 'faults')).status).toBe(204);
    expect((await call(azure, 'GET', ids.group('web'))).status).toBe(404);
  });

  it('shows the log of requests from a mark on, without its own', async () => {
    await call(azure, 'GET', ids.group('one'));
    const { body } = await sim('GET', 'requests');
    expect(body).toMatchObject({
      mark: 1,
      totals: { ContainerGroups_Get: 1 },
      value: [{ id: ids.group('one') }],
    });
    await call(azure, 'GET', ids.group('two'));
    expect((await sim('GET', 'requests?since=1')).body).toMatchObject({
      mark: 2,
      value: [{ id: ids.group('two') }],
    });
  });

  it('changes and shows how events are delivered', async () => {
    const headers = { 'webhook-allowed-origin': '*' };
    const hook = await serveHttp(0, async () => new Response(null, { status: 200, headers }));
    await azure.eventGrid.subscribe({ name: 'hook', url: hook.url, schema: 'CloudEventSchemaV1_0' });
    expect((await sim('POST', 'event-grid', { duplicateProbability: 0.9 })).status).toBe(204);
    azure.containerGroups.create(web);
    await azure.eventGrid.idle();
    await hook.close();
    expect((await sim('GET', 'event-grid')).body).toMatchObject({
      subscriptions: [{ name: 'hook' }],
      counts: { delivered: 1, duplicated: azure.eventGrid.counts().attempts - 1 },
      deadLetters: [],
    });
    expect(azure.eventGrid.counts().duplicated).toBeGreaterThan(0);
  });

  it.each([
    ['GET', 'nothing', undefined, 404],
    ['POST', 'move', { ...web, name: 'nobody' }, 400],
    ['POST', 'move', { ...web, address: '10.1.0' }, 400],
    ['POST', 'swap', [web], 400],
    ['POST', 'faults', { operation: 'X', kind: 'gone' }, 400],
    ['POST', 'event-grid', { duplicateProbability: 1 }, 400],
    ['POST', 'container-groups', undefined, 400],
  ])('refuses %s %s with %j', async (method, path, body, status) => {
    const answer = await sim(method, path, body);
    expect([answer.status, answer.body]).toMatchObject([status, { error: { message: expect.any(String) } }]);
  });
});
