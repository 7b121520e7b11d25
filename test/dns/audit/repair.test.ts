import { describe, expect, it } from 'vitest';
import { describeRepair, type RepairFacts } from '../../../src/dns/audit/repair.ts';
import type { FindingKind } from '../../../src/dns/audit/report.ts';

const facts: RepairFacts = { policy: 'sync', hasTopic: true, isPublished: true, nextSweep: '14:15 UTC' };
const bySweep = 'repaired by the next event, at the latest 14:15 UTC';
const observed = 'not repaired: the policy observe writes nothing';
const kept = 'not repaired: the policy upsert-only removes nothing';
const prune = 'not repaired: add its resource group to DNS_ZONE_MAP, or run evenkeel prune';

const of = (finding: FindingKind) => ({ finding, isRefused: false });

describe('a finding', () => {
  it.each<[FindingKind, string, string, string]>([
    ['addressDiffers', bySweep, bySweep, observed],
    ['aMissing', bySweep, bySweep, observed],
    ['ptrMissing', bySweep, bySweep, observed],
    ['ptrDiffers', bySweep, kept, observed],
    ['stalePtr', bySweep, kept, observed],
    ['orphan', bySweep, kept, observed],
    ['misplaced', bySweep, kept, observed],
    ['unmapped', prune, prune, prune],
  ])('%s ends by its policy', (finding, sync, upsertOnly, observe) => {
    expect(describeRepair(of(finding), facts)).toBe(sync);
    expect(describeRepair(of(finding), { ...facts, policy: 'upsert-only' })).toBe(upsertOnly);
    expect(describeRepair(of(finding), { ...facts, policy: 'observe' })).toBe(observe);
  });

  it('of a sweep that publishes nothing is repaired by the one of the app', () => {
    expect(describeRepair(of('orphan'), { ...facts, isPublished: false })).toBe(
      'repaired by the app, at the latest after its next sweep, 14:15 UTC',
    );
  });

  it('needs somebody where events go nowhere', () => {
    expect(describeRepair(of('orphan'), { ...facts, hasTopic: false })).toBe(
      'not repaired by a sweep: SIGNAL_TOPIC__topicEndpointUri is not set; run evenkeel reconcile',
    );
  });

  it('of a foreign record set that is left alone needs somebody to remove it', () => {
    const refused = { finding: 'addressDiffers', isRefused: true } as const;
    const left = /^not repaired: the record set with its name carries no mark of evenkeel.*; remove it/;
    expect(describeRepair(refused, facts)).toMatch(left);
    expect(describeRepair(refused, { ...facts, policy: 'upsert-only' })).toMatch(left);
    expect(describeRepair(refused, { ...facts, policy: 'observe' })).toBe(observed);
  });

  it('has no time where no sweep is to come', () => {
    expect(describeRepair(of('orphan'), { ...facts, nextSweep: undefined })).toBe(
      'repaired by the next event, at the latest after the next sweep',
    );
  });
});
