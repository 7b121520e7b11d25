import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FaultEffect } from '../../local/azure/arm/faults.ts';
import { sampleHub, sampleSubscriptionId } from '../../local/azure/sample.ts';
import { cloudEvent, resourceEvent } from './events.ts';
import { type Installation, install } from './installation.ts';
import { records, recordsOf, removeEverything } from './records.ts';

let installation: Installation;

beforeAll(async () => {
  installation = await install({ azure: { storage: {} } });
});
afterAll(() => installation.close());
afterEach(() => removeEverything(installation.azure));

const create = (name: string, address: string) =>
  installation.azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name, address });
const zoneId = (name: string) =>
  `/subscriptions/${sampleSubscriptionId}/resourceGroups/${sampleHub}/providers/Microsoft.Network/privateDnsZones/${name}`;
const reverseZone = zoneId('1.10.in-addr.arpa');
const putOwned = (last: number, owner: string, host: string) =>
  installation.azure.zones.put('1.10.in-addr.arpa', 'PTR', `${last}.0`, {
    values: [host],
    metadata: { evenkeelOwner: owner.toLowerCase() },
  });
const answered = (status: number, code: string, more = {}): FaultEffect => ({
  kind: 'status',
  status,
  code,
  ...more,
});
/** What a reverse zone may answer that says nothing of a record set. */
const unreadable: [string, FaultEffect][] = [
  ['403', answered(403, 'AuthorizationFailed')],
  ['404 ParentResourceNotFound', answered(404, 'ParentResourceNotFound')],
  ['404 SubscriptionNotFound', answered(404, 'SubscriptionNotFound')],
  ['429 for an hour', answered(429, 'TooManyRequests', { retryAfterSeconds: 3600 })],
  ['503 for an hour', answered(503, 'ServiceUnavailable', { retryAfterSeconds: 3600 })],
];
/** Accepted, where the queue has it, or failed, so that it comes again; nothing else. */
const comesAgain = (status: number, effect: FaultEffect) =>
  expect(status).toBe('retryAfterSeconds' in effect ? 202 : 500);

describe.each(unreadable)('while the reverse zone answers %s', (_, effect) => {
  it('a new group gets its A record set, and the rest when the zone can be read', async () => {
    const { azure, deliver } = installation;
    const web = create('web', '10.1.0.4');
    const fault = azure.faults.add({ ...effect, pathPrefix: reverseZone });
    comesAgain(await deliver(resourceEvent(web)), effect);
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4').slice(0, 1));
    fault.remove();
    expect(await deliver(resourceEvent(web))).toBe(202);
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
  });

  it('a moved group gets its new address and remembers the old one, whose PTR goes afterwards', async () => {
    const { azure, deliver } = installation;
    const web = create('web', '10.1.0.4');
    await deliver(resourceEvent(web));
    azure.containerGroups.move(web, '10.1.0.9');
    const fault = azure.faults.add({ ...effect, pathPrefix: reverseZone });
    comesAgain(await deliver(resourceEvent(web)), effect);
    const a = azure.zones.get('spoke-a.internal.contoso.com', 'A', 'web');
    expect(a?.values).toEqual(['10.1.0.9']);
    expect(JSON.stringify(a?.metadata)).toContain('10.1.0.4');
    fault.remove();
    expect(await deliver(resourceEvent(web))).toBe(202);
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.9'));
  });
});

it('a deleted group loses its A record set where the reverse zone does not exist, and the event is accepted', async () => {
  const { azure, deliver } = installation;
  const web = create('web', '10.1.0.4');
  await deliver(resourceEvent(web));
  azure.containerGroups.delete(web);
  azure.zones.remove('1.10.in-addr.arpa', 'PTR', '4.0');
  azure.faults.add({ ...answered(404, 'ParentResourceNotFound'), pathPrefix: reverseZone });
  expect(await deliver(resourceEvent(web, 'Delete'))).toBe(202);
  expect(records(azure)).toEqual([]);
});

it('a group that moved out of a reverse zone that does not exist any more is right, and the event is accepted', async () => {
  const { azure, deliver } = installation;
  const web = create('web', '10.1.0.4');
  await deliver(resourceEvent(web));
  azure.zones.remove('1.10.in-addr.arpa', 'PTR', '4.0');
  azure.containerGroups.move(web, '10.2.0.9');
  azure.faults.add({ ...answered(404, 'ParentResourceNotFound'), pathPrefix: reverseZone });
  expect(await deliver(resourceEvent(web))).toBe(202);
  expect(records(azure)).toEqual(recordsOf('web', 'a', '10.2.0.9'));
});

it.each([
  ['an unmarked PTR record set at an old address is cleaned', `${reverseZone}/PTR/99.0`],
  [
    'another spelling of the desired one is not removed',
    `${zoneId('spoke-a.internal.contoso.com')}/A/web?x=1`,
  ],
  ['one in a zone that does not exist is nothing to wait for', `${zoneId('gone.contoso.com')}/A/web`],
])('of the record sets that an event names, %s', async (_, recordSet) => {
  const { azure, deliver } = installation;
  const web = create('web', '10.1.0.4');
  await deliver(resourceEvent(web));
  azure.zones.put('1.10.in-addr.arpa', 'PTR', '99.0', { values: ['web.spoke-a.internal.contoso.com.'] });
  const hints = { finding: 'stalePtr', addresses: ['10.1.0.99'], recordSets: [recordSet] };
  expect(await deliver(cloudEvent(web, 'evenkeel.dns.driftDetected', hints))).toBe(202);
  expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
});

it('trackIpDrift measures the A record set while the reverse zone cannot be read', async () => {
  const { azure, deliver } = installation;
  const web = create('web', '10.1.0.4');
  await deliver(resourceEvent(web));
  azure.faults.add({ ...answered(403, 'AuthorizationFailed'), pathPrefix: reverseZone });
  expect(await deliver(resourceEvent(web), 'trackIpDrift')).toBe(202);
});

describe('a PTR record set of the new address that belongs to another group', () => {
  type Condition = Parameters<Installation['azure']['containerGroups']['set']>[1];
  it.each<[string, Condition]>([
    ['is being repaired and shows no address', { provisioningState: 'Repairing', addressView: 'null' }],
    ['runs and shows no address', { addressView: 'null' }],
    ['runs and shows no addresses at all', { addressView: 'absent' }],
  ])('which %s, keeps nothing from A and is left alone until it is known', async (_, condition) => {
    const { azure, deliver } = installation;
    const old = create('old', '10.1.0.21');
    putOwned(21, old, 'old.spoke-a.internal.contoso.com.');
    azure.containerGroups.move(old, '10.1.0.50');
    azure.containerGroups.set(old, condition);
    const web = create('web', '10.1.0.21');
    expect(await deliver(resourceEvent(web))).toBe(500);
    expect(records(azure)).toEqual([
      'A web.spoke-a.internal.contoso.com 10.1.0.21',
      'PTR 21.0.1.10.in-addr.arpa old.spoke-a.internal.contoso.com.',
    ]);
    azure.containerGroups.set(old, { provisioningState: 'Succeeded', addressView: 'shown' });
    expect(await deliver(resourceEvent(web))).toBe(202);
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.21'));
  });

  it.each([
    ['is marked as its own, is left alone', true],
    ['is gone, is taken over', false],
  ])('which shows neither address nor network, and whose A record set %s', async (_, hasA) => {
    const { azure, deliver } = installation;
    const old = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'old', type: 'None' });
    putOwned(21, old, 'old.spoke-a.internal.contoso.com.');
    const metadata = { evenkeelOwner: old.toLowerCase() };
    if (hasA) {
      azure.zones.put('spoke-a.internal.contoso.com', 'A', 'old', { values: ['10.1.0.21'], metadata });
    }
    const web = create('web', '10.1.0.21');
    expect(await deliver(resourceEvent(web))).toBe(hasA ? 500 : 202);
    expect(azure.zones.get('spoke-a.internal.contoso.com', 'A', 'web')?.values).toEqual(['10.1.0.21']);
    expect(azure.zones.get('1.10.in-addr.arpa', 'PTR', '21.0')?.values).toEqual([
      `${hasA ? 'old' : 'web'}.spoke-a.internal.contoso.com.`,
    ]);
  });

  it.each([
    ['403', answered(403, 'AuthorizationFailed')],
    ['404 SubscriptionNotFound', answered(404, 'SubscriptionNotFound')],
  ])('whose read answers %s, keeps nothing from A and is left alone', async (_, effect) => {
    const { azure, deliver } = installation;
    const old = create('old', '10.1.0.50');
    putOwned(21, old, 'old.spoke-a.internal.contoso.com.');
    azure.faults.add({ ...effect, path: old });
    expect(await deliver(resourceEvent(create('web', '10.1.0.21')))).toBe(500);
    expect(records(azure)).toEqual([
      'A web.spoke-a.internal.contoso.com 10.1.0.21',
      'PTR 21.0.1.10.in-addr.arpa old.spoke-a.internal.contoso.com.',
    ]);
  });
});

describe('a PTR record set that cannot be written', () => {
  it.each<[string, (scope: string) => () => void]>([
    ['is locked', (scope) => installation.azure.locks.add({ scope, level: 'ReadOnly' }).remove],
    ['is refused by a policy', (scope) => installation.azure.policies.add({ scope, name: 'no PTR' }).remove],
  ])('because it %s, costs one write of A at most, however many events come', async (_, refuse) => {
    const { azure, deliver } = installation;
    const web = create('web', '10.1.0.4');
    const allow = refuse(`${reverseZone}/PTR/4.0`);
    const mark = azure.requests.mark();
    for (let event = 0; event < 3; event += 1) expect(await deliver(resourceEvent(web))).toBe(500);
    const writesOfA = azure.requests
      .since(mark)
      .filter(({ method, id }) => method === 'PUT' && id.endsWith('/A/web'));
    expect(writesOfA).toHaveLength(1);
    allow();
    expect(await deliver(resourceEvent(web))).toBe(202);
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
  });
});
