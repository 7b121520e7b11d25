import * as v from 'valibot';
import { azureClients } from '../../../azure/clients.ts';
import { type Config, parseConfig } from '../../../config.ts';
import { type Preview, type PreviewPorts, preview } from '../../../dns/dry-run.ts';
import { describeChange, type Outcome } from '../../../dns/outcome.ts';
import type { Change } from '../../../dns/plan.ts';
import type { RequeueQueue } from '../../../dns/ports.ts';
import { createRateLimiter } from '../../../dns/rate-limiter.ts';
import { type ReconcilePorts, reconcile } from '../../../dns/reconcile.ts';
import { recordSetId } from '../../../dns/record-set.ts';
import { settingValue } from '../../../settings/setting.ts';
import { readSettings } from '../../app-settings.ts';
import { ArgumentError } from '../../argument-error.ts';
import { commandDeadline } from '../../command-deadline.ts';
import type { CliContext } from '../../context.ts';
import { paletteOf } from '../../output/colors.ts';
import { plainText } from '../../output/plain-text.ts';
import { parseGroupReference } from '../plan/group-reference.ts';
import { changeDocument, planDocument } from '../plan/plan-document.ts';
import { planLines } from '../plan/plan-lines.ts';
import { reconcileTargetOf } from '../plan/target.ts';

const optionsSchema = v.object({
  subscription: v.optional(v.string()),
  settings: v.optional(v.string()),
  yes: v.optional(v.boolean(), false),
  json: v.optional(v.boolean(), false),
});
type Options = v.InferOutput<typeof optionsSchema>;

const previewMs = 60_000;
/** No longer than an invocation of the app lives: re-checks count on it. */
const reconcileMs = 25_000;

/**
 * `evenkeel reconcile`: one reconcile as the app does it, after showing what it would do.
 * @returns the exit code: 0 the records are right, 2 not confirmed, 3 something was left alone or put off.
 * @throws {ArgumentError | SettingError} and what a reconcile throws; what it wrote until then is told.
 */
export async function runReconcile(
  groupText: unknown,
  rawOptions: unknown,
  context: CliContext,
): Promise<number> {
  const options = v.parse(optionsSchema, rawOptions);
  const group = parseGroupReference(v.parse(v.string(), groupText), options.subscription);
  if (!options.yes && context.stdin.isTTY !== true) {
    throw new ArgumentError('nobody can be asked here: look at "evenkeel plan", and then give --yes');
  }
  const config = parseConfig(await readSettings(options.settings, context));
  const subject = reconcileTargetOf(group, config);
  const ports = await reconcilePorts(config, context);
  const plan = await preview(subject, ports.preview, commandDeadline(previewMs, context));

  const shown = options.json ? context.stderr : context.stdout;
  if (!options.json || !options.yes) {
    shown.write(`${planLines(plan, paletteOf(shown, context.env)).join('\n')}\n`);
  }
  if (plan.changes.length > 0 && !options.yes && !(await isConfirmed(context))) {
    context.interrupted.throwIfAborted();
    context.stderr.write('nothing was written\n');
    return 2;
  }
  const applied: Change[] = [];
  try {
    const deadline = commandDeadline(reconcileMs, context);
    const request = { ...subject, trigger: 'event' as const };
    const outcome = await reconcile(request, ports.reconcile, deadline, applied);
    tell(plan, outcome, options, context);
    return exitCodeOf(outcome);
  } catch (error) {
    if (applied.length > 0) {
      context.stderr.write(`Written before it failed:\n${appliedLines(applied).join('\n')}\n`);
    }
    throw error;
  }
}

async function reconcilePorts(
  config: Config,
  { clock }: CliContext,
): Promise<{ readonly preview: PreviewPorts; readonly reconcile: ReconcilePorts }> {
  const access = azureClients(config);
  const [groups, { reader, writer }] = await Promise.all([access.containerGroups(), access.recordSets()]);
  const reads = { containerGroups: groups.reader, recordSets: reader, clock };
  const rateLimiter = createRateLimiter(() => performance.now());
  return {
    preview: reads,
    reconcile: {
      ...{ ...reads, rateLimiter, random: Math.random },
      recordSets: { ...reader, ...writer },
      requeueQueue: deferralsOf(config, access.credential),
    },
  };
}

/** The queue's SDK is loaded by the first deferral only. */
function deferralsOf(
  { deferral }: Config,
  credential: ReturnType<typeof azureClients>['credential'],
): RequeueQueue | undefined {
  if (deferral === undefined) return undefined;
  return {
    async requeue(...work) {
      const connection = settingValue(deferral.connection);
      const { requeueQueue } = await import('../../../azure/storage/queues.ts');
      const isOpen = connection.kind === 'connectionString' || connection.endpoint.isInsecure;
      await requeueQueue(connection, isOpen ? undefined : await credential()).requeue(...work);
    },
  };
}

async function isConfirmed({ stdin, stderr }: CliContext): Promise<boolean> {
  stderr.write('Write these changes? [y/N] ');
  return /^y(es)?$/i.test((await stdin.readLine())?.trim() ?? '');
}

function tell(plan: Preview, outcome: Outcome, { json }: Options, { stdout, env }: CliContext): void {
  const { result, changes, blocked, dueInMs, lacksRecheck } = outcome;
  if (json) {
    const document = {
      plan: planDocument(plan),
      ...{ result, dueInMs: dueInMs ?? null },
      written: changes.map(changeDocument),
      inTheWay: blocked.map(({ reason, recordSet }) => ({ reason, recordSet: recordSetId(recordSet.key) })),
      exitCode: exitCodeOf(outcome),
    };
    stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
    return;
  }
  const pc = paletteOf(stdout, env);
  const mark = exitCodeOf(outcome) === 0 ? pc.green('✔') : pc.yellow('!');
  const lines = [
    ...(changes.length === 0 ? [] : ['', 'Written:', ...appliedLines(changes)]),
    `${mark} ${sentenceOf(outcome)}`,
    ...(lacksRecheck
      ? ['! Look at it again in two minutes: no DEFERRAL or AzureWebJobsStorage is set that would see to it.']
      : []),
  ];
  stdout.write(`${lines.join('\n')}\n`);
}

const appliedLines = (changes: readonly Change[]): string[] =>
  changes.map((change) => `  ${plainText(describeChange(change))}`);

const exitCodeOf = ({ result, blocked }: Outcome): number =>
  result === 'refused' || result === 'deferred' || blocked.length > 0 ? 3 : 0;

function sentenceOf({ result, blocked, dueInMs = 0 }: Outcome): string {
  if (result === 'deferred') {
    return `A quota refused the rest; the queue hands the group to the app again in ${Math.ceil(dueInMs / 1000)} s.`;
  }
  if (blocked.length > 0) return 'The rest is in the way, and was left alone.';
  return result === 'nothingToDo' ? 'The records were right already.' : 'The records are right.';
}
