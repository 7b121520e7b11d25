import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ArmAnswer } from '../../local/azure/arm/operation.ts';
import { sampleHub, sampleSubscriptionId } from '../../local/azure/sample.ts';
import { resourceEvent } from './events.ts';
import { type Installation, install } from './installation.ts';
import { calls, records, recordsOf, removeEverything } from './records.ts';

let installation: Installation;

beforeAll(async () => {
  installation = await install({ settings: { DNS_FOREIGN_RECORDS: 'refuse' } });
});
afterAll(() => installation.close());
afterEach(() => removeEverything(installation.azure));

const create = (name: string, address: string) =>
  installation.azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name, address });
const zone = 'spoke-a.internal.contoso.com';
const zoneId = `/subscriptions/${sampleSubscriptionId}/resourceGroups/${sampleHub}/providers/Microsoft.Network/privateDnsZones/${zone}`;
/** The lines about one delivery, and the status that it was answered with. */
async function delivered(event: object): Promise<{ status: number; printed: string }> {
  const from = installation.lines.length;
  const status = await installation.deliver(event);
  return { status, printed: installation.lines.slice(from).join('\n') };
}

describe('where somebody else put a record set and DNS_FOREIGN_RECORDS is refuse', () => {
  it('one that is right stays as it is without a conflict, and the group gets its PTR', async () => {
    const { azure } = installation;
    azure.zones.put(zone, 'A', 'web', { values: ['10.1.0.4'] });
    const event = resourceEvent(create('web', '10.1.0.4'));
    const { status, printed } = await delivered(event);
    expect(status).toBe(202);
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
    expect(azure.zones.get(zone, 'A', 'web')?.metadata).toEqual({});
    expect(printed).not.toMatch(/refused|conflict/i);
    const mark = azure.requests.mark();
    expect((await delivered(event)).status).toBe(202);
    expect(calls(azure, mark)).toEqual({ reads: 3, writes: 0 });
  });

  it('one that is wrong stays too, and the event is a conflict', async () => {
    const { azure } = installation;
    azure.zones.put(zone, 'A', 'web', { values: ['10.1.0.77'] });
    const { printed } = await delivered(resourceEvent(create('web', '10.1.0.4')));
    expect(azure.zones.get(zone, 'A', 'web')?.values).toEqual(['10.1.0.77']);
    expect(printed).toMatch(/"result":"refused"/);
  });
});

/** An answer as a cache gives that confuses two resources. */
const anotherGroup = {
  kind: 'changedAnswer',
  change: ({ body, ...answer }: ArmAnswer): ArmAnswer => ({
    ...answer,
    body: JSON.parse(JSON.stringify(body).replaceAll('/web', '/web2').replaceAll('10.1.0.4', '10.1.0.5')),
  }),
} as const;

describe('an answer that cannot be what it says', () => {
  it.each([
    ['a record set without an ETag', { kind: 'withoutMembers', members: ['etag'] }],
    ['the sign-in page of a proxy', { kind: 'status', status: 200, text: '<html>Sign in</html>' }],
    ['an empty object', { kind: 'status', status: 200, body: {} }],
  ] as const)('for A, %s, has nothing written and the event come again', async (_, effect) => {
    const { azure } = installation;
    azure.zones.put(zone, 'A', 'web', { values: ['10.1.0.77'] });
    azure.faults.add({ ...effect, path: `${zoneId}/A/web`, method: 'GET' });
    const mark = azure.requests.mark();
    expect((await delivered(resourceEvent(create('web', '10.1.0.4')))).status).toBe(500);
    expect(calls(azure, mark).writes).toBe(0);
    expect(records(azure)).toEqual([`A web.${zone} 10.1.0.77`]);
  });

  it.each([
    ['the sign-in page of a proxy', { kind: 'status', status: 200, text: '<html>Sign in</html>' }],
    ['an empty object', { kind: 'status', status: 200, body: {} }],
    ['another group', anotherGroup],
  ] as const)('for the group, %s, leaves its record sets and has the event come again', async (_, effect) => {
    const { azure } = installation;
    const web = create('web', '10.1.0.4');
    await delivered(resourceEvent(web));
    azure.faults.add({ ...effect, path: web });
    expect((await delivered(resourceEvent(web))).status).toBe(500);
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
  });
});

describe('advice follows the code of an answer', () => {
  it('a policy that refuses is named, and no word is said of roles', async () => {
    const { azure } = installation;
    azure.policies.add({ scope: zoneId, name: 'Private DNS by the network team only' });
    const { status, printed } = await delivered(resourceEvent(create('web', '10.1.0.4')));
    expect(status).toBe(500);
    expect(printed).toContain('Private DNS by the network team only');
    expect(printed).not.toMatch(/\brole\b|\broles\b|Contributor|\bassign\b/i);
  });

  it('a subscription that moved to another tenant is said to have moved', async () => {
    const { azure } = installation;
    const web = create('web', '10.1.0.4');
    azure.subscriptions.set(sampleSubscriptionId, { movedToTenant: '22222222-0000-0000-0000-000000000000' });
    const { status, printed } = await delivered(resourceEvent(web));
    azure.subscriptions.set(sampleSubscriptionId, { movedToTenant: undefined });
    expect(status).toBe(500);
    expect(printed).toMatch(/tenant/);
    expect(printed).not.toMatch(/Contributor/);
  });

  it('a lock is named as what has to go', async () => {
    const { azure } = installation;
    azure.locks.add({ scope: zoneId, level: 'ReadOnly' });
    const { status, printed } = await delivered(resourceEvent(create('web', '10.1.0.4')));
    expect(status).toBe(500);
    expect(printed).toMatch(/lock/);
  });
});

describe('a container group', () => {
  it.each(['null', 'missing', 'absent'] as const)(
    'that runs and whose address is %s keeps its record sets, and the event comes again',
    async (addressView) => {
      const { azure } = installation;
      const web = create('web', '10.1.0.4');
      await delivered(resourceEvent(web));
      azure.containerGroups.set(web, { addressView });
      expect((await delivered(resourceEvent(web))).status).toBe(500);
      expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
    },
  );

  it('that runs, and whose answer says nothing of an address or a network, keeps its record sets too', async () => {
    const { azure } = installation;
    const web = create('web', '10.1.0.4');
    await delivered(resourceEvent(web));
    azure.faults.add({
      kind: 'changedAnswer',
      path: web,
      change: (answer) => {
        const body = structuredClone(answer.body) as { properties: Record<string, unknown> };
        for (const member of ['ipAddress', 'subnetIds']) delete body.properties[member];
        return { ...answer, body };
      },
    });
    expect((await delivered(resourceEvent(web))).status).toBe(500);
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
  });

  it('that is finished and still shows its address keeps its record sets until another one has the address', async () => {
    const { azure } = installation;
    const web = create('web', '10.1.0.4');
    await delivered(resourceEvent(web));
    azure.containerGroups.finish(web, { state: 'Succeeded', keepsAddress: true });
    expect((await delivered(resourceEvent(web))).status).toBe(202);
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
    expect((await delivered(resourceEvent(create('next', '10.1.0.4')))).status).toBe(202);
    expect(azure.zones.get('1.10.in-addr.arpa', 'PTR', '4.0')?.values).toEqual([`next.${zone}.`]);
  });

  it('of the kind with a network profile is followed as any other', async () => {
    const { azure } = installation;
    const networkProfileId = `/subscriptions/${sampleSubscriptionId}/resourceGroups/rg/providers/Microsoft.Network/networkProfiles/old`;
    const web = azure.containerGroups.create({
      resourceGroup: 'rg-spoke-a',
      name: 'web',
      address: '10.1.0.4',
      networkProfileId,
    });
    expect((await delivered(resourceEvent(web))).status).toBe(202);
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
    azure.containerGroups.set(web, { addressView: 'null' });
    expect((await delivered(resourceEvent(web))).status).toBe(500);
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
  });

  it('without any network has no record sets', async () => {
    const { azure } = installation;
    const web = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web', type: 'None' });
    expect((await delivered(resourceEvent(web))).status).toBe(202);
    expect(records(azure)).toEqual([]);
  });
});
