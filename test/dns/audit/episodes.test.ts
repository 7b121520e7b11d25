import { describe, expect, it } from 'vitest';
import { withoutRepaired } from '../../../src/dns/audit/episodes.ts';
import type { AuditReport, ReportedFinding } from '../../../src/dns/audit/report.ts';
import { groupId } from '../fixtures.ts';

const web = groupId('web').key;
const found = (finding: ReportedFinding['finding'], recordSet = '/zone/a/web'): ReportedFinding => ({
  finding,
  containerGroup: web,
  recordSets: [recordSet],
  addresses: [],
  liveAddress: null,
  recordAddress: null,
  isRefused: false,
  since: '2026-11-21T11:00:00.000Z',
});
const before = (finding: ReportedFinding): AuditReport => ({
  startedAt: '2026-11-21T12:00:00.000Z',
  finishedAt: '2026-11-21T12:00:03.000Z',
  complete: true,
  unread: [],
  spokes: [],
  findings: [finding],
  sharedAddresses: [],
  unmapped: [],
  strips: {},
});
const later = new Map([[web, '2026-11-21T12:00:03.001Z']]);
const isLeft = (finding: ReportedFinding, reconciledAt: ReadonlyMap<string, string>) =>
  withoutRepaired(before(finding), reconciledAt).findings.length === 1;

describe('the findings of the sweep before', () => {
  it.each([
    ['addressDiffers', '/zone/a/web', false],
    ['aMissing', '/zone/a/web', false],
    ['ptrMissing', '/zone/ptr/4.0', false],
    ['ptrDiffers', '/zone/ptr/4.0', false],
    ['orphan', '/zone/a/web', false],
    // A reconcile by an event alone does not know of these.
    ['orphan', '/zone/ptr/4.0', true],
    ['stalePtr', '/zone/ptr/4.0', true],
    ['misplaced', '/zone/a/web', true],
    ['unmapped', '/zone/a/web', true],
  ] as const)('%s at %s, of a group that was found right since, is still there: %s', (finding, set, left) => {
    expect(isLeft(found(finding, set), later)).toBe(left);
  });

  it.each([
    ['nothing is known', new Map<string, string>()],
    ['another group was', new Map([['other', '2026-11-21T12:00:04.000Z']])],
    ['it was while the sweep ran', new Map([[web, '2026-11-21T12:00:03.000Z']])],
  ])('are still there when %s', (_, reconciledAt) => {
    expect(isLeft(found('aMissing'), reconciledAt)).toBe(true);
  });
});
