import { app } from '@azure/functions';
import type { Config } from '../config.ts';
import type { AuditReport } from '../dns/audit/report.ts';
import { driftSignal } from '../dns/signals.ts';
import { type Log, lineLog, logFailure } from '../lib/log.ts';
import { settingValue } from '../settings/setting.ts';
import type { SignalPublisher } from '../signals/signal.ts';
import { measureDriftAge } from '../telemetry/metrics.ts';

/** Keeps the report of the last sweep. */
export interface ReportStore {
  read(): Promise<AuditReport | undefined>;
  write(report: AuditReport): Promise<void>;
}

/** Nothing here can write to a zone: what is found is published, and the reconciler repairs. */
interface AuditPorts {
  /** Compares every mapped container group with its records; `before` is the report of the sweep before. */
  readonly sweep: (before: AuditReport | undefined, timeoutMs: number) => Promise<AuditReport>;
  /** `undefined` without any storage. */
  readonly reports: ReportStore | undefined;
  readonly signals: SignalPublisher;
}

const sweepMs = 9 * 60 * 1000;

/** The sweep for what raises no event: a platform move, a hand edit, a crash of some other tool. */
export function bindAuditDns(config: Config, loadPorts: () => Promise<AuditPorts>): void {
  app.timer('auditDns', {
    schedule: config.auditSchedule.binding,
    handler: async (_timer, context) => {
      const log = lineLog(context);
      try {
        await audit(config, await loadPorts(), log);
      } catch (error) {
        logFailure('dns audit', error, {}, log);
        throw error;
      }
    },
  });
}

/** As many lines of a kind as a person reads; the report has them all. */
const maxLines = 50;

async function audit(config: Config, ports: AuditPorts, log: Log): Promise<void> {
  // Named here: an error that crosses threads loses its kind.
  settingValue(config.zoneMap);
  settingValue(config.foreignRecords);
  settingValue(config.auditSubscriptions);
  const report = await ports.sweep(await ports.reports?.read(), sweepMs);
  logReport(report, log);
  for (const { finding, since } of report.findings) {
    measureDriftAge((Date.parse(report.finishedAt) - Date.parse(since)) / 1000, finding);
  }
  // Stored first: a sweep that crashes here has the next one publish the same findings under the same ids.
  await ports.reports?.write(report);
  await ports.signals.publish(report.findings.map(driftSignal));
}

function logReport(report: AuditReport, log: Log): void {
  const { complete, unread, findings, sharedAddresses, spokes, unmapped, startedAt, finishedAt } = report;
  for (const { scope, reason } of unread.slice(0, maxLines))
    log.error('dns audit incomplete', { scope, reason });
  for (const { finding, containerGroup, recordSets } of findings.slice(0, maxLines)) {
    log.warn('dns drift found', { finding, containerGroup, recordSets });
  }
  for (const shared of sharedAddresses.slice(0, maxLines)) log.warn('address shared', { ...shared });
  log.info('dns audited', {
    complete,
    findings: findings.length,
    groups: spokes.reduce((sum, { groups }) => sum + groups, 0),
    recordSets: spokes.reduce((sum, { recordSets }) => sum + recordSets, 0),
    sharedAddresses: sharedAddresses.length,
    unmappedGroups: unmapped.length,
    durationMs: Date.parse(finishedAt) - Date.parse(startedAt),
  });
}
