import { describe, expect, it } from 'vitest';
import type { LiveGroup, Tags } from '../../src/dns/container-group.ts';
import type { RecordSetKey } from '../../src/dns/record-set.ts';
import { ago, aKey, groupId, hourMs, ownA, ownPtr, ptrKey, recordSet, zoneMapOf } from './fixtures.ts';
import { InMemoryAzure } from './in-memory-azure.ts';
import { answersOf, reconcileOnce } from './reconcile-once.ts';

const map = zoneMapOf({
  'rg-spoke-a': {
    forwardZone: 'spoke-a.internal.contoso.com',
    reverseZones: ['10.in-addr.arpa', '1.10.in-addr.arpa'],
    zoneResourceGroup: 'rg-hub-dns',
    ttl: 30,
    hostNameTag: 'dns-name',
  },
});
const blue = groupId('shop-blue');
const green = groupId('shop-green');
const here = '10.1.0.4';
const shop: RecordSetKey = { ...aKey(blue), name: 'shop' };
const host = 'shop.spoke-a.internal.contoso.com';

const live = (address: string, tags: Tags, isRunning = true): LiveGroup => ({
  kind: 'addressed',
  address,
  isRunning,
  tags,
});
function withTags(tags: Tags, address = here) {
  const azure = new InMemoryAzure();
  azure.groups.set(blue.key, live(address, tags));
  return azure;
}

describe('a spoke with a host name tag', () => {
  it("names a group by the tag's value, whatever the casing of either", async () => {
    const azure = withTags({ 'DNS-Name': ' Shop ' });
    await reconcileOnce(azure, blue, { map });
    expect(answersOf(azure)).toEqual([`A ${host} ${here}`, `PTR 4.0.1.10.in-addr.arpa ${host}.`]);
  });

  it('names a group without the tag by its own name', async () => {
    const azure = withTags({ team: 'payments' });
    await reconcileOnce(azure, blue, { map });
    expect(azure.find(aKey(blue))?.values).toEqual([here]);
  });

  it('costs one read more, before the A record set', async () => {
    const azure = withTags({ 'dns-name': 'shop' });
    azure.put(
      { ...ownA(blue, here), key: shop },
      recordSet(ptrKey(here), [`${host}.`], { metadata: { evenkeelOwner: blue.key } }),
    );
    await reconcileOnce(azure, blue, { map });
    expect(azure.calls.map(({ kind }) => kind)).toEqual(['readGroup', 'read', 'readGroup', 'read']);
  });

  it('never takes a foreign record set by a tag, even under overwrite', async () => {
    const azure = withTags({ 'dns-name': 'shop' });
    azure.put(recordSet(shop, ['10.9.9.9']));
    expect(await reconcileOnce(azure, blue, { map })).toMatchObject({
      result: 'refused',
      blocked: [{ reason: 'foreign' }],
    });
    expect(azure.find(shop)?.values).toEqual(['10.9.9.9']);
  });

  it('goes round again when the tag changes while it reads', async () => {
    const azure = withTags({ 'dns-name': 'shop' });
    azure.after = (call) => {
      if (call.kind === 'read' && azure.calls.length === 2)
        azure.groups.set(blue.key, live(here, { 'dns-name': 'store' }));
    };
    expect(await reconcileOnce(azure, blue, { map })).toMatchObject({ result: 'created', attempts: 2 });
    expect(azure.find({ ...shop, name: 'store' })?.values).toEqual([here]);
    expect(azure.find(shop)).toBeUndefined();
  });

  it.each([
    ['changes', live(here, { 'dns-name': 'store' }), ['store']],
    ['goes with its group', undefined, []],
  ])('takes back what it wrote under a tag that %s meanwhile', async (_, after, names) => {
    const azure = withTags({ 'dns-name': 'shop' });
    azure.after = (call) => {
      if (call.kind !== 'create' || call.key.name !== 'shop') return;
      if (after === undefined) azure.delete(blue);
      else azure.groups.set(blue.key, after);
    };
    expect(await reconcileOnce(azure, blue, { map })).toMatchObject({ attempts: 2 });
    expect(answersOf(azure)).toEqual(
      names.flatMap((name) => [
        `A ${name}.spoke-a.internal.contoso.com ${here}`,
        `PTR 4.0.1.10.in-addr.arpa ${name}.spoke-a.internal.contoso.com.`,
      ]),
    );
  });

  it('gives a group whose value is no DNS label no record sets, and says so', async () => {
    const azure = withTags({ 'dns-name': 'no label' });
    azure.put({ ...ownA(blue, here), key: shop });
    expect(await reconcileOnce(azure, blue, { map, recordSets: [shop] })).toMatchObject({
      unusableName: 'no label',
      result: 'removed',
    });
    expect(azure.recordSets).toEqual([]);
  });

  it('hands a name over from a blue group that is gone to a green one', async () => {
    const azure = withTags({ 'dns-name': 'shop' });
    await reconcileOnce(azure, blue, { map });
    azure.delete(blue);
    azure.groups.set(green.key, live('10.1.0.5', { 'dns-name': 'shop' }));
    await reconcileOnce(azure, green, { map });
    expect(answersOf(azure)).toEqual([`A ${host} 10.1.0.5`, `PTR 5.0.1.10.in-addr.arpa ${host}.`]);
  });

  it('leaves a name to a blue group that shows neither address nor network, for what is left out is not gone', async () => {
    const azure = withTags({ 'dns-name': 'shop' });
    await reconcileOnce(azure, blue, { map });
    azure.groups.set(blue.key, {
      kind: 'unaddressed',
      reason: 'noNetwork',
      tags: { 'dns-name': 'shop' },
    });
    azure.groups.set(green.key, live('10.1.0.5', { 'dns-name': 'shop' }));
    await expect(reconcileOnce(azure, green, { map })).rejects.toMatchObject({
      name: 'LiveStateUnknownError',
    });
    azure.groups.set(blue.key, { kind: 'unaddressed', reason: 'noNetwork' });
    await reconcileOnce(azure, green, { map });
    expect(azure.find(shop)?.values).toEqual(['10.1.0.5']);
  });

  it('lets two live groups with one value conflict', async () => {
    const azure = withTags({ 'dns-name': 'shop' });
    await reconcileOnce(azure, blue, { map });
    azure.groups.set(green.key, live('10.1.0.5', { 'dns-name': 'shop' }));
    await expect(reconcileOnce(azure, green, { map })).rejects.toMatchObject({
      name: 'OwnershipConflictError',
    });
  });
});

describe('a record set that an event names', () => {
  const old: RecordSetKey = { ...aKey(blue), zone: { ...aKey(blue).zone, name: 'one.contoso.com' } };

  it('is removed when it is ours and belongs elsewhere, after the desired ones are right', async () => {
    const azure = withTags({});
    azure.put({ ...ownA(blue, here), key: old });
    await reconcileOnce(azure, blue, { recordSets: [old] });
    expect(azure.find(old)).toBeUndefined();
    expect(azure.find(aKey(blue))?.values).toEqual([here]);
    const writes = azure.calls.filter(({ kind }) => kind === 'create' || kind === 'delete');
    expect(writes.at(-1)).toMatchObject({ kind: 'delete', key: old });
  });

  it('is left when another group owns it, when nobody does, and when it is the desired one', async () => {
    const azure = withTags({});
    azure.put(ownA(blue, here), ownPtr(blue, here), { ...ownA(green, here), key: old });
    await reconcileOnce(azure, blue, { recordSets: [old, aKey(blue), ptrKey(here)] });
    expect(azure.recordSets).toHaveLength(3);
    azure.put(recordSet(old, [here]));
    await reconcileOnce(azure, blue, { recordSets: [old] });
    expect(azure.find(old)).toBeDefined();
  });

  it('is removed after the PTR record sets that only it knows of', async () => {
    const azure = withTags({});
    const misplaced = {
      ...ownA(blue, here, { previous: `10.1.0.8@${ago(hourMs).toISOString()}` }),
      key: old,
    };
    azure.put(misplaced, ownPtr(blue, '10.1.0.8', { values: ['shop-blue.one.contoso.com.'] }));
    await reconcileOnce(azure, blue, { recordSets: [old] });
    expect(answersOf(azure)).toEqual([
      `A shop-blue.spoke-a.internal.contoso.com ${here}`,
      'PTR 4.0.1.10.in-addr.arpa shop-blue.spoke-a.internal.contoso.com.',
    ]);
  });

  it('is removed when its owner is gone, too', async () => {
    const azure = new InMemoryAzure();
    azure.put({ ...ownA(blue, here), key: old });
    expect(await reconcileOnce(azure, blue, { recordSets: [old] })).toMatchObject({ result: 'removed' });
    expect(azure.recordSets).toEqual([]);
  });

  it('cleans a PTR that only an old name of the group is in', async () => {
    const azure = withTags({});
    const stale = ownPtr(blue, '10.1.0.8', { values: ['web-before.spoke-a.internal.contoso.com.'] });
    azure.put(ownA(blue, here), ownPtr(blue, here), stale);
    await reconcileOnce(azure, blue, { recordSets: [stale.key], hints: ['10.1.0.8'] });
    expect(azure.find(stale.key)).toBeUndefined();
  });

  it('loses our name when it is a PTR at a hinted address that nobody has marked', async () => {
    const azure = withTags({});
    const stale = recordSet(ptrKey('10.1.0.8'), [
      'legacy.contoso.com.',
      'shop-blue.spoke-a.internal.contoso.com.',
    ]);
    azure.put(ownA(blue, here), ownPtr(blue, here), stale);
    await reconcileOnce(azure, blue, { recordSets: [stale.key], hints: ['10.1.0.8'] });
    expect(azure.find(stale.key)?.values).toEqual(['legacy.contoso.com.']);
  });

  it.each([
    [
      'a former name of ours',
      ['was.spoke-a.internal.contoso.com.', 'legacy.contoso.com.'],
      ['legacy.contoso.com.'],
    ],
    [
      'no name that can be ours',
      ['one.contoso.com.', 'two.contoso.com.'],
      ['one.contoso.com.', 'two.contoso.com.'],
    ],
  ])('is ours no longer when it is a PTR of ours with names of others and %s', async (_, values, left) => {
    const azure = withTags({});
    const stale = ownPtr(blue, '10.1.0.8', { values });
    azure.put(ownA(blue, here), ownPtr(blue, here), stale);
    await reconcileOnce(azure, blue, { recordSets: [stale.key], hints: ['10.1.0.8'] });
    const { values: now, metadata } = azure.find(stale.key) ?? {};
    expect([now, metadata]).toEqual([left, {}]);
  });

  it('is named by the re-check of its removal, which cleans a PTR that was written meanwhile', async () => {
    const azure = new InMemoryAzure();
    azure.put({ ...ownA(blue, here, { age: 1_000 }), key: old });
    await reconcileOnce(azure, blue, { recordSets: [old] });
    azure.put(ownPtr(blue, here, { values: ['shop-blue.one.contoso.com.'] }));
    const [{ message: { addresses: hints, recordSets } = {} } = {}] = azure.queue;
    await reconcileOnce(azure, blue, { hints: hints ?? [], recordSets: recordSets ?? [] });
    expect(azure.recordSets).toEqual([]);
  });
});

describe('a group that opted out', () => {
  it('loses its record sets', async () => {
    const azure = new InMemoryAzure();
    azure.put(ownA(blue, here), ownPtr(blue, here));
    azure.groups.set(blue.key, { kind: 'unaddressed', reason: 'optedOut' });
    expect(await reconcileOnce(azure, blue)).toMatchObject({ result: 'removed' });
    expect(azure.recordSets).toEqual([]);
  });
});
