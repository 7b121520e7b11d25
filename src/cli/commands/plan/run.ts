import { parseConfig } from '../../../config.ts';
import { type DryRunPorts, dryRun } from '../../../dns/dry-run.ts';
import { isNothing, planDocument, planVerdict } from '../../../dns/plan-document.ts';
import { readSettings } from '../../app-settings.ts';
import { signedInClients } from '../../azure.ts';
import { type CliContext, commandDeadline } from '../../context.ts';
import { failureDocument, failureLine } from '../../failure.ts';
import type { SharedOptions } from '../../options.ts';
import { printResult } from '../../output/print-result.ts';
import { nothingOfThatName, planLines } from './plan-output.ts';
import { groupArgumentOf, reconcileTargetOf } from './target.ts';

const dryRunMs = 60_000;
const exitCodes = { nothingToDo: 0, unread: 1, nothing: 1, blocked: 3, changes: 4 } as const;
const noSuchGroup = { code: 'groupMissing', message: nothingOfThatName };

/**
 * `evenkeel plan`: the dry run of one reconcile.
 * @returns the exit code: 0 nothing to do, 1 not everything could be read, or there is nothing of the name, 3 a record
 *   set is in the way, or the name is no DNS label, 4 changes would be made.
 * @throws {ArgumentError | SettingError} and the errors of the ports.
 */
export async function runPlan(
  groupText: string,
  options: Pick<SharedOptions, 'subscription' | 'settings' | 'json'>,
  context: CliContext,
): Promise<number> {
  const group = groupArgumentOf(groupText, options.subscription);
  const config = parseConfig(await readSettings(options.settings, context));
  const target = reconcileTargetOf(group, config);
  const deadline = commandDeadline(dryRunMs, context);
  const azure = await signedInClients(config, deadline);
  const [groups, recordSets] = await Promise.all([azure.containerGroups(), azure.recordSets()]);
  const ports: DryRunPorts = {
    containerGroups: groups.reader,
    recordSets: recordSets.reader,
    clock: context.clock,
  };
  const plan = await dryRun(target, ports, deadline);
  const exitCode = exitCodes[planVerdict(plan)];
  const failure = isNothing(plan) ? failureDocument(noSuchGroup) : {};
  printResult(context, options, {
    json: { ...failure, ...planDocument(plan), exitCode },
    lines: (pc) => planLines(plan, pc, context.stdout),
  });
  if (options.json && isNothing(plan)) context.stderr.write(failureLine(noSuchGroup.message, context));
  return exitCode;
}
