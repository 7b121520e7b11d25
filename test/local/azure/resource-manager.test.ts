import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../local/azure/clock.ts';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { sampleSubscriptionId } from '../../../local/azure/sample.ts';
import { call, ids } from './arm-call.ts';

const subscription = `/subscriptions/${sampleSubscriptionId}`;
const zone = 'spoke-a.internal.contoso.com';
const set = `${ids.zone(zone)}/A/web`;
const body = { properties: { ttl: 1, aRecords: [] } };

describe('Resource Manager', () => {
  let azure: LocalAzure;
  const clock = new ManualClock();
  beforeEach(async () => {
    azure = await startLocalAzure({ clock });
  });
  afterEach(() => azure.close());

  it.each([
    ['a request without an api-version', 'GET', `${ids.group('web')}?x=1`, 400, 'MissingApiVersionParameter'],
    [
      'a provider that it does not know',
      'GET',
      `${subscription}/resourceGroups/rg/providers/Microsoft.Nope/x/y`,
      404,
      'InvalidResourceNamespace',
    ],
    [
      'a type that a provider does not have',
      'GET',
      `${subscription}/resourceGroups/rg/providers/Microsoft.Network/x/y`,
      404,
      'InvalidResourceType',
    ],
    [
      'a subscription that does not exist',
      'GET',
      '/subscriptions/11111111-1111-1111-1111-111111111111/providers/Microsoft.ContainerInstance/containerGroups',
      404,
      'SubscriptionNotFound',
    ],
    [
      'a resource in a group that does not exist',
      'GET',
      ids.group('web', 'rg-none'),
      404,
      'ResourceGroupNotFound',
    ],
    ['a path elsewhere', 'GET', '/nope', 404, 'NotFound'],
    ['a method that a path does not have', 'POST', set, 405, 'MethodNotAllowed'],
  ])('refuses %s', async (_, method, path, status, code) => {
    const answer = await call(azure, method, path);
    expect([answer.status, answer.body]).toMatchObject([status, { error: { code } }]);
  });

  it('refuses a body that is no JSON', async () => {
    const answer = await fetch(`${azure.armEndpoint}${set}?api-version=1`, { method: 'PUT', body: '{' });
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { error: { code: 'InvalidRequestContent' } },
    ]);
  });

  it('lists subscriptions', async () => {
    const { body: subscriptions } = await call(azure, 'GET', '/subscriptions');
    expect(subscriptions).toMatchObject({
      value: [{ subscriptionId: sampleSubscriptionId, state: 'Enabled' }],
    });
  });

  it('shows resource groups in any casing', async () => {
    const path = `${subscription}/resourcegroups/RG-spoke-a`;
    expect((await call(azure, 'GET', path.toUpperCase())).body).toMatchObject({
      name: 'rg-spoke-a',
      properties: { provisioningState: 'Succeeded' },
    });
    azure.resourceGroups.delete(sampleSubscriptionId, 'rg-spoke-A');
    expect((await call(azure, 'GET', path)).status).toBe(404);
  });

  it('creates the group of a resource on the fly, unless told not to', async () => {
    const path = ids.group('web', 'rg-fly');
    const group = { location: 'westeurope', properties: { containers: [{ name: 'web' }] } };
    expect((await call(azure, 'PUT', path, { body: group })).status).toBe(201);
    const strict = await startLocalAzure({ createResourceGroupsOnTheFly: false });
    const refused = await call(strict, 'PUT', path, { body: group });
    await strict.close();
    expect([refused.status, refused.body]).toMatchObject([404, { error: { code: 'ResourceGroupNotFound' } }]);
  });

  describe('logs requests', () => {
    it('with operation, id, conditions, status and time', async () => {
      await call(azure, 'GET', set);
      const mark = azure.requests.mark();
      await call(azure, 'PUT', set, { body, headers: { 'if-none-match': '*', authorization: 'Bearer x' } });
      await call(azure, 'GET', ids.group('web'));
      expect(azure.requests.since(mark)).toMatchObject([
        {
          operation: 'RecordSets_CreateOrUpdate',
          method: 'PUT',
          id: set,
          status: 201,
          ifNoneMatch: '*',
          ifMatch: undefined,
          authorized: true,
          fault: undefined,
          at: clock.now(),
        },
        { operation: 'ContainerGroups_Get', status: 404, authorized: false },
      ]);
      expect(azure.requests.since(mark, 'ContainerGroups_Get')).toHaveLength(1);
      expect(azure.requests.totals()).toEqual({
        RecordSets_Get: 1,
        RecordSets_CreateOrUpdate: 1,
        ContainerGroups_Get: 1,
      });
    });

    it('that the programmatic access does not add to, nor to the quotas', () => {
      const mark = azure.requests.mark();
      azure.zones.put(zone, 'A', 'web', { values: ['10.1.0.4'] });
      azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
      expect(azure.requests.since(mark)).toEqual([]);
      expect(azure.zones.quota(zone, 'create').used).toBe(0);
    });
  });

  describe('with hooks', () => {
    it('lets a test act between arrival and effect, and between effect and answer', async () => {
      const seen: unknown[] = [];
      azure.onRequest(
        (request) => void seen.push([request.operation, azure.zones.get(zone, 'A', 'web')?.ttl]),
      );
      const remove = azure.onHandled((request, answer) => {
        seen.push([request.method, answer.status, azure.zones.get(zone, 'A', 'web')?.ttl]);
      });
      await call(azure, 'PUT', set, { body });
      remove();
      await call(azure, 'GET', set);
      expect(seen).toEqual([
        ['RecordSets_CreateOrUpdate', undefined],
        ['PUT', 201, 1],
        ['RecordSets_Get', 1],
      ]);
    });

    it('holds the request until the hook is done', async () => {
      const gate = Promise.withResolvers<void>();
      const arrived = Promise.withResolvers<void>();
      azure.onRequest(() => {
        arrived.resolve();
        return gate.promise;
      });
      const answer = call(azure, 'PUT', set, { body, headers: { 'if-none-match': '*' } });
      await arrived.promise;
      azure.zones.put(zone, 'A', 'web', { values: [] });
      gate.resolve();
      expect((await answer).status).toBe(412);
    });
  });

  describe('with faults', () => {
    it.each([
      [429, 'TooManyRequests'],
      [500, 'InternalServerError'],
      [503, 'ServiceUnavailable'],
      [401, 'InvalidAuthenticationToken'],
      [403, 'AuthorizationFailed'],
    ])('refuses with %i as Azure does, so many times as asked', async (status, code) => {
      const fault = azure.faults.add({
        kind: 'status',
        status,
        match: 'RecordSets_CreateOrUpdate',
        times: 2,
        retryAfterSeconds: 7,
      });
      const statuses: number[] = [];
      for (let time = 0; time < 3; time += 1) {
        const answer = await call(azure, 'PUT', set, { body });
        statuses.push(answer.status);
        if (time === 0) {
          expect(answer.body).toMatchObject({ error: { code, message: expect.any(String) } });
          expect(answer.headers.get('retry-after')).toBe('7');
        }
      }
      expect(statuses).toEqual([status, status, 201]);
      expect(fault.hits()).toBe(2);
    });

    it('loses an answer whose effect happens, or a request with its effect', async () => {
      azure.faults.add({ kind: 'lostAnswer', match: /^PUT .*\/A\/web$/, times: 1 });
      await expect(call(azure, 'PUT', set, { body })).rejects.toThrow();
      expect(azure.zones.get(zone, 'A', 'web')).toBeDefined();
      azure.faults.add({ kind: 'lostRequest', match: ({ method }) => method === 'DELETE', times: 1 });
      await expect(call(azure, 'DELETE', set)).rejects.toThrow();
      expect(azure.zones.get(zone, 'A', 'web')).toBeDefined();
      expect(azure.requests.since().map(({ fault, status }) => [fault, status])).toEqual([
        ['lostAnswer', undefined],
        ['lostRequest', undefined],
      ]);
    });

    it('answers late by its clock', async () => {
      azure.faults.add({ kind: 'latency', ms: 5_000, match: 'RecordSets_Get', times: 1 });
      const asleep = Promise.withResolvers<void>();
      azure.onRequest(() => void setImmediate(asleep.resolve));
      const answer = call(azure, 'GET', set);
      await asleep.promise;
      expect(clock.sleeping).toBe(1);
      await clock.advance(5_000);
      expect((await answer).status).toBe(404);
    });

    it('never answers, until it closes', async () => {
      azure.faults.add({ kind: 'hang', match: () => true });
      const arrived = Promise.withResolvers<void>();
      azure.onRequest(() => arrived.resolve());
      const outcome = call(azure, 'GET', set).then(
        () => 'answered',
        () => 'broken off',
      );
      await arrived.promise;
      await azure.close();
      expect(await outcome).toBe('broken off');
    });

    it('forgets them when told to', async () => {
      azure.faults.add({ kind: 'status', status: 500, match: () => true });
      const second = azure.faults.add({ kind: 'status', status: 503, match: () => true });
      second.remove();
      azure.faults.clear();
      expect((await call(azure, 'GET', set)).status).toBe(404);
    });
  });
});
