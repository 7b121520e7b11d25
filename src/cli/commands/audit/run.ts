import { type Config, parseConfig } from '../../../config.ts';
import { describeRepair } from '../../../dns/audit/repair.ts';
import type { AuditReport } from '../../../dns/audit/report.ts';
import { sweep } from '../../../dns/audit/sweep.ts';
import { parseContainerGroupId } from '../../../dns/container-group.ts';
import { policyFor, type ZoneMap } from '../../../dns/zone-map.ts';
import { nextRun } from '../../../settings/schedule.ts';
import { settingValue } from '../../../settings/setting.ts';
import { readSettings } from '../../app-settings.ts';
import { signedInClients } from '../../azure.ts';
import { type CliContext, commandDeadline } from '../../context.ts';
import type { SharedOptions } from '../../options.ts';
import { clockTime } from '../../output/duration.ts';
import { printResult } from '../../output/print-result.ts';
import { usableZoneMap } from '../../zone-map.ts';
import { auditLines } from './audit-lines.ts';
import { countingGroups, countingRecordSets, type ReadCounts, showProgress } from './reading-progress.ts';

/** The time that the app's own sweep has. */
const sweepMs = 9 * 60 * 1000;

interface AuditOptions extends Pick<SharedOptions, 'app' | 'settings' | 'json'> {
  readonly now?: true | undefined;
}

/**
 * `evenkeel audit`: one sweep, now and read-only.
 * @returns the exit code: 0 no findings, 1 incomplete, 3 findings.
 * @throws {SettingError} and the errors of the ports.
 */
export async function runAudit(options: AuditOptions, context: CliContext): Promise<number> {
  if (options.now) {
    const { auditInApp } = await import('./audit-in-app.ts');
    return auditInApp(options, context);
  }
  const config = parseConfig(await readSettings(options.settings, context));
  const zones = usableZoneMap(config);
  const counts: ReadCounts = { groups: 0, recordSets: 0 };
  const progress = showProgress(counts, context);
  let report: AuditReport;
  try {
    report = await sweepOnce(config, zones, counts, context);
  } finally {
    progress.close();
  }
  context.interrupted.throwIfAborted();
  const audited = withRepairs(report, config, zones, context.clock.now());
  printResult(context, options, {
    json: audited,
    lines: (pc) => auditLines({ ...audited, unmappedGroups: audited.unmapped.length }, pc, context.stdout),
  });
  if (!report.complete) return 1;
  return report.findings.length === 0 ? 0 : 3;
}

/** Says of each finding what becomes of it. The app repairs it, since this sweep publishes nothing. */
function withRepairs(report: AuditReport, config: Config, zones: ZoneMap, now: Date) {
  const setting = settingValue(config.dnsPolicy);
  const { signalTopic, auditSchedule } = config;
  const hasTopic = signalTopic.ok && signalTopic.value !== undefined;
  const nextSweep = nextRun(auditSchedule.text, now);
  const facts = { hasTopic, isPublished: false, nextSweep: nextSweep && clockTime(nextSweep) };
  const findings = report.findings.map((finding) => {
    const group = parseContainerGroupId(finding.containerGroup);
    const policy = group === undefined ? setting : policyFor(zones, group, setting);
    return { ...finding, repair: describeRepair(finding, { ...facts, policy }) };
  });
  // One sweep is no history.
  const { strips: _, ...shown } = report;
  return { ...shown, findings };
}

async function sweepOnce(
  config: Config,
  zones: ZoneMap,
  counts: ReadCounts,
  context: CliContext,
): Promise<AuditReport> {
  const request = {
    zones,
    foreignRecords: settingValue(config.foreignRecords),
    subscriptions: settingValue(config.auditSubscriptions),
    before: undefined,
  };
  const deadline = commandDeadline(sweepMs, context);
  const azure = await signedInClients(config, deadline);
  const [groups, recordSets, { subscriptionLister }, arm] = await Promise.all([
    azure.containerGroups(),
    azure.recordSets(),
    import('../../../azure/arm/subscriptions.ts'),
    azure.arm(),
  ]);
  const ports = {
    containerGroups: groups.reader,
    groupLister: countingGroups(groups.lister, counts),
    recordSetLister: countingRecordSets(recordSets.lister, counts),
    subscriptionLister: subscriptionLister(arm),
    clock: context.clock,
  };
  return sweep(request, ports, deadline);
}
