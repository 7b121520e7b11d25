import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { sampleSubscriptionId, sampleZoneMap } from '../../../local/azure/sample.ts';
import { containerGroupAdapters } from '../../../src/azure/arm/container-groups.ts';
import { recordSetAdapters } from '../../../src/azure/arm/record-sets.ts';
import { subscriptionLister } from '../../../src/azure/arm/subscriptions.ts';
import { sweep } from '../../../src/dns/audit/sweep.ts';
import { deadlineIn } from '../../../src/lib/deadline.ts';
import { zoneMapOf } from '../fixtures.ts';

let azure: LocalAzure;

beforeEach(async () => {
  azure = await startLocalAzure({ containerGroupBehaviour: { pageSize: 3 }, quotas: { enabled: false } });
});
afterEach(() => azure.close());

function run(zones: object = sampleZoneMap, subscriptions?: string[]) {
  const access = { endpoint: azure.armEndpoint, audience: 'unused', credential: undefined };
  const groups = containerGroupAdapters(access);
  const ports = {
    containerGroups: groups.reader,
    groupLister: groups.lister,
    recordSetLister: recordSetAdapters(access).lister,
    subscriptionLister: subscriptionLister(access),
    clock: { now: () => new Date() },
  };
  const request = {
    zones: zoneMapOf(zones),
    foreignRecords: 'overwrite',
    subscriptions,
    before: undefined,
  } as const;
  return sweep(request, ports, deadlineIn(10_000));
}

/** A group with the records that evenkeel would have written. */
function evenGroup(name: string, address: string): string {
  const id = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name, address });
  const [, , third, fourth] = address.split('.');
  const metadata = { evenkeelOwner: id.toLowerCase() };
  azure.zones.put('spoke-a.internal.contoso.com', 'A', name, { values: [address], metadata });
  const values = [`${name}.spoke-a.internal.contoso.com.`];
  azure.zones.put('1.10.in-addr.arpa', 'PTR', `${fourth}.${third}`, { values, metadata });
  return id;
}

describe('a sweep', () => {
  it('finds nothing where all is even, in as many calls as there are pages and scopes', async () => {
    for (let index = 4; index < 11; index++) evenGroup(`app-${index}`, `10.1.0.${index}`);
    const mark = azure.requests.mark();
    const report = await run();
    expect(report).toMatchObject({ complete: true, unread: [], findings: [], unmapped: [] });
    expect(report.spokes).toEqual([
      { key: 'rg-spoke-a', groups: 7, recordSets: 14, findings: 0 },
      { key: 'rg-spoke-b', groups: 0, recordSets: 0, findings: 0 },
    ]);
    // The subscriptions, three pages of groups, four zones.
    expect(azure.requests.since(mark)).toHaveLength(8);
  });

  it('writes to no zone, whatever it finds', async () => {
    azure.containerGroups.move(evenGroup('web', '10.1.0.4'), '10.1.0.9');
    azure.containerGroups.delete(evenGroup('gone', '10.1.0.5'));
    const mark = azure.requests.mark();
    const report = await run();
    expect(report.findings.map(({ finding }) => finding).toSorted()).toEqual([
      'addressDiffers',
      'orphan',
      'ptrMissing',
      'stalePtr',
    ]);
    expect(azure.requests.since(mark).filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  it('reads a group by id where its listing does not tell a stopped one from one that is not ready', async () => {
    const id = evenGroup('web', '10.1.0.4');
    azure.containerGroups.stop(id);
    const mark = azure.requests.mark();
    expect((await run()).findings.map(({ finding }) => finding)).toEqual(['orphan']);
    expect(azure.requests.since(mark, 'ContainerGroups_Get')).toHaveLength(1);
  });

  it('takes no record for an orphan when a page of groups is missing, and says that it is incomplete', async () => {
    for (let index = 4; index < 11; index++) evenGroup(`app-${index}`, `10.1.0.${index}`);
    let page = 0;
    azure.faults.add({
      kind: 'status',
      status: 500,
      match: ({ operation }) => operation === 'ContainerGroups_List' && ++page === 2,
    });
    const report = await run();
    expect(report).toMatchObject({ complete: false, findings: [] });
    expect(report.unread).toHaveLength(1);
  });

  it('misses no record set when a zone cannot be read, and says that it is incomplete', async () => {
    evenGroup('web', '10.1.0.4');
    azure.faults.add({ kind: 'status', status: 503, match: /GET .*1\.10\.in-addr\.arpa\/PTR/ });
    expect(await run()).toMatchObject({ complete: false, findings: [] });
  });

  it('concludes no removal from the pages of a zone whose rest is missing', async () => {
    await azure.close();
    azure = await startLocalAzure({ privateDnsBehaviour: { maxPageSize: 1 } });
    azure.containerGroups.delete(evenGroup('gone', '10.1.0.4'));
    evenGroup('web', '10.1.0.5');
    let page = 0;
    azure.faults.add({
      kind: 'status',
      status: 503,
      match: ({ id }) => id.endsWith('/A') && ++page === 2,
    });
    const report = await run({ 'rg-spoke-a': { ...sampleZoneMap['rg-spoke-a'], reverseZones: [] } });
    expect(report).toMatchObject({ complete: false, findings: [] });
    expect(page).toBe(2);
  });

  it('lists mapped resource groups one by one where it may not list the subscription', async () => {
    evenGroup('web', '10.1.0.4');
    azure.containerGroups.delete(evenGroup('gone', '10.1.0.5'));
    azure.faults.add({ kind: 'status', status: 403, match: 'ContainerGroups_List' });
    const report = await run();
    expect(report).toMatchObject({ complete: true, findings: [{ finding: 'orphan' }] });
  });

  it('takes no error from a mapped resource group that a searched subscription does not have', async () => {
    evenGroup('web', '10.1.0.4');
    const spoke = { forwardZone: 'spoke-x.internal.contoso.com', reverseZones: [] };
    expect(await run({ ...sampleZoneMap, 'rg-elsewhere': spoke })).toMatchObject({
      complete: true,
      findings: [],
    });
  });

  it('names groups that share an address, and those that the zone map does not know', async () => {
    const web = evenGroup('web', '10.1.0.4');
    const twin = azure.containerGroups.create({ resourceGroup: 'rg-spoke-b', name: 'twin' });
    azure.containerGroups.set(twin, { address: '10.1.0.4' });
    const other = azure.containerGroups.create({ resourceGroup: 'rg-other', name: 'other' });
    const report = await run();
    expect(report.sharedAddresses).toEqual([
      { address: '10.1.0.4', containerGroups: [web, twin].map((id) => id.toLowerCase()).toSorted() },
    ]);
    expect(report.unmapped).toEqual([other.toLowerCase()]);
  });

  it('takes a group that is listed twice for one', async () => {
    evenGroup('web', '10.1.0.4');
    azure.faults.add({
      match: /\/containerGroups$/i,
      kind: 'changedAnswer',
      change: (answer) => {
        const { value } = v.parse(v.object({ value: v.array(v.unknown()) }), answer.body);
        return { ...answer, body: { value: [...value, ...value] } };
      },
    });
    const { sharedAddresses, spokes, findings } = await run();
    expect({ sharedAddresses, findings, groups: spokes[0]?.groups }).toEqual({
      sharedAddresses: [],
      findings: [],
      groups: 1,
    });
  });

  it('looks where it is told to, and asks for no list of subscriptions then', async () => {
    evenGroup('web', '10.1.0.4');
    const mark = azure.requests.mark();
    await run(sampleZoneMap, [sampleSubscriptionId]);
    expect(azure.requests.since(mark, 'Subscriptions_List')).toEqual([]);
  });

  describe('over a zone map with a bad entry', () => {
    const bad = { ...sampleZoneMap['rg-spoke-a'], ttl: 'soon' };
    const problem = 'DNS_ZONE_MAP["rg-spoke-a"].ttl: expected number, found "soon"';

    it('takes nothing of its groups for an orphan, says that it is incomplete, and compares the others', async () => {
      evenGroup('web', '10.1.0.4');
      azure.containerGroups.delete(evenGroup('gone', '10.1.0.5'));
      const other = azure.containerGroups.create({ resourceGroup: 'rg-spoke-b', name: 'other' });
      const report = await run({ 'rg-spoke-a': bad, 'rg-spoke-b': sampleZoneMap['rg-spoke-b'] });
      expect(report).toMatchObject({
        complete: false,
        unread: [{ scope: 'DNS_ZONE_MAP', reason: problem }],
        unmapped: [],
        spokes: [{ key: 'rg-spoke-b', groups: 1 }],
      });
      expect(report.findings.map(({ finding, containerGroup }) => [finding, containerGroup])).toEqual([
        ['aMissing', other.toLowerCase()],
        ['ptrMissing', other.toLowerCase()],
      ]);
    });

    it('takes nothing for an orphan where the key of another entry covers the group as well', async () => {
      azure.containerGroups.delete(evenGroup('gone', '10.1.0.5'));
      const zones = {
        [`${sampleSubscriptionId}/rg-spoke-a`]: bad,
        'rg-spoke-a': sampleZoneMap['rg-spoke-a'],
      };
      expect(await run(zones)).toMatchObject({ complete: false, findings: [] });
    });

    it('makes nothing up where it may not list the subscription either', async () => {
      evenGroup('web', '10.1.0.4');
      azure.containerGroups.delete(evenGroup('gone', '10.1.0.5'));
      azure.faults.add({ kind: 'status', status: 403, match: 'ContainerGroups_List' });
      const report = await run({ 'rg-spoke-a': bad, 'rg-spoke-b': sampleZoneMap['rg-spoke-b'] });
      expect(report).toMatchObject({ complete: false, findings: [], unread: [{ scope: 'DNS_ZONE_MAP' }] });
    });

    it('reports each bad entry, and calls nobody for a map of bad entries', async () => {
      const mark = azure.requests.mark();
      const report = await run({ 'rg-spoke-a': bad, 'rg-spoke-b': {} });
      expect(report.unread.map(({ reason }) => reason)).toEqual([
        problem,
        expect.stringMatching(/^DNS_ZONE_MAP\["rg-spoke-b"\]\.forwardZone: /),
      ]);
      expect(azure.requests.since(mark)).toEqual([]);
    });
  });
});
