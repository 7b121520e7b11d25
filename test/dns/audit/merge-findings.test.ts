import { describe, expect, it } from 'vitest';
import { mergeFindings } from '../../../src/dns/audit/compare.ts';
import type { Finding } from '../../../src/dns/audit/report.ts';
import { driftSignal } from '../../../src/dns/signals.ts';
import { groupId } from '../fixtures.ts';

const stale = (index: number): Finding => ({
  finding: 'stalePtr',
  group: groupId('web'),
  recordSet: `set-${String(index).padStart(2, '0')}`,
  address: `10.1.0.${index}`,
  liveAddress: '10.1.0.100',
  recordAddress: `10.1.0.${index}`,
  isRefused: false,
});
const first = '2026-11-21T12:00:00.000Z';
const second = '2026-11-21T12:15:00.000Z';

describe('merged findings', () => {
  it('bring a group up once for all its stale PTRs', () => {
    expect(mergeFindings([stale(5), stale(4)], first, [])).toEqual([
      {
        finding: 'stalePtr',
        containerGroup: groupId('web').key,
        recordSets: ['set-04', 'set-05'],
        addresses: ['10.1.0.4', '10.1.0.5'],
        liveAddress: '10.1.0.100',
        recordAddress: '10.1.0.4',
        isRefused: false,
        since: first,
      },
    ]);
  });

  it('name no address where there is none', () => {
    expect(mergeFindings([{ ...stale(4), address: undefined }], first, [])).toMatchObject([
      { addresses: [] },
    ]);
  });

  it('are split where there are more addresses than one event may name', () => {
    const many = Array.from({ length: 20 }, (_, index) => stale(index));
    expect(mergeFindings(many, first, []).map(({ addresses }) => addresses.length)).toEqual([16, 4]);
  });

  it('are all refused where the A record set of the group is', () => {
    const a: Finding = { ...stale(1), finding: 'addressDiffers', address: undefined, isRefused: true };
    const merged = mergeFindings([stale(4), a, { ...stale(5), group: groupId('api') }], first, []);
    expect(merged.map(({ finding, isRefused }) => [finding, isRefused])).toEqual([
      ['stalePtr', true],
      ['addressDiffers', true],
      ['stalePtr', false],
    ]);
  });

  it('are not refused where its A record set only differs', () => {
    const a: Finding = { ...stale(1), finding: 'addressDiffers', address: undefined };
    const ptr: Finding = { ...stale(2), finding: 'ptrDiffers', isRefused: true };
    const merged = mergeFindings([stale(4), a, ptr], first, []);
    expect(merged.map(({ isRefused }) => isRefused)).toEqual([false, false, true]);
  });

  it('keep the time when they were found first, as long as each sweep finds them', () => {
    const before = mergeFindings([stale(4)], first, []);
    const again = mergeFindings([stale(4)], second, before);
    expect(again).toEqual(before);
    expect(mergeFindings([stale(4)], second, mergeFindings([], first, before))[0]?.since).toBe(second);
  });
});

describe('the signal of a finding', () => {
  const [found] = mergeFindings([stale(4)], first, []);
  const [later] = mergeFindings([stale(4)], second, []);
  if (found === undefined || later === undefined) throw new Error('there is a finding');

  it('has the same id as long as it is the same finding, and another when it comes back', () => {
    expect(driftSignal(found).id).toBe(driftSignal({ ...found }).id);
    expect(driftSignal(later).id).not.toBe(driftSignal(found).id);
  });

  it('has another id when the group has moved once more, or its record says something else', () => {
    const differs = { ...found, finding: 'addressDiffers' as const };
    const ids = [differs, { ...differs, liveAddress: '10.1.0.9' }, { ...differs, recordAddress: '10.1.0.9' }];
    expect(new Set(ids.map((one) => driftSignal(one).id)).size).toBe(3);
    expect(driftSignal({ ...found, liveAddress: '10.1.0.9' }).id).toBe(driftSignal(found).id);
  });

  it('names the group as its subject and the addresses as hints', () => {
    expect(driftSignal(found)).toMatchObject({
      type: 'evenkeel.dns.driftDetected',
      source: groupId('web').key,
      subject: groupId('web').key,
      data: { finding: 'stalePtr', addresses: ['10.1.0.4'] },
    });
  });
});
