import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { sampleSubscriptionId, sampleZoneMap } from '../../../local/azure/sample.ts';
import { containerGroupAdapters } from '../../../src/azure/arm/container-groups.ts';
import { recordSetAdapters } from '../../../src/azure/arm/record-sets.ts';
import { sweep } from '../../../src/dns/audit/sweep.ts';
import { deadlineIn } from '../../../src/lib/deadline.ts';
import { zoneMapOf } from '../fixtures.ts';

const other = '99999999-0000-0000-0000-000000000001';

let azure: LocalAzure;
beforeEach(async () => {
  azure = await startLocalAzure({ quotas: { enabled: false } });
  azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web', address: '10.1.0.4' });
});
afterEach(() => azure.close());

/** Everything in the other subscription is refused so. */
function refuseOther(status: number, code: string, of = /./): void {
  azure.faults.add({
    kind: 'status',
    status,
    code,
    match: ({ method, id }) => id.includes(other) && of.test(`${method} ${id}`),
  });
}

/** A sweep by an identity that can see the sample's subscription and the other one. */
function run({ zones = sampleZoneMap, subscriptions }: { zones?: object; subscriptions?: string[] } = {}) {
  const access = { endpoint: azure.armEndpoint, audience: 'unused', credential: undefined };
  const groups = containerGroupAdapters(access);
  const ports = {
    containerGroups: groups.reader,
    groupLister: groups.lister,
    recordSetLister: recordSetAdapters(access).lister,
    subscriptionLister: { list: async () => [sampleSubscriptionId, other.toUpperCase()] },
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

const findings = [{ finding: 'aMissing' }, { finding: 'ptrMissing' }];
/** The zones of the sample, in whichever subscription the group is. */
const zonesBeside = {
  'rg-spoke-a': { forwardZone: 'spoke-a.internal.contoso.com', zoneResourceGroup: 'rg-hub' },
};

describe('a visible subscription that has nothing to do with evenkeel', () => {
  it.each([
    [404, 'SubscriptionNotFound'],
    [409, 'MissingSubscriptionRegistration'],
  ])('makes no sweep incomplete by %s %s', async (status, code) => {
    refuseOther(status, code);
    expect(await run()).toMatchObject({ complete: true, unread: [], findings });
  });

  it.each([
    [404, 'SubscriptionNotFound'],
    [409, 'MissingSubscriptionRegistration'],
  ])('makes none incomplete by %s %s at its zones', async (status, code) => {
    refuseOther(status, code);
    const report = await run({ zones: zonesBeside });
    expect(report.unread.filter(({ scope }) => scope.toLowerCase().includes(other))).toEqual([]);
  });

  it('is named with AUDIT_SUBSCRIPTIONS where the permission is missing', async () => {
    refuseOther(403, 'AuthorizationFailed');
    const { complete, unread } = await run({ zones: zonesBeside });
    expect(complete).toBe(false);
    const reasons = unread
      .filter(({ scope }) => scope.toLowerCase().includes(other))
      .map(({ reason }) => reason);
    expect(reasons).toHaveLength(2);
    for (const reason of reasons) {
      expect(reason).toContain('assign the role Reader');
      expect(reason).toMatch(
        /; or list the subscriptions to search in AUDIT_SUBSCRIPTIONS, and leave .* out$/,
      );
    }
  });
});

describe('a subscription that a setting names', () => {
  const named = { zones: { ...sampleZoneMap, [`${other}/rg-spoke-a`]: sampleZoneMap['rg-spoke-a'] } };
  const inAudit = { subscriptions: [sampleSubscriptionId, other] };

  it.each([
    ['DNS_ZONE_MAP', named],
    ['AUDIT_SUBSCRIPTIONS', inAudit],
  ])('%s has no groups where its provider is not registered', async (_, request) => {
    refuseOther(409, 'MissingSubscriptionRegistration', /containerGroups/i);
    const evenkeelOwner = `/subscriptions/${other}/resourcegroups/rg-spoke-a/providers/microsoft.containerinstance/containergroups/gone`;
    azure.zones.put('spoke-a.internal.contoso.com', 'A', 'gone', {
      values: ['10.1.0.9'],
      metadata: { evenkeelOwner },
    });
    // The reconciler is refused the same way, so an orphan would come back at every sweep.
    expect(await run(request)).toMatchObject({ complete: true, unread: [], findings });
  });

  it.each([
    ['DNS_ZONE_MAP', named],
    ['AUDIT_SUBSCRIPTIONS', inAudit],
  ])('%s is unread when it is not found', async (_, request) => {
    refuseOther(404, 'SubscriptionNotFound');
    const { complete, unread } = await run(request);
    expect(complete).toBe(false);
    expect(unread).toContainEqual({
      scope: `/subscriptions/${other}`,
      reason: expect.stringContaining(
        '404 SubscriptionNotFound: Azure shows this identity no such subscription',
      ),
    });
  });

  it.each([
    ['DNS_ZONE_MAP', named],
    ['AUDIT_SUBSCRIPTIONS', inAudit],
  ])('%s is not advised against where the permission is missing', async (_, request) => {
    refuseOther(403, 'AuthorizationFailed');
    const { unread } = await run(request);
    expect(unread.length).toBeGreaterThan(0);
    for (const { reason } of unread) expect(reason).not.toContain('AUDIT_SUBSCRIPTIONS');
  });
});
