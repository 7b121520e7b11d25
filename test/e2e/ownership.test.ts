import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { resourceEvent } from './events.ts';
import { type Installation, install } from './installation.ts';
import { records, recordsOf, removeEverything } from './records.ts';

const zone = 'spoke-a.internal.contoso.com';
/** Two resource groups that share a zone, so that one name may belong to either. */
const zoneMap = Object.fromEntries(
  ['rg-spoke-a', 'rg-spoke-b'].map((resourceGroup) => [
    resourceGroup,
    { forwardZone: zone, reverseZones: ['1.10.in-addr.arpa'], zoneResourceGroup: 'rg-hub-dns' },
  ]),
);
let installation: Installation;

beforeAll(async () => {
  installation = await install({ settings: { DNS_ZONE_MAP: JSON.stringify(zoneMap) } });
});
afterAll(() => installation.close());
afterEach(() => removeEverything(installation.azure));

const create = (resourceGroup: string, address: string) => {
  const id = installation.azure.containerGroups.create({ resourceGroup, name: 'web' });
  installation.azure.containerGroups.set(id, { address });
  return id;
};
const signals = () => installation.azure.topic('evenkeel').events;

describe('a name that belongs to another live group', () => {
  it('is a conflict: reported, failed, and nothing is overwritten', async () => {
    const { azure, deliver } = installation;
    const owner = create('rg-spoke-a', '10.1.0.4');
    await deliver(resourceEvent(owner));
    const contender = create('rg-spoke-b', '10.1.0.5');
    const from = signals().length;
    const event = resourceEvent(contender);
    expect([await deliver(event), await deliver(event)]).toEqual([500, 500]);
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));

    const [first, second] = signals().slice(from);
    expect(first).toMatchObject({
      type: 'evenkeel.dns.conflict',
      source: contender.toLowerCase(),
      data: { owner: owner.toLowerCase() },
    });
    expect(String(first?.['subject'])).toMatch(/privatednszones\/spoke-a\.internal\.contoso\.com\/a\/web$/);
    expect(second?.['id']).toBe(first?.['id']);
  });

  it('is taken over when that group is gone, together with the PTR that it left', async () => {
    const { azure, deliver } = installation;
    const former = create('rg-spoke-a', '10.1.0.4');
    await deliver(resourceEvent(former));
    azure.containerGroups.delete(former);
    expect(await deliver(resourceEvent(create('rg-spoke-b', '10.1.0.5')))).toBe(202);
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.5'));
    expect(await deliver(resourceEvent(former, 'Delete'))).toBe(202);
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.5'));
  });
});

describe('an address whose PTR belongs to another live group', () => {
  it('is a conflict that leaves the PTR alone, after A was put right, and the line tells both', async () => {
    const { azure, deliver, lines } = installation;
    const owner = create('rg-spoke-a', '10.1.0.4');
    await deliver(resourceEvent(owner));
    const twin = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'twin' });
    azure.containerGroups.set(twin, { address: '10.1.0.4' });
    const from = lines.length;
    expect(await deliver(resourceEvent(twin))).toBe(500);
    expect(records(azure)).toEqual(
      [`A twin.${zone} 10.1.0.4`, ...recordsOf('web', 'a', '10.1.0.4')].toSorted(),
    );
    expect(lines.slice(from).find((line) => line.includes('dns reconciling failed'))).toMatch(
      /"changes":\["create A twin[^\]]*\].*"reason":"OwnershipConflictError"/,
    );
  });
});

describe('a record set without a mark', () => {
  it('is adopted when it is right and replaced when it is wrong', async () => {
    const { azure, deliver } = installation;
    azure.zones.put(zone, 'A', 'web', { values: ['10.1.0.4'], metadata: { team: 'blue' } });
    azure.zones.put('1.10.in-addr.arpa', 'PTR', '4.0', { values: ['printer.contoso.com.'] });
    const web = create('rg-spoke-a', '10.1.0.4');
    expect(await deliver(resourceEvent(web))).toBe(202);
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
    expect(azure.zones.get(zone, 'A', 'web')?.metadata).toMatchObject({
      team: 'blue',
      evenkeelOwner: web.toLowerCase(),
    });
  });

  it('is never touched where the platform registered it', async () => {
    const { azure, deliver } = installation;
    azure.zones.put(zone, 'A', 'web', { values: ['10.1.0.9'], isAutoRegistered: true });
    expect(await deliver(resourceEvent(create('rg-spoke-a', '10.1.0.4')))).toBe(202);
    expect(records(azure)).toEqual([`A web.${zone} 10.1.0.9`]);
  });
});

describe('DNS_FOREIGN_RECORDS=refuse', () => {
  it('leaves an unmarked record set alone, says so, and accepts the event', async () => {
    const strict = await install({
      settings: { DNS_ZONE_MAP: JSON.stringify(zoneMap), DNS_FOREIGN_RECORDS: 'refuse' },
    });
    try {
      strict.azure.zones.put(zone, 'A', 'web', { values: ['10.1.0.9'] });
      const web = strict.azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
      expect(await strict.deliver(resourceEvent(web))).toBe(202);
      expect(records(strict.azure)).toEqual([`A web.${zone} 10.1.0.9`]);
      expect(strict.lines.filter((line) => line.includes('record set left alone'))).toHaveLength(1);
      expect(strict.azure.topic('evenkeel').events).toMatchObject([
        {
          type: 'evenkeel.dns.conflict',
          source: web.toLowerCase(),
          data: { owner: null, reason: 'foreign' },
        },
      ]);
    } finally {
      await strict.close();
    }
  });
});
