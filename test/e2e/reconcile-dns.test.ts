import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sampleZoneMap } from '../../local/azure/sample.ts';
import { appHost } from './app-host.ts';
import { cloudEvent, resourceEvent } from './events.ts';
import { type Installation, install } from './installation.ts';
import { calls, records, recordsOf, removeEverything } from './records.ts';

let installation: Installation;

/** So long that a host name of 62 characters makes a name of 254. */
const longZone = Array(3).fill('z'.repeat(63)).join('.');

beforeAll(async () => {
  installation = await install({
    settings: { DNS_ZONE_MAP: JSON.stringify({ ...sampleZoneMap, 'rg-long': { forwardZone: longZone } }) },
  });
});
afterAll(() => installation.close());
afterEach(() => removeEverything(installation.azure));

const create = (name: string, address: string, resourceGroup = 'rg-spoke-a') =>
  installation.azure.containerGroups.create({ resourceGroup, name, address });

describe('reconcileDns, built and hosted', () => {
  it('creates both records of a new group with 4 reads and 2 writes', async () => {
    const { azure, deliver } = installation;
    const web = create('web', '10.1.0.4');
    const mark = azure.requests.mark();
    expect(await deliver(resourceEvent(web))).toBe(202);
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
    expect(calls(azure, mark)).toEqual({ reads: 4, writes: 2 });
  });

  it('finds nothing to do with 3 reads and no write when the event comes again', async () => {
    const { azure, deliver } = installation;
    const event = resourceEvent(create('web', '10.1.0.4'));
    await deliver(event);
    const mark = azure.requests.mark();
    expect(await deliver(event)).toBe(202);
    expect(calls(azure, mark)).toEqual({ reads: 3, writes: 0 });
  });

  it('follows a move with 5 reads and 3 writes, and leaves no PTR behind', async () => {
    const { azure, deliver } = installation;
    const web = create('web', '10.1.0.4');
    await deliver(resourceEvent(web));
    azure.containerGroups.move(web, '10.1.0.7');
    const mark = azure.requests.mark();
    expect(await deliver(resourceEvent(web, 'Action'))).toBe(202);
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.7'));
    expect(calls(azure, mark)).toEqual({ reads: 5, writes: 3 });
  });

  it('removes both records of a deleted group with 4 reads and 2 writes', async () => {
    const { azure, deliver } = installation;
    const web = create('web', '10.1.0.4');
    await deliver(resourceEvent(web));
    azure.containerGroups.delete(web);
    const mark = azure.requests.mark();
    expect(await deliver(resourceEvent(web, 'Delete'))).toBe(202);
    expect(records(azure)).toEqual([]);
    expect(calls(azure, mark)).toEqual({ reads: 4, writes: 2 });
  });

  it('repairs instead of removing when a late delete event meets a group that exists again', async () => {
    const { azure, deliver } = installation;
    const web = create('web', '10.1.0.4');
    expect(await deliver(resourceEvent(web, 'Delete'))).toBe(202);
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
  });

  it('ends right when two groups swap addresses and both events come together, in both envelopes', async () => {
    const { azure, deliver } = installation;
    const [one, two] = [create('one', '10.1.0.4'), create('two', '10.1.0.5')];
    await Promise.all([deliver(resourceEvent(one)), deliver(cloudEvent(two))]);
    azure.containerGroups.swap(one, two);
    const events = [resourceEvent(one), cloudEvent(one), resourceEvent(two), cloudEvent(two)];
    // A conflict while the two swap may be transient: Event Grid repeats what fails.
    let open = events;
    for (let attempt = 0; open.length > 0 && attempt < 5; attempt++) {
      const statuses = await Promise.all(open.map((event) => deliver(event)));
      open = open.filter((_, index) => statuses[index] !== 202);
    }
    expect(open).toEqual([]);
    expect(records(azure)).toEqual(
      [...recordsOf('one', 'a', '10.1.0.5'), ...recordsOf('two', 'a', '10.1.0.4')].toSorted(),
    );
  });

  it('ends right when ten deliveries of one event run at once', async () => {
    const { azure, deliver } = installation;
    const event = resourceEvent(create('web', '10.1.0.4'));
    const statuses = await Promise.all(Array.from({ length: 10 }, () => deliver(event)));
    expect(new Set(statuses)).toEqual(new Set([202]));
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
  });

  it('puts the PTR into the longest reverse zone that covers the address', async () => {
    const { azure, deliver } = installation;
    await deliver(resourceEvent(create('api', '10.2.0.9', 'rg-spoke-b')));
    expect(records(azure)).toEqual(recordsOf('api', 'b', '10.2.0.9'));
    expect(azure.zones.get('10.in-addr.arpa', 'PTR', '9.0.2')?.values).toEqual([
      'api.spoke-b.internal.contoso.com.',
    ]);
  });

  it('measures no negative lag where the clock of a sender is ahead', async () => {
    const { deliver, lines } = installation;
    const from = lines.length;
    const eventTime = new Date(Date.now() + 3_600_000).toISOString();
    expect(await deliver({ ...resourceEvent(create('web', '10.1.0.4')), eventTime })).toBe(202);
    expect(lines.slice(from).find((line) => line.includes('dns reconciled'))).toContain('"lagMs":0,');
  });

  it('compares ids without their casing', async () => {
    const { azure, deliver } = installation;
    const web = create('web', '10.1.0.4');
    await deliver(resourceEvent(web.toUpperCase()));
    const mark = azure.requests.mark();
    await deliver(resourceEvent(web));
    expect(calls(azure, mark)).toEqual({ reads: 3, writes: 0 });
  });
});

describe('what reconcileDns accepts without a call to Azure', () => {
  const id = (type: string) => `/subscriptions/s/resourceGroups/rg-spoke-a/providers/${type}`;
  const named = (subject: string) => resourceEvent(subject);
  it.each([
    ['another provider', named(id('Microsoft.Web/sites/web')), 'foreignProvider'],
    [
      'a child resource',
      named(id('Microsoft.ContainerInstance/containerGroups/web/containers/c')),
      'childResource',
    ],
    [
      'an unmapped group',
      named('/subscriptions/s/resourceGroups/rg-x/providers/Microsoft.ContainerInstance/containerGroups/web'),
      'unmappedResourceGroup',
    ],
    ['a subject that is no resource', named('web'), 'event malformed'],
    ['an event without a type', { ...named(id('x')), eventType: undefined }, 'event malformed'],
    [
      'a name that is no DNS label',
      named(id('Microsoft.ContainerInstance/containerGroups/web_1')),
      'container group name is no DNS label',
    ],
    [
      'a name that is too long with its zone',
      resourceEvent(
        `/subscriptions/s/resourceGroups/rg-long/providers/Microsoft.ContainerInstance/containerGroups/${'n'.repeat(62)}`,
      ),
      'container group name is no DNS label',
    ],
  ])('%s', async (_what, event, reason) => {
    const { azure, deliver, lines } = installation;
    const mark = azure.requests.mark();
    const from = lines.length;
    expect(await deliver(event)).toBe(202);
    expect(azure.requests.since(mark)).toEqual([]);
    expect(lines.slice(from).filter((line) => line.includes(reason))).toHaveLength(1);
  });
});

describe('what fails the invocation, so that the event comes again', () => {
  it.for([
    [
      'a write that is refused',
      { match: 'RecordSets_CreateOrUpdate', kind: 'status', status: 403 },
      'assign the role Private DNS Zone Contributor',
    ],
    [
      'a read of the group that is refused',
      { match: 'ContainerGroups_Get', kind: 'status', status: 403 },
      'assign the role Reader',
    ],
    [
      'a group whose subscription is not found',
      { match: 'ContainerGroups_Get', kind: 'status', status: 404, code: 'SubscriptionNotFound' },
      'unknown state',
    ],
    [
      'a quota that asks for more time than there is',
      { match: 'RecordSets_CreateOrUpdate', kind: 'status', status: 429, retryAfterSeconds: 60 },
      'was throttled; retry after 60 s',
    ],
  ] as const)('%s', async ([what, fault, sentence], { skip }) => {
    skip(appHost.needsStorage && what.startsWith('a quota'), 'with storage, the app puts the event off');
    const { azure, deliver, lines } = installation;
    const web = create('web', '10.1.0.4');
    azure.faults.add(fault);
    const from = lines.length;
    expect(await deliver(resourceEvent(web))).toBe(500);
    const outcome = lines.slice(from).filter((line) => line.includes('dns reconciling failed'));
    expect(outcome).toHaveLength(1);
    expect(outcome.join()).toContain(sentence);
    expect(records(azure)).toEqual([]);
  });

  it('a zone that Azure does not have, named together with the setting', async () => {
    const { azure, deliver, lines } = installation;
    azure.zones.delete('spoke-a.internal.contoso.com');
    const from = lines.length;
    expect(await deliver(resourceEvent(create('web', '10.1.0.4')))).toBe(500);
    azure.zones.create({ name: 'spoke-a.internal.contoso.com' });
    expect(lines.slice(from).join('\n')).toMatch(
      /spoke-a\.internal\.contoso\.com does not exist: .* in DNS_ZONE_MAP/,
    );
  });

  it('a group that has no address yet, which is no fault', async () => {
    const { azure, deliver, lines } = installation;
    const web = create('web', '10.1.0.4');
    azure.containerGroups.set(web, { provisioningState: 'Creating', address: undefined });
    const from = lines.length;
    expect(await deliver(resourceEvent(web))).toBe(500);
    expect(lines.slice(from).find((line) => line.includes('has to wait'))).toContain('"reason":"notReady"');
  });
});

describe('what reconcileDns mends within one invocation', () => {
  it.each([
    ['a write whose answer is lost', { match: 'RecordSets_CreateOrUpdate', kind: 'lostAnswer', times: 2 }],
    ['a write that never arrives', { match: 'RecordSets_CreateOrUpdate', kind: 'lostRequest', times: 1 }],
    ['a service error', { match: 'ContainerGroups_Get', kind: 'status', status: 503, times: 1 }],
    [
      'a short wait that a quota asks for',
      { match: 'RecordSets_CreateOrUpdate', kind: 'status', status: 429, retryAfterSeconds: 1, times: 1 },
    ],
  ] as const)('%s', async (_what, fault) => {
    const { azure, deliver } = installation;
    const web = create('web', '10.1.0.4');
    azure.faults.add(fault);
    expect(await deliver(resourceEvent(web))).toBe(202);
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
  });
});

it('prints no personal data of an event', async () => {
  const { deliver, lines } = installation;
  await deliver(resourceEvent(create('web', '10.1.0.4')));
  expect(lines.join('\n')).not.toMatch(/grace|203\.0\.113/i);
});
