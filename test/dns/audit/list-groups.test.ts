import { describe, expect, it } from 'vitest';
import { listGroups } from '../../../src/dns/audit/list-groups.ts';
import type { LiveGroup } from '../../../src/dns/container-group.ts';
import type { GroupScope, ListedGroup } from '../../../src/dns/ports.ts';
import { deadlineIn } from '../../../src/lib/deadline.ts';
import { MissingPermissionError, RefusedCallError } from '../../../src/lib/errors.ts';
import { groupId, subscriptionId, zoneMapOf, zones } from '../fixtures.ts';

const web = groupId('web');
const here: LiveGroup = { kind: 'addressed', address: '10.1.0.4', isRunning: true };
const noNetwork: LiveGroup = { kind: 'unaddressed', reason: 'noNetwork' };
const notReady: LiveGroup = { kind: 'notReady', detail: 'it is being created' };
const other = '99999999-0000-0000-0000-000000000001';

const refusal = (code?: string) => new RefusedCallError('list', 'scope', 'no', { code });
const forbidden = new MissingPermissionError('list', 'scope', 'assign the role Reader', '403');

/** The pages of a listing, and the failure that it may end with. */
type Listing = readonly (readonly ListedGroup[] | Error)[];

interface World {
  /** By subscription, or `subscription/resourceGroup`. What is not here is empty. */
  readonly listings?: Readonly<Record<string, Listing>>;
  /** What a read by id is answered. */
  readonly read?: () => Promise<LiveGroup>;
  readonly map?: typeof zones;
  readonly subscriptions?: readonly string[];
  readonly incidental?: readonly string[];
}

async function list({
  listings = {},
  read = async () => here,
  map = zones,
  subscriptions = [subscriptionId],
  incidental = [],
}: World) {
  const reads: string[] = [];
  const listed: string[] = [];
  const ports = {
    containerGroups: {
      read: (id: { readonly name: string }) => {
        reads.push(id.name);
        return read();
      },
    },
    groupLister: {
      async *list(scope: GroupScope) {
        const name = [scope.subscriptionId, scope.resourceGroup ?? []].flat().join('/');
        listed.push(name);
        for (const page of listings[name] ?? []) {
          if (page instanceof Error) throw page;
          yield page;
        }
      },
    },
  };
  const scope = { subscriptions, incidental: new Set(incidental) };
  return { ...(await listGroups(scope, map, ports, 2, deadlineIn(10_000))), reads, listed };
}

const one = (live: LiveGroup, id = web): Record<string, Listing> => ({ [subscriptionId]: [[{ id, live }]] });

describe('the list of the container groups of a subscription', () => {
  it.each<[string, LiveGroup, boolean]>([
    ['has an address', here, false],
    ['is stopped', { kind: 'unaddressed', reason: 'stopped' }, false],
    ['has a public address', { kind: 'unaddressed', reason: 'public' }, false],
    ['is not ready', notReady, true],
    ['is unknown', { kind: 'unknown', detail: 'Failed' }, true],
    ['shows no network', noNetwork, true],
  ])('leads to a read by id where a group %s, or does not', async (_, live, isRead) => {
    expect((await list({ listings: one(live) })).reads).toEqual(isRead ? ['web'] : []);
  });

  it.each<[string, () => Promise<LiveGroup>, readonly (string | null | undefined)[]]>([
    ['an address', async () => here, ['10.1.0.4']],
    ['stopped', async () => ({ kind: 'unaddressed', reason: 'stopped' }), [null]],
    ['no network, which may be left out', async () => noNetwork, [undefined]],
    ['not ready', async () => notReady, [undefined]],
    ['no answer', () => Promise.reject(refusal()), [undefined]],
  ])('knows the address of a group whose read says %s, that it has none, or neither', async (_, read, of) => {
    const { groups } = await list({ listings: one(notReady), read });
    expect(groups.map(({ address }) => address)).toEqual(of);
  });

  it('leaves out a group that is gone once it is read', async () => {
    const read = async (): Promise<LiveGroup> => ({ kind: 'unaddressed', reason: 'gone' });
    expect((await list({ listings: one(notReady), read })).groups).toEqual([]);
  });

  it.each<[string, LiveGroup, string, boolean]>([
    ['a group with an address', { ...here, tags: { host: 'Shop' } }, 'shop', true],
    ['a group without one', { kind: 'unaddressed', reason: 'stopped', tags: { host: 'shop' } }, 'shop', true],
    ['a group with another tag', { ...here, tags: { team: 'a' } }, 'web', false],
    ['a group that is not ready', notReady, 'web', false],
  ])('takes the host name from the tag of %s, or from the name', async (_, live, hostName, isNameFromTag) => {
    const map = zoneMapOf({ 'rg-spoke-a': { forwardZone: 'spoke-a.contoso.com', hostNameTag: 'host' } });
    const { groups } = await list({ listings: one(live), read: async () => live, map });
    expect(groups).toMatchObject([{ id: web, hostName, isNameFromTag }]);
  });

  it('counts a group once that stands on two pages, and names one once that no entry covers', async () => {
    const stranger = groupId('db', 'rg-other');
    const page = [
      { id: web, live: here },
      { id: stranger, live: here },
    ];
    const { groups, unmapped } = await list({ listings: { [subscriptionId]: [page, page] } });
    expect(groups).toHaveLength(1);
    expect(unmapped).toEqual([stranger.key]);
  });

  it('shows that a group does not exist, once it was read to its end', async () => {
    const whole = await list({});
    expect(whole.isListed(web)).toBe(true);
    expect(whole.isListed({ ...web, subscriptionId: subscriptionId.toUpperCase() })).toBe(true);
    expect(whole.isListed({ ...web, subscriptionId: other })).toBe(false);

    const broken = await list({ listings: { [subscriptionId]: [[{ id: web, live: here }], refusal()] } });
    expect(broken.isListed(web)).toBe(false);
    expect(broken.unread).toMatchObject([{ scope: `/subscriptions/${subscriptionId}` }]);
  });

  it('shows nothing of the groups of an entry that is wrong', async () => {
    const map = zoneMapOf({ 'rg-spoke-a': { forwardZone: 7 } });
    const { isListed, groups, unmapped, unread } = await list({ listings: one(here), map });
    expect({ isListed: isListed(web), groups, unmapped, unread }).toEqual({
      isListed: false,
      groups: [],
      unmapped: [],
      unread: [],
    });
  });
});

describe('a subscription whose list is refused', () => {
  const inOther = `${other}/rg-there`;
  const map = zoneMapOf({
    'rg-everywhere': { forwardZone: 'a.contoso.com' },
    [`${subscriptionId.toUpperCase()}/rg-here`]: { forwardZone: 'b.contoso.com' },
    [inOther]: { forwardZone: 'c.contoso.com' },
  });

  it('is listed by its mapped resource groups, where the permission is missing', async () => {
    const listings = { [subscriptionId]: [forbidden], [`${subscriptionId}/rg-here`]: [forbidden] };
    const { listed, isListed, unread } = await list({ listings, map });
    expect(listed).toEqual([subscriptionId, `${subscriptionId}/rg-everywhere`, `${subscriptionId}/rg-here`]);
    expect(isListed(groupId('web', 'RG-Everywhere'))).toBe(true);
    expect(isListed(groupId('web', 'rg-here'))).toBe(false);
    expect(unread).toEqual([
      { scope: `/subscriptions/${subscriptionId}/resourcegroups/rg-here`, reason: forbidden.message },
    ]);
  });

  it('is not asked again, where the reason is another one', async () => {
    const { listed, unread } = await list({ listings: { [subscriptionId]: [refusal()] }, map });
    expect(listed).toEqual([subscriptionId]);
    expect(unread).toEqual([{ scope: `/subscriptions/${subscriptionId}`, reason: refusal().message }]);
  });

  it.each<[string, Error, boolean, boolean]>([
    ['that does not exist, is named', refusal('SubscriptionNotFound'), false, true],
    ['that does not exist, is incidental', refusal('subscriptionNotFound'), true, false],
    ['without the provider, is named', refusal('MissingSubscriptionRegistration'), false, false],
    ['without the provider, is incidental', refusal('missingSubscriptionRegistration'), true, false],
    ['refused by another code, is incidental', refusal('Forbidden'), true, true],
    ['refused without a code, is incidental', refusal(), true, true],
  ])('%s, and is unread or not', async (_, error, isIncidental, isUnread) => {
    const { unread, isListed } = await list({
      listings: { [other]: [error] },
      subscriptions: [subscriptionId, other],
      incidental: isIncidental ? [other] : [],
    });
    expect(unread.map(({ scope }) => scope)).toEqual(isUnread ? [`/subscriptions/${other}`] : []);
    expect(isListed({ ...web, subscriptionId: other })).toBe(false);
  });

  it.each([
    [true, /^list .*; or list the subscriptions to search in AUDIT_SUBSCRIPTIONS, and leave .*1 out$/],
    [false, /^list on scope was refused \(403\): assign the role Reader$/],
  ])('may be left out where a permission is missing, when it is incidental: %s', async (isIncidental, of) => {
    const { unread } = await list({
      listings: { [other]: [forbidden], [`${other}/rg-spoke-a`]: [forbidden] },
      map: zoneMapOf({ 'rg-spoke-a': { forwardZone: 'a.contoso.com' } }),
      subscriptions: [other],
      incidental: isIncidental ? [other] : [],
    });
    expect(unread).toEqual([
      { scope: `/subscriptions/${other}/resourcegroups/rg-spoke-a`, reason: expect.stringMatching(of) },
    ]);
  });
});
