import { type Deadline, deadlineIn } from '../../lib/deadline.ts';
import type { Log } from '../../lib/log.ts';
import type { SignalPublisher } from '../../signals/signal.ts';
import { measureDriftAge } from '../../telemetry/metrics.ts';
import { driftSignal } from '../signals.ts';
import { type ReconciledAt, withoutRepaired } from './episodes.ts';
import type { AuditReport } from './report.ts';

/** Keeps the report of the last sweep. Each call ends at the deadline, whatever storage does. */
export interface ReportStore {
  read(deadline: Deadline): Promise<AuditReport | undefined>;
  write(report: AuditReport, deadline: Deadline): Promise<void>;
}

/** Nothing here can write to a zone: what is found is published, and the reconciler repairs. */
export interface AuditPorts {
  /** Compares every mapped container group with its records; `before` is the report of the sweep before. */
  readonly sweep: (before: AuditReport | undefined, timeoutMs: number) => Promise<AuditReport>;
  /** `undefined` without any storage. */
  readonly reports: ReportStore | undefined;
  readonly signals: SignalPublisher;
  /** Ends at the deadline, or fails. */
  readonly reconciledAt: (deadline: Deadline) => Promise<ReconciledAt>;
}

const sweepMs = 9 * 60 * 1000;
/** The longest time for reading the report, and for writing it. */
const storageMs = 20_000;

/** More lines of a kind than a person reads; the report has them all. */
const maxLines = 50;

/** Sweeps, stores the report, and publishes each finding as an event that the reconciler is subscribed to. */
export async function audit(ports: AuditPorts, log: Log): Promise<void> {
  const { sweep, reports, signals } = ports;
  const report = await sweep(await readBefore(ports), sweepMs);
  logReport(report, log);
  for (const { finding, since } of report.findings) {
    measureDriftAge((Date.parse(report.finishedAt) - Date.parse(since)) / 1000, finding);
  }
  // Stored first: after a crash here, the next sweep publishes the same findings under the same ids.
  await reports?.write(report, deadlineIn(storageMs));
  await signals.publish(report.findings.map(driftSignal));
}

/** Without the journal, what happened again is taken for what lasts: consumers may miss a repeat, and none is told of twice. */
async function readBefore({ reports, reconciledAt }: AuditPorts): Promise<AuditReport | undefined> {
  const before = await reports?.read(deadlineIn(storageMs));
  if (before === undefined || before.findings.length === 0) return before;
  const known = await reconciledAt(deadlineIn(storageMs)).catch((): ReconciledAt => new Map());
  return withoutRepaired(before, known);
}

function logReport(report: AuditReport, log: Log): void {
  const { complete, unread, findings, sharedAddresses, spokes, unmapped, startedAt, finishedAt } = report;
  for (const { scope, reason } of unread.slice(0, maxLines)) {
    log.error('dns audit incomplete', { scope, reason });
  }
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
