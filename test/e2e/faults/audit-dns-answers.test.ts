import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../../local/azure/arm/faults.ts';
import type { LocalAzureOptions } from '../../../local/azure/local-azure.ts';
import { sampleHub, sampleSubscriptionId, sampleZoneMap } from '../../../local/azure/sample.ts';
import { once } from '../../../src/lib/async.ts';
import { resourceEvent } from '../events.ts';
import { type Installation, install, type Settings } from '../installation.ts';
import { records, recordsOf, removeEverything } from '../records.ts';

const installations = new Set<Installation>();
afterAll(() => Promise.all(Array.from(installations, (one) => one.close())));
afterEach(() => {
  for (const { azure } of installations) removeEverything(azure);
});

const second = '22222222-2222-2222-2222-222222222222';
const spokeA = sampleZoneMap['rg-spoke-a'];
const listOfGroups = `/subscriptions/${sampleSubscriptionId}/providers/Microsoft.ContainerInstance/containerGroups`;

async function installed(options: { azure?: LocalAzureOptions; settings?: Settings }): Promise<Installation> {
  const { azure, settings } = options;
  const installation = await install({ azure: { ...azure, storage: {} }, ...(settings && { settings }) });
  installations.add(installation);
  return installation;
}

/** Those that nobody changes are shared. */
const plain = once(() => installed({}));
const withSmallPages = once(() =>
  installed({
    azure: { containerGroupBehaviour: { pageSize: 1 }, privateDnsBehaviour: { maxPageSize: 1 } },
  }),
);
const withRepairs = once(async () => {
  const app = await installed({});
  await app.azure.eventGrid.subscribeFunction(app.host.url, 'reconcileDns', {
    topic: 'evenkeel',
    schema: 'CloudEventSchemaV1_0',
    includedEventTypes: ['evenkeel.dns.driftDetected'],
  });
  return app;
});

/** Fires the sweep, and returns what it published and what was printed of it. */
async function audit({ azure, lines }: Installation, url: string) {
  const from = lines.length;
  const published = azure.topic('evenkeel').events.length;
  await fetch(`${url}/admin/functions/auditDns`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"input":""}',
  });
  const ended = () => lines.slice(from).find((line) => /Executed 'Functions.auditDns'/.test(line));
  await expect.poll(ended, { timeout: 20_000 }).toBeDefined();
  await azure.eventGrid.idle();
  return {
    hasSucceeded: ended()?.includes('Succeeded'),
    printed: lines.slice(from).join('\n'),
    findings: azure
      .topic('evenkeel')
      .events.slice(published)
      .map(({ data }) => data as { finding: string; recordSets?: readonly string[] }),
  };
}

describe('a list of container groups that is not one', () => {
  it.each<[string, Omit<Extract<Fault, { kind: 'status' }>, 'kind' | 'status'>]>([
    ['an empty object', { body: {} }],
    ['no value', { body: { value: null } }],
    ['the sign-in page of a proxy', { text: '<html>Sign in</html>' }],
  ])('%s, makes the audit incomplete, without an orphan', async (_, answer) => {
    const app = await plain();
    const web = app.azure.containerGroups.create({
      resourceGroup: 'rg-spoke-a',
      name: 'web',
      address: '10.1.0.4',
    });
    expect(await app.deliver(resourceEvent(web))).toBe(202);
    app.azure.faults.add({ kind: 'status', status: 200, path: listOfGroups, ...answer });
    const { printed, findings } = await audit(app, app.host.url);
    expect(findings).toEqual([]);
    expect(printed).toMatch(/"complete":false/);
    expect(printed).not.toMatch(/Cannot read properties|undefined/);
    expect(records(app.azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
  });
});

describe('the second page of a list', () => {
  const zoneOf = (name: string) =>
    `/subscriptions/${sampleSubscriptionId}/resourceGroups/${sampleHub}/providers/Microsoft.Network/privateDnsZones/${name}`;

  it.each<[string, string, Fault]>([
    ['container groups', 'is an empty object', { kind: 'status', status: 200, body: {}, path: listOfGroups }],
    [
      'container groups',
      'has null for a group',
      { kind: 'status', status: 200, body: { value: [null] }, path: listOfGroups },
    ],
    [
      'PTR record sets',
      'begins and never ends',
      { kind: 'withheldBody', path: `${zoneOf('1.10.in-addr.arpa')}/PTR` },
    ],
  ])('of %s which %s makes the audit end as incomplete, without a finding', async (_list, _what, fault) => {
    const app = await withSmallPages();
    for (const [name, address] of [
      ['api', '10.1.0.4'],
      ['web', '10.1.0.5'],
    ] as const) {
      const id = app.azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name, address });
      expect(await app.deliver(resourceEvent(id))).toBe(202);
    }
    const { hits } = app.azure.faults.add({ ...fault, page: 'following' });
    const { printed, findings } = await audit(app, app.host.url);
    expect(hits()).toBeGreaterThan(0);
    expect(findings).toEqual([]);
    expect(printed).toMatch(/"complete":false/);
    expect(printed).not.toMatch(/Cannot read properties/);
  });
});

describe('one more visible subscription', () => {
  it.each<[string, NonNullable<LocalAzureOptions['subscriptions']>[number]]>([
    [
      'without the provider of container groups',
      { id: second, unregisteredProviders: ['Microsoft.ContainerInstance'] },
    ],
    ['that is deleted', { id: second, isDeleted: true }],
  ])('%s leaves the audit complete and without a problem', async (_, subscription) => {
    const app = await installed({ azure: { subscriptions: [subscription] } });
    const web = app.azure.containerGroups.create({
      resourceGroup: 'rg-spoke-a',
      name: 'web',
      address: '10.1.0.4',
    });
    expect(await app.deliver(resourceEvent(web))).toBe(202);
    const { printed, findings, hasSucceeded } = await audit(app, app.host.url);
    expect([findings, hasSucceeded]).toEqual([[], true]);
    expect(printed).toMatch(/"complete":true/);
  });

  it('that refuses to be read names AUDIT_SUBSCRIPTIONS', async () => {
    const app = await installed({ azure: { subscriptions: [{ id: second }] } });
    app.azure.faults.add({
      kind: 'status',
      status: 403,
      code: 'AuthorizationFailed',
      pathPrefix: `/subscriptions/${second}`,
    });
    const { printed } = await audit(app, app.host.url);
    expect(printed).toMatch(/"complete":false/);
    expect(printed).toContain('AUDIT_SUBSCRIPTIONS');
  });
});

describe('when the zone map changes', () => {
  const changed = {
    ...sampleZoneMap,
    'rg-spoke-a': { ...spokeA, forwardZone: 'spoke-b.internal.contoso.com' },
    'rg-spoke-c': spokeA,
  };

  it('a record set in the former zone is misplaced, and its event has it removed and the right one made', async () => {
    const app = await installed({});
    const { azure } = app;
    const web = azure.containerGroups.create({
      resourceGroup: 'rg-spoke-a',
      name: 'web',
      address: '10.1.0.4',
    });
    expect(await app.deliver(resourceEvent(web))).toBe(202);
    const { url } = await app.startHost({ DNS_ZONE_MAP: JSON.stringify(changed) });
    const { findings } = await audit(app, url);
    expect(findings.map(({ finding }) => finding).toSorted()).toContain('misplaced');
    const zoneIds = findings.flatMap(({ recordSets = [] }) => recordSets);
    expect(zoneIds.join(' ').toLowerCase()).toContain(
      `${sampleHub}/providers/microsoft.network/privatednszones/spoke-a.internal.contoso.com/a/web`,
    );
    await azure.eventGrid.subscribeFunction(url, 'reconcileDns', {
      topic: 'evenkeel',
      schema: 'CloudEventSchemaV1_0',
      includedEventTypes: ['evenkeel.dns.driftDetected'],
    });
    await audit(app, url);
    expect(records(azure)).toEqual([
      'A web.spoke-b.internal.contoso.com 10.1.0.4',
      'PTR 4.0.1.10.in-addr.arpa web.spoke-b.internal.contoso.com.',
    ]);
    expect((await audit(app, url)).findings).toEqual([]);
  });

  it('an owner that no entry covers any more is unmapped, and its record sets stay', async () => {
    const app = await plain();
    const { azure } = app;
    const web = azure.containerGroups.create({
      resourceGroup: 'rg-spoke-a',
      name: 'web',
      address: '10.1.0.4',
    });
    expect(await app.deliver(resourceEvent(web))).toBe(202);
    const { url } = await app.startHost({ DNS_ZONE_MAP: JSON.stringify({ 'rg-spoke-c': spokeA }) });
    const { findings } = await audit(app, url);
    expect(new Set(findings.map(({ finding }) => finding))).toEqual(new Set(['unmapped']));
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
  });
});

it.each([
  ['the address of a live group', '4.0.1'],
  ['another address', '9.0.1'],
])('an unmarked PTR of %s in a zone that is not the longest is found and cleaned', async (_, name) => {
  const app = await withRepairs();
  const { azure } = app;
  const web = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web', address: '10.1.0.4' });
  expect(await app.deliver(resourceEvent(web))).toBe(202);
  azure.zones.put('10.in-addr.arpa', 'PTR', name, { values: ['web.spoke-a.internal.contoso.com.'] });
  const { findings } = await audit(app, app.host.url);
  expect(findings.map(({ finding }) => finding)).toEqual(['stalePtr']);
  expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
});
