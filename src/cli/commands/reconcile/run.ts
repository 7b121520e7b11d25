import { type Config, parseConfig } from '../../../config.ts';
import { type Change, describeChange } from '../../../dns/change.ts';
import { type DryRun, type DryRunPorts, dryRun } from '../../../dns/dry-run.ts';
import type { Outcome } from '../../../dns/outcome.ts';
import { changeDocument, isNothing, planDocument } from '../../../dns/plan-document.ts';
import { createRateLimiter } from '../../../dns/rate-limiter.ts';
import { type ReconcilePorts, reconcile } from '../../../dns/reconcile.ts';
import { recordSetId } from '../../../dns/record-set.ts';
import type { Deadline } from '../../../lib/deadline.ts';
import { readSettings } from '../../app-settings.ts';
import { ArgumentError } from '../../argument-error.ts';
import { signedInClients } from '../../azure.ts';
import { isConfirmed } from '../../confirmation.ts';
import { type CliContext, commandDeadline } from '../../context.ts';
import type { SharedOptions } from '../../options.ts';
import { printJson, printLines, printResult } from '../../output/print-result.ts';
import { type Palette, paletteOf } from '../../output/terminal.ts';
import { plainText } from '../../output/text.ts';
import { planLines } from '../plan/plan-output.ts';
import { groupArgumentOf, reconcileTargetOf } from '../plan/target.ts';

const dryRunMs = 60_000;
/** No longer than an invocation of the app: re-checks depend on it. */
const reconcileMs = 25_000;

/**
 * `evenkeel reconcile`: one reconcile as the app does it, after showing the changes.
 * @returns the exit code: 0 the records are correct, 2 not confirmed, 3 something was blocked or deferred.
 * @throws {ArgumentError | SettingError} and the errors of a reconcile, after printing what it wrote until then.
 */
export async function runReconcile(
  groupText: string,
  options: Pick<SharedOptions, 'subscription' | 'settings' | 'yes' | 'json'>,
  context: CliContext,
): Promise<number> {
  const { stdin, stdout, stderr, env, interrupted } = context;
  const group = groupArgumentOf(groupText, options.subscription);
  if (!options.yes && stdin.isTTY !== true) {
    throw new ArgumentError(
      'stdin is not a terminal, so nobody can confirm: run "evenkeel plan" first, then give --yes',
    );
  }
  const config = parseConfig(await readSettings(options.settings, context));
  const target = reconcileTargetOf(group, config);
  const dryRunDeadline = commandDeadline(dryRunMs, context);
  const ports = await reconcilePorts(config, dryRunDeadline, context);
  const plan = await dryRun(target, ports.dryRun, dryRunDeadline);

  if (!options.json || !options.yes) {
    const output = options.json ? stderr : stdout;
    printLines(output, planLines(plan, paletteOf(output, env), output));
  }
  if (plan.changes.length > 0 && !options.yes && !(await isConfirmed('Write these changes?', context))) {
    interrupted.throwIfAborted();
    printLines(stderr, ['nothing was written']);
    if (options.json) printJson(stdout, { plan: planDocument(plan), result: 'notConfirmed', exitCode: 2 });
    return 2;
  }
  const applied: Change[] = [];
  try {
    const deadline = commandDeadline(reconcileMs, context);
    const outcome = await reconcile({ ...target, trigger: 'event' }, ports.reconcile, deadline, (change) =>
      applied.push(change),
    );
    printResult(context, options, {
      json: outcomeDocument(plan, outcome),
      lines: (pc) => outcomeLines(plan, outcome, pc),
    });
    return exitCodeOf(outcome);
  } catch (error) {
    if (applied.length > 0) printLines(stderr, ['Written before the failure:', ...changeLines(applied)]);
    throw error;
  }
}

async function reconcilePorts(
  config: Config,
  deadline: Deadline,
  { clock }: CliContext,
): Promise<{ readonly dryRun: DryRunPorts; readonly reconcile: ReconcilePorts }> {
  const azure = await signedInClients(config, deadline);
  const [groups, { reader, writer }] = await Promise.all([azure.containerGroups(), azure.recordSets()]);
  return {
    dryRun: { containerGroups: groups.reader, recordSets: reader, clock },
    reconcile: {
      containerGroups: groups.reader,
      recordSets: { ...reader, ...writer },
      requeueQueue: azure.requeueQueue,
      rateLimiter: createRateLimiter(() => performance.now()),
      random: Math.random,
      clock,
    },
  };
}

const exitCodeOf = ({ result, blocked }: Outcome): number =>
  result === 'refused' || result === 'deferred' || blocked.length > 0 ? 3 : 0;

const outcomeDocument = (plan: DryRun, outcome: Outcome) => ({
  plan: planDocument(plan),
  result: outcome.result,
  dueInMs: outcome.dueInMs ?? null,
  written: outcome.changes.map(changeDocument),
  inTheWay: outcome.blocked.map(({ reason, recordSet }) => ({
    reason,
    recordSet: recordSetId(recordSet.key),
  })),
  exitCode: exitCodeOf(outcome),
});

function outcomeLines(plan: DryRun, outcome: Outcome, pc: Palette): string[] {
  const { changes, lacksRecheck } = outcome;
  const isDone = exitCodeOf(outcome) === 0 && !isNothing(plan);
  const mark = isDone ? pc.green('✔') : pc.yellow('!');
  return [
    ...(changes.length === 0 ? [] : ['', 'Written:', ...changeLines(changes)]),
    `${mark} ${isNothing(plan) ? 'Nothing was written.' : describeOutcome(outcome)}`,
    ...(lacksRecheck
      ? [
          '! Run this again in two minutes: neither DEFERRAL nor AzureWebJobsStorage is set, so the app cannot re-check the group.',
        ]
      : []),
  ];
}

const changeLines = (changes: readonly Change[]): string[] =>
  changes.map((change) => `  ${plainText(describeChange(change))}`);

function describeOutcome({ result, blocked, dueInMs = 0 }: Outcome): string {
  if (result === 'deferred') {
    return `A quota deferred the rest; the app continues in ${Math.ceil(dueInMs / 1000)} s.`;
  }
  if (blocked.length > 0) return 'Some record sets are in the way and were not changed.';
  return result === 'nothingToDo' ? 'The records were correct already.' : 'The records are correct.';
}
