import { regionOf } from '../../../registries/replica.ts';
import { findApp } from '../../app-client.ts';
import { ArgumentError } from '../../argument-error.ts';
import type { CliContext, Output } from '../../context.ts';
import { failureDocument, failureLine } from '../../failure.ts';
import type { SharedOptions } from '../../options.ts';
import { formatDuration } from '../../output/duration.ts';
import { printJson, printLines } from '../../output/print-result.ts';
import { isLive, paletteOf } from '../../output/terminal.ts';
import { wrapLine } from '../../output/wrap.ts';
import { parseDuration } from '../../time-arguments.ts';
import { missingRegions } from './awaited-regions.ts';
import { formatImageReference, parseImageReference } from './image-reference.ts';
import { liveProgress } from './live-progress.ts';
import { logProgress } from './log-progress.ts';
import { describeLeftOut, type WaitResult } from './next-step.ts';
import { noProgress, type Progress } from './progress.ts';
import type { MinEvidence, WaitCondition } from './wait-condition.ts';
import { type Pace, waitForImage } from './wait-for-image.ts';

interface WaitOptions extends Pick<SharedOptions, 'app' | 'json'> {
  readonly timeout: string;
  readonly regions?: string | undefined;
  readonly minEvidence: MinEvidence;
  readonly closure?: true | undefined;
  readonly gone?: true | undefined;
  readonly throughStall?: true | undefined;
}

/** Exit codes that pipelines branch on. */
const exitCodes: Readonly<Record<WaitResult['outcome'], number>> = {
  replicated: 0,
  gone: 0,
  failed: 1,
  timedOut: 2,
  stalled: 3,
  superseded: 3,
  diverged: 3,
  deleted: 3,
};

/**
 * For logs the app holds a request as long as possible, which takes fewer calls. Where somebody watches or waits for some
 * regions only, it is short, and the first one is not held: the app answers early only when the image is everywhere.
 */
const paces: Readonly<Record<'log' | 'watched' | 'named', Pace>> = {
  log: { holdSeconds: 25, looksFirst: false },
  watched: { holdSeconds: 5, looksFirst: true },
  named: { holdSeconds: 2, looksFirst: true },
};

/**
 * `evenkeel wait`: waits until an image is everywhere.
 * @returns the exit code.
 * @throws {ArgumentError | SettingError} before the app is called.
 */
export async function runWait(imageText: string, options: WaitOptions, context: CliContext): Promise<number> {
  const { stdout, stderr, env, clock, interrupted } = context;
  const condition = parseCondition(imageText, options);
  const app = findApp(options.app, env);
  const startedAt = clock.now().getTime();
  const elapsedMs = () => clock.now().getTime() - startedAt;

  const output = options.json ? stderr : stdout;
  const isWatched = isLive(output, env);
  const isSilent = options.json === true && !output.isTTY;
  if (!isSilent) printLines(output, introduction(condition));
  const progress = isSilent ? noProgress : progressOn(output, context, condition, elapsedMs);
  let result: WaitResult | undefined;
  try {
    const pace = condition.regions !== 'all' ? 'named' : isWatched ? 'watched' : 'log';
    result = await waitForImage(context, app, condition, progress, paces[pace], elapsedMs);
  } finally {
    progress.close();
  }
  if (result === undefined) {
    const message = `interrupted after ${formatDuration(elapsedMs())}`;
    // The terminal has written ^C where the cursor was.
    stderr.write(`${isWatched ? '\n' : ''}${message}\n`);
    if (options.json) printJson(stdout, failureDocument({ code: 'interrupted', message }));
    return typeof interrupted.reason === 'number' ? interrupted.reason : 130;
  }
  if (options.json) printJson(stdout, resultDocument(result, condition, elapsedMs()));
  printSummary(result, condition, elapsedMs(), isSilent, output, context);
  return exitCodes[result.outcome];
}

/** @throws {ArgumentError} */
function parseCondition(imageText: string, options: WaitOptions): WaitCondition {
  const timeoutMs = parseDuration('--timeout', options.timeout);
  const regions = options.regions?.split(',').map(regionOf).filter(Boolean);
  if (regions?.length === 0) throw new ArgumentError('--regions: expected regions such as westus,eastus');
  return {
    image: parseImageReference(imageText),
    regions: regions === undefined ? 'all' : [...new Set(regions)],
    gone: options.gone === true,
    minEvidence: options.minEvidence,
    closure: options.closure === true,
    throughStall: options.throughStall === true,
    timeoutMs,
  };
}

function introduction(condition: WaitCondition): string[] {
  const { image, timeoutMs } = condition;
  return [
    ...(image.isTagAssumed ? ['No tag or digest given: waiting for the tag latest.'] : []),
    `Waiting until ${formatImageReference(image)} is ${conditionText(condition)}, for at most ${formatDuration(timeoutMs)}.`,
  ];
}

function conditionText({ regions, gone, minEvidence, closure }: WaitCondition): string {
  const where = regions === 'all' ? 'every region' : regions.join(', ');
  if (gone) return `gone from ${where}`;
  const platforms = closure ? ' with the images of all platforms' : '';
  const evidence = minEvidence === 'any' ? '' : `, by ${minEvidence} evidence`;
  return `in ${where}${platforms}${evidence}`;
}

const progressOn = (
  output: Output,
  { env }: CliContext,
  condition: WaitCondition,
  elapsedMs: () => number,
): Progress =>
  isLive(output, env)
    ? liveProgress(output, condition, elapsedMs, paletteOf(output, env))
    : logProgress(output, condition, elapsedMs);

function resultDocument(result: WaitResult, condition: WaitCondition, waitedMs: number) {
  const { outcome, message, image } = result;
  const missing = image === undefined ? [] : missingRegions(image, condition);
  return {
    ...(outcome === 'failed' ? failureDocument({ code: result.code, message }) : {}),
    outcome,
    exitCode: exitCodes[outcome],
    message,
    registry: condition.image.registry,
    repository: condition.image.repository,
    reference: condition.image.reference,
    // Where the image has to be gone, what is left is where it still is.
    [condition.gone ? 'present' : 'missing']: missing,
    waitedMs,
    answer: image ?? null,
  };
}

/** An error goes to stderr even where nothing else is printed. */
function printSummary(
  result: WaitResult,
  condition: WaitCondition,
  waitedMs: number,
  isSilent: boolean,
  progressOutput: Output,
  { stderr, env }: CliContext,
): void {
  const { outcome, message } = result;
  if (outcome === 'failed') {
    stderr.write(failureLine(message, { stderr, env }));
  } else if (!isSilent) {
    const pc = paletteOf(progressOutput, env);
    const mark = exitCodes[outcome] === 0 ? pc.green('✔') : pc.red('✖');
    // The message of a timeout says how long that was.
    const waited = outcome === 'timedOut' ? '' : `, after ${formatDuration(waitedMs)}`;
    const notes = [...leftOutLines(result, condition), ...repairLines(result, condition)];
    const head = wrapLine(`${mark} ${message}${waited}`, progressOutput);
    printLines(progressOutput, [...head, ...notes]);
  }
}

function leftOutLines({ image }: WaitResult, condition: WaitCondition): string[] {
  const leftOut = image && describeLeftOut(image, condition);
  return leftOut === undefined ? [] : [`  Not waited for: ${leftOut}`];
}

/** The commands that bring the image to the regions that are waited for. */
function repairLines({ outcome, image }: WaitResult, condition: WaitCondition): string[] {
  if (image === undefined || condition.gone || exitCodes[outcome] === 0) return [];
  const missing = missingRegions(image, condition);
  return (image.repairs ?? [])
    .filter(({ region }) => missing.includes(region))
    .flatMap(({ region, commands }) => [
      `  To repair ${region}, run:`,
      ...commands.map((command) => `    ${command}`),
    ]);
}
