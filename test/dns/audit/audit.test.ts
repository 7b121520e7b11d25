import { metrics } from '@opentelemetry/api';
import { afterEach, describe, expect, it } from 'vitest';
import { audit } from '../../../src/dns/audit/audit.ts';
import type { AuditReport } from '../../../src/dns/audit/report.ts';
import { lineLog } from '../../../src/lib/log.ts';
import { countedMetrics } from '../../support/counted-metrics.ts';
import { groupId } from '../fixtures.ts';

afterEach(() => metrics.disable());

const finding = {
  finding: 'orphan' as const,
  containerGroup: groupId('web').key,
  recordSets: ['/zone/a/web'],
  addresses: [],
  liveAddress: null,
  recordAddress: '10.1.0.4',
  isRefused: false,
  since: '2026-11-21T11:00:00.000Z',
} satisfies AuditReport['findings'][number];
const report: AuditReport = {
  startedAt: '2026-11-21T12:00:00.000Z',
  finishedAt: '2026-11-21T12:00:03.000Z',
  complete: false,
  unread: [{ scope: '/subscriptions/s', reason: 'no answer' }],
  spokes: [
    { key: 'rg-spoke-a', groups: 2, recordSets: 3, findings: 1 },
    { key: 'rg-spoke-b', groups: 5, recordSets: 7, findings: 0 },
  ],
  findings: [finding],
  sharedAddresses: [{ address: '10.1.0.9', containerGroups: ['a', 'b'] }],
  unmapped: ['x'],
  strips: {},
};

async function run(hasStore: boolean, reconciledAt?: string) {
  const told: string[] = [];
  const swept: AuditReport['findings'] = [];
  const counted = countedMetrics();
  const line = (level: string) => (text: string) => void told.push(`${level} ${text}`);
  const reports = {
    read: async () => report,
    write: async ({ startedAt }: AuditReport) => void told.push(`stored ${startedAt}`),
  };
  const ports = {
    sweep: async (before: AuditReport | undefined, timeoutMs: number) => {
      told.push(`swept after ${before?.startedAt} within ${timeoutMs} ms`);
      swept.push(...(before?.findings ?? []));
      return report;
    },
    reports: hasStore ? reports : undefined,
    signals: { publish: async (signals: readonly object[]) => void told.push(`published ${signals.length}`) },
    reconciledAt: async () => {
      if (reconciledAt === undefined) throw new Error('the journal cannot be read');
      return new Map([[finding.containerGroup, reconciledAt]]);
    },
  };
  await audit(ports, lineLog({ info: line('info'), warn: line('warn'), error: line('error') }));
  return { told, counted, swept };
}

describe('an audit', () => {
  it('hands the findings before to the next sweep, also where the journal cannot be read', async () => {
    expect((await run(true)).swept).toEqual([finding]);
    expect((await run(true, report.startedAt)).swept).toEqual([finding]);
  });

  it('leaves out what was put right after the sweep before', async () => {
    expect((await run(true, '2026-11-21T12:00:04.000Z')).swept).toEqual([]);
  });

  const inWords = [
    'error dns audit incomplete {"scope":"/subscriptions/s","reason":"no answer"}',
    `warn dns drift found {"finding":"orphan","containerGroup":"${finding.containerGroup}","recordSets":["/zone/a/web"]}`,
    'warn address shared {"address":"10.1.0.9","containerGroups":["a","b"]}',
    'info dns audited {"complete":false,"findings":1,"groups":7,"recordSets":10,"sharedAddresses":1,"unmappedGroups":1,"durationMs":3000}',
  ];

  it('tells what it found, and stores it before it publishes it', async () => {
    const { told, counted } = await run(true);
    expect(told).toEqual([
      `swept after ${report.startedAt} within 540000 ms`,
      ...inWords,
      `stored ${report.startedAt}`,
      'published 1',
    ]);
    expect(counted).toEqual([['evenkeel.dns.drift_age', 3603, { finding: 'orphan' }]]);
  });

  it('needs no storage', async () => {
    const { told } = await run(false);
    expect(told).toEqual(['swept after undefined within 540000 ms', ...inWords, 'published 1']);
  });
});
