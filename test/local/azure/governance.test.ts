import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { sampleSubscriptionId } from '../../../local/azure/sample.ts';
import { call, ids, type RawAnswer } from './arm-call.ts';
import { containerClient, privateDnsClient } from './sdk-clients.ts';

const zone = 'spoke-a.internal.contoso.com';
const web = `${ids.zone(zone)}/A/web`;
const body = { properties: { ttl: 1, aRecords: [] } };
const second = '22222222-2222-2222-2222-222222222222';
const groupsOf = (subscription: string) =>
  `/subscriptions/${subscription}/providers/Microsoft.ContainerInstance/containerGroups`;

let azure: LocalAzure;
beforeEach(async () => {
  azure = await startLocalAzure({
    subscriptions: [{ id: second, unregisteredProviders: ['microsoft.containerinstance'] }],
  });
  azure.zones.put(zone, 'A', 'web', { values: ['10.1.0.4'] });
});
afterEach(() => azure.close());

const codeOf = async (method: string, path: string): Promise<readonly [number, unknown]> => {
  const answer = await call(azure, method, path, method === 'PUT' ? { body } : {});
  return [answer.status, Object(answer.body).error?.code];
};

describe('subscriptions', () => {
  it('are listed with their states, except those that the caller does not see', async () => {
    azure.subscriptions.set('33333333-0000-0000-0000-000000000000', { isListed: false });
    azure.subscriptions.set('44444444-0000-0000-0000-000000000000', { isDeleted: true, state: 'Warned' });
    expect((await call(azure, 'GET', '/subscriptions')).body).toMatchObject({
      value: [
        { subscriptionId: sampleSubscriptionId, state: 'Enabled' },
        { subscriptionId: second, state: 'Enabled' },
        { subscriptionId: '44444444-0000-0000-0000-000000000000', state: 'Warned' },
      ],
    });
  });

  it('are listed page by page, by switch', async () => {
    const paged = await startLocalAzure({ subscriptions: [{ id: second }], subscriptionPageSize: 1 });
    paged.faults.add({ match: 'Subscriptions_List', page: 2, kind: 'status', status: 503 });
    const { body } = await call(paged, 'GET', '/subscriptions');
    expect(body).toMatchObject({ value: [{ subscriptionId: sampleSubscriptionId }] });
    expect((await fetch(Object(body).nextLink)).status).toBe(503);
    await paged.close();
  });

  it('answer for providers that are not registered with a conflict, and for the others as ever', async () => {
    const { status, body } = await call(azure, 'GET', groupsOf(second));
    expect([status, body]).toEqual([
      409,
      {
        error: {
          code: 'MissingSubscriptionRegistration',
          message:
            "The subscription is not registered to use namespace 'Microsoft.ContainerInstance'. See https://aka.ms/rps-not-found for how to register subscriptions.",
        },
      },
    ]);
    azure.zones.create({ name: 'second.test', subscriptionId: second, resourceGroup: 'rg-providers' });
    const zones = `/subscriptions/${second}/resourceGroups/rg-providers/providers/Microsoft.Network/privateDnsZones`;
    expect(await codeOf('GET', `${zones}/second.test`)).toEqual([200, undefined]);
    azure.subscriptions.set(second, { unregisteredProviders: [] });
    expect(await codeOf('GET', groupsOf(second))).toEqual([200, undefined]);
  });

  it('that are deleted know nothing, though lists still show them', async () => {
    azure.subscriptions.set(sampleSubscriptionId, { isDeleted: true });
    expect(await codeOf('GET', web)).toEqual([404, 'SubscriptionNotFound']);
    expect(await codeOf('GET', groupsOf(sampleSubscriptionId))).toEqual([404, 'SubscriptionNotFound']);
    expect((await call(azure, 'GET', '/subscriptions')).body).toMatchObject({
      value: [{ subscriptionId: sampleSubscriptionId }, {}],
    });
  });

  it('that are disabled are read only', async () => {
    azure.subscriptions.set(sampleSubscriptionId, { state: 'Disabled' });
    expect(await codeOf('GET', web)).toEqual([200, undefined]);
    expect(await codeOf('PUT', web)).toEqual([409, 'ReadOnlyDisabledSubscription']);
  });

  it('that moved to another tenant refuse the tokens of the former one', async () => {
    azure.subscriptions.set(sampleSubscriptionId, { movedToTenant: 'new-tenant' });
    const { status, body, headers } = await call(azure, 'GET', web);
    expect([status, body]).toMatchObject([
      401,
      {
        error: {
          code: 'InvalidAuthenticationTokenTenant',
          message: expect.stringMatching(
            /^The access token is from the wrong issuer 'https:\/\/sts\.windows\.net\/[\w-]+\/'\. It must match the tenant 'https:\/\/sts\.windows\.net\/new-tenant\/'/,
          ),
        },
      },
    ]);
    expect(headers.get('www-authenticate')).toContain(
      'authorization_uri="https://login.windows.net/new-tenant"',
    );
    azure.subscriptions.set(sampleSubscriptionId, { movedToTenant: undefined });
    expect(await codeOf('GET', web)).toEqual([200, undefined]);
  });
});

describe('a lock', () => {
  const locked = (operation: string, scope: string) => ({
    statusCode: 409,
    code: 'ScopeLocked',
    message: `The scope '${web}' cannot perform ${operation} operation because following scope(s) are locked: '${scope}'. Please remove the lock and try again.`,
  });

  it('on a zone against deletion keeps its record sets, and lets them be written', async () => {
    const { recordSets } = privateDnsClient(azure);
    const { remove } = azure.locks.add({ scope: ids.zone(zone), level: 'CanNotDelete' });
    await expect(recordSets.delete('rg-hub-dns', zone, 'A', 'web')).rejects.toMatchObject(
      locked('delete', ids.zone(zone)),
    );
    expect(await codeOf('PUT', web)).toEqual([200, undefined]);
    remove();
    expect(await codeOf('DELETE', web)).toEqual([200, undefined]);
  });

  it('on a record set against writing keeps it alone as it is', async () => {
    const { recordSets } = privateDnsClient(azure);
    azure.locks.add({ scope: web.toUpperCase(), level: 'ReadOnly' });
    const set = { ttl: 1, aRecords: [] };
    await expect(recordSets.createOrUpdate('rg-hub-dns', zone, 'A', 'web', set)).rejects.toMatchObject(
      locked('write', web.toUpperCase()),
    );
    expect(await codeOf('DELETE', web)).toEqual([409, 'ScopeLocked']);
    expect(await codeOf('GET', web)).toEqual([200, undefined]);
    expect(await codeOf('PUT', `${ids.zone(zone)}/A/web2`)).toEqual([201, undefined]);
    azure.locks.clear();
    expect(await codeOf('PUT', web)).toEqual([200, undefined]);
  });

  it('that is read only refuses actions too', async () => {
    azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
    azure.locks.add({ scope: `/subscriptions/${sampleSubscriptionId}`, level: 'ReadOnly' });
    await expect(containerClient(azure).containerGroups.stop('rg-spoke-a', 'web')).rejects.toMatchObject({
      statusCode: 409,
      code: 'ScopeLocked',
    });
  });
});

describe('a policy', () => {
  it('refuses writes with its name in the message', async () => {
    const { remove } = azure.policies.add({
      scope: ids.zone(zone),
      name: 'No records by hand',
      definitionName: 'Deny record sets',
    });
    const put = privateDnsClient(azure).recordSets.createOrUpdate('rg-hub-dns', zone, 'A', 'web', {
      ttl: 1,
      aRecords: [],
    });
    await expect(put).rejects.toMatchObject({
      statusCode: 403,
      code: 'RequestDisallowedByPolicy',
      message: expect.stringMatching(
        /^Resource 'web' was disallowed by policy\. Policy identifiers: '\[\{"policyAssignment":\{"name":"No records by hand","id":"\/subscriptions\/.*\/policyAssignments\/[0-9a-f]{24}"\},"policyDefinition":\{"name":"Deny record sets","id":"[^"]+"\}\}\]'\.$/,
      ),
    });
    expect((await call(azure, 'PUT', web, { body })).body).toMatchObject({
      error: {
        target: 'web',
        additionalInfo: [
          { type: 'PolicyViolation', info: { policyAssignmentDisplayName: 'No records by hand' } },
        ],
      },
    });
    expect(await codeOf('GET', web)).toEqual([200, undefined]);
    expect(await codeOf('DELETE', web)).toEqual([200, undefined]);
    remove();
    expect(await codeOf('PUT', web)).toEqual([201, undefined]);
  });

  it('refuses deletions where that is its effect', async () => {
    azure.policies.add({ scope: ids.zone(zone), name: 'Keep records', effect: 'denyAction' });
    expect(await codeOf('PUT', web)).toEqual([200, undefined]);
    expect(await codeOf('DELETE', web)).toEqual([403, 'RequestDisallowedByPolicy']);
  });
});

describe('the control surface', () => {
  const sim = (method: string, path: string, body?: unknown): Promise<RawAnswer> =>
    call(azure, method, `/_sim/${path}`, body === undefined ? {} : { body });

  it('changes subscriptions', async () => {
    const moved = { id: sampleSubscriptionId, movedToTenant: 'new', unregisteredProviders: ['Microsoft.X'] };
    expect((await sim('POST', 'subscriptions', moved)).body).toMatchObject(moved);
    expect(await codeOf('GET', web)).toEqual([401, 'InvalidAuthenticationTokenTenant']);
    await sim('POST', 'subscriptions', { id: sampleSubscriptionId, movedToTenant: null, isDeleted: true });
    expect(await codeOf('GET', web)).toEqual([404, 'SubscriptionNotFound']);
    expect((await sim('GET', 'subscriptions')).body).toMatchObject({
      value: [{ isDeleted: true, unregisteredProviders: ['Microsoft.X'] }, { id: second }],
    });
  });

  it('adds locks and policies, and takes them back', async () => {
    const lock = { scope: ids.zone(zone), level: 'ReadOnly' };
    const policy = { scope: ids.zone(zone), name: 'No records by hand' };
    expect((await sim('POST', 'locks', lock)).status).toBe(204);
    expect((await sim('POST', 'policies', policy)).status).toBe(204);
    expect((await sim('GET', 'locks')).body).toEqual({ value: [lock] });
    expect((await sim('GET', 'policies')).body).toEqual({ value: [policy] });
    expect(await codeOf('PUT', web)).toEqual([409, 'ScopeLocked']);
    await sim('DELETE', 'locks');
    expect(await codeOf('PUT', web)).toEqual([403, 'RequestDisallowedByPolicy']);
    await sim('DELETE', 'policies');
    expect(await codeOf('PUT', web)).toEqual([200, undefined]);
  });

  it.each([
    ['subscriptions', { id: second, state: 'Gone' }],
    ['locks', { scope: 'zone', level: 'ReadOnly' }],
    ['locks', { scope: ids.zone(zone), level: 'Delete' }],
    ['policies', { scope: ids.zone(zone) }],
  ])('refuses a change of %s by %j', async (path, body) => {
    expect((await sim('POST', path, body)).status).toBe(400);
  });
});
