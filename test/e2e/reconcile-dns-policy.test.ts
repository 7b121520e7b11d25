import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { sampleZoneMap } from '../../local/azure/sample.ts';
import { resourceEvent } from './events.ts';
import { type Installation, install, type Settings } from './installation.ts';
import { calls, records, recordsOf, removeEverything } from './records.ts';

/** By their settings. */
const installations = new Map<string, Installation>();
afterAll(() => Promise.all(Array.from(installations.values(), (one) => one.close())));
afterEach(() => {
  for (const { azure } of installations.values()) removeEverything(azure);
});

/** An app with these settings and an empty world, which tests with the same settings share. */
async function installed(settings: Settings): Promise<Installation> {
  const key = JSON.stringify(settings);
  const installation = installations.get(key) ?? (await install({ settings }));
  installations.set(key, installation);
  return installation;
}

/** One spoke has a policy of its own, and names hosts by a tag; the other one has that of the app. */
const observing: Settings = {
  DNS_POLICY: 'observe',
  DNS_ZONE_MAP: JSON.stringify({
    ...sampleZoneMap,
    'rg-spoke-a': { ...sampleZoneMap['rg-spoke-a'], policy: 'sync', hostNameTag: 'dns-name' },
  }),
};

describe('DNS_POLICY', () => {
  it('observe writes nothing, and says what it would have written', async () => {
    const { azure, deliver, lines } = await installed(observing);
    const web = azure.containerGroups.create({
      resourceGroup: 'rg-spoke-b',
      name: 'web',
      address: '10.1.0.4',
    });
    const mark = azure.requests.mark();
    expect(await deliver(resourceEvent(web))).toBe(202);
    expect(calls(azure, mark).writes).toBe(0);
    expect(records(azure)).toEqual([]);
    expect(lines.find((line) => line.includes('dns planned'))).toMatch(
      /create A web\.spoke-b\.internal\.contoso\.com 10\.1\.0\.4.*create PTR 4\.0\.1\.10\.in-addr\.arpa/,
    );
  });

  it('upsert-only follows a move and removes nothing', async () => {
    const { azure, deliver } = await installed({ DNS_POLICY: 'upsert-only' });
    const web = azure.containerGroups.create({
      resourceGroup: 'rg-spoke-a',
      name: 'web',
      address: '10.1.0.4',
    });
    expect(await deliver(resourceEvent(web))).toBe(202);
    azure.containerGroups.move(web, '10.1.0.9');
    expect(await deliver(resourceEvent(web))).toBe(202);
    const host = 'web.spoke-a.internal.contoso.com';
    const all = [
      `A ${host} 10.1.0.9`,
      `PTR 4.0.1.10.in-addr.arpa ${host}.`,
      `PTR 9.0.1.10.in-addr.arpa ${host}.`,
    ];
    expect(records(azure)).toEqual(all);
    azure.containerGroups.delete(web);
    expect(await deliver(resourceEvent(web, 'Delete'))).toBe(202);
    expect(records(azure)).toEqual(all);
  });

  it('upsert-only marks a PTR record set that has the right name in another spelling, and is then done', async () => {
    const { azure, deliver } = await installed({ DNS_POLICY: 'upsert-only' });
    const web = azure.containerGroups.create({
      resourceGroup: 'rg-spoke-a',
      name: 'web',
      address: '10.1.0.4',
    });
    azure.zones.put('1.10.in-addr.arpa', 'PTR', '4.0', { values: ['Web.spoke-a.internal.contoso.com'] });
    expect(await deliver(resourceEvent(web))).toBe(202);
    const ptr = azure.zones.get('1.10.in-addr.arpa', 'PTR', '4.0');
    expect(ptr?.metadata).toEqual({ evenkeelOwner: web.toLowerCase() });
    const mark = azure.requests.mark();
    expect(await deliver(resourceEvent(web))).toBe(202);
    expect(calls(azure, mark)).toEqual({ reads: 3, writes: 0 });
  });

  it('of a spoke is stronger than the one of the app', async () => {
    const { azure, deliver } = await installed(observing);
    const group = (resourceGroup: string, name: string, address: string) =>
      azure.containerGroups.create({ resourceGroup, name, address });
    expect(await deliver(resourceEvent(group('rg-spoke-a', 'web', '10.1.0.4')))).toBe(202);
    expect(await deliver(resourceEvent(group('rg-spoke-b', 'api', '10.2.0.9')))).toBe(202);
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
  });
});

describe('tags', () => {
  it('name the host where the spoke says which one, and a changed tag moves both record sets', async () => {
    const { azure, deliver, lines } = await installed(observing);
    const spec = { resourceGroup: 'rg-spoke-a', name: 'shop-blue-7', address: '10.1.0.4' };
    const shop = azure.containerGroups.create({ ...spec, tags: { 'DNS-Name': 'shop' } });
    expect(await deliver(resourceEvent(shop))).toBe(202);
    expect(records(azure)).toEqual(recordsOf('shop', 'a', '10.1.0.4'));
    azure.containerGroups.tag(shop, { 'dns-name': 'store' });
    expect(await deliver(resourceEvent(shop))).toBe(202);
    expect(azure.zones.get('spoke-a.internal.contoso.com', 'A', 'store')?.values).toEqual(['10.1.0.4']);
    expect(azure.zones.get('1.10.in-addr.arpa', 'PTR', '4.0')?.values).toEqual([
      'store.spoke-a.internal.contoso.com.',
    ]);
    // One that no record set can have is told of once, whichever function hears of it.
    azure.containerGroups.tag(shop, { 'dns-name': 'the_shop' });
    const from = lines.length;
    expect(await deliver(resourceEvent(shop), 'trackIpDrift')).toBe(202);
    const told = lines.slice(from).filter((line) => line.includes('the_shop'));
    // Core Tools prints no level.
    expect(told).toEqual([
      expect.stringMatching(/\] (error: )?container group name is no DNS label .*"the_shop"/),
    ]);
  });

  it('pass a name on without a gap, when blue loses the tag before green gets it', async () => {
    const { azure, deliver } = await installed(observing);
    const spec = { resourceGroup: 'rg-spoke-a' };
    const tags = { 'dns-name': 'shop' };
    const blue = azure.containerGroups.create({ ...spec, name: 'shop-blue', address: '10.1.0.4', tags });
    const green = azure.containerGroups.create({ ...spec, name: 'shop-green', address: '10.1.0.5' });
    const mark = azure.requests.mark();
    const nameLeadsTo = (name: string) => azure.zones.get('spoke-a.internal.contoso.com', 'A', name)?.values;
    expect(await deliver(resourceEvent(blue))).toBe(202);
    expect(await deliver(resourceEvent(green))).toBe(202);
    expect(nameLeadsTo('shop-green')).toEqual(['10.1.0.5']);

    azure.containerGroups.tag(blue, {});
    expect(await deliver(resourceEvent(blue))).toBe(202);
    expect(nameLeadsTo('shop')).toEqual(['10.1.0.4']);

    azure.containerGroups.tag(green, tags);
    expect(await deliver(resourceEvent(green))).toBe(202);
    expect(nameLeadsTo('shop')).toEqual(['10.1.0.5']);
    expect(azure.requests.since(mark).filter(({ operation }) => operation === 'RecordSets_Delete')).toEqual(
      [],
    );
  });

  it('evenkeel:dns = off removes the record sets of a group, and nothing brings them back', async () => {
    const { azure, deliver } = await installed(observing);
    const web = azure.containerGroups.create({
      resourceGroup: 'rg-spoke-a',
      name: 'web',
      address: '10.1.0.4',
    });
    expect(await deliver(resourceEvent(web))).toBe(202);
    azure.containerGroups.tag(web, { 'evenkeel:dns': 'off' });
    expect(await deliver(resourceEvent(web))).toBe(202);
    expect(await deliver(resourceEvent(web))).toBe(202);
    expect(records(azure)).toEqual([]);
  });
});
