import * as v from 'valibot';
import { azureClients } from '../../../azure/clients.ts';
import { type Config, parseConfig } from '../../../config.ts';
import type { AuditReport } from '../../../dns/audit/report.ts';
import { sweep } from '../../../dns/audit/sweep.ts';
import { settingValue } from '../../../settings/setting.ts';
import { readSettings } from '../../app-settings.ts';
import { commandDeadline } from '../../command-deadline.ts';
import type { CliContext } from '../../context.ts';
import { isLive, paletteOf } from '../../output/colors.ts';
import { LiveLines } from '../../output/live-lines.ts';
import { auditLines } from './audit-lines.ts';
import { countingListers, type SweepProgress } from './tally.ts';

const optionsSchema = v.object({
  settings: v.optional(v.string()),
  json: v.optional(v.boolean(), false),
});

/** As long as the app's own sweep. */
const sweepMs = 9 * 60 * 1000;
const drawEveryMs = 200;

/**
 * `evenkeel audit`: the sweep, now and read-only.
 * @returns the exit code: 0 no findings, 1 incomplete, 3 findings.
 * @throws {SettingError} and what the ports throw.
 */
export async function runAudit(rawOptions: unknown, context: CliContext): Promise<number> {
  const options = v.parse(optionsSchema, rawOptions);
  const config = parseConfig(await readSettings(options.settings, context));
  const tally = { groups: 0, recordSets: 0 };
  const progress = showProgress(tally, context);
  let report: AuditReport;
  try {
    report = await audit(config, tally, context);
  } finally {
    progress.close();
  }
  context.interrupted.throwIfAborted();
  const lines = options.json
    ? [JSON.stringify(report, undefined, 2)]
    : auditLines(report, paletteOf(context.stdout, context.env));
  context.stdout.write(`${lines.join('\n')}\n`);
  if (!report.complete) return 1;
  return report.findings.length === 0 ? 0 : 3;
}

async function audit(config: Config, tally: SweepProgress, context: CliContext): Promise<AuditReport> {
  const request = {
    zones: settingValue(config.zoneMap),
    foreignRecords: settingValue(config.foreignRecords),
    subscriptions: settingValue(config.auditSubscriptions),
    before: undefined,
  };
  const access = azureClients(config);
  const [groups, sets, { subscriptionLister }, arm] = await Promise.all([
    access.containerGroups(),
    access.recordSets(),
    import('../../../azure/arm/subscriptions.ts'),
    access.arm(),
  ]);
  const ports = {
    containerGroups: groups.reader,
    ...countingListers(groups.lister, sets.lister, tally),
    subscriptionLister: subscriptionLister(arm),
    clock: context.clock,
  };
  return sweep(request, ports, commandDeadline(sweepMs, context));
}

/** On a terminal only: stdout is for the findings, and logs need no progress. */
function showProgress(tally: SweepProgress, { stderr, env }: CliContext): { close(): void } {
  if (!isLive(stderr, env)) return { close: () => {} };
  const lines = new LiveLines(stderr);
  const draw = () =>
    lines.draw([[[`Reading: ${tally.groups} container groups, ${tally.recordSets} record sets`]]]);
  draw();
  const drawing = setInterval(draw, drawEveryMs);
  return {
    close() {
      clearInterval(drawing);
      lines.draw([]);
      lines.close();
    },
  };
}
