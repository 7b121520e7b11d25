import * as v from 'valibot';
import { regionOf } from '../../../registries/replica.ts';
import { findApp } from '../../app-client.ts';
import type { CliContext, Output } from '../../context.ts';
import { isLive, paletteOf } from '../../output/colors.ts';
import { formatDuration, parseDuration } from '../../output/duration.ts';
import { formatImageReference, parseImageReference } from './image-reference.ts';
import { lineProgress, liveProgress, type Progress, silent } from './progress.ts';
import { minEvidences, missingRegions, type WaitCondition } from './wait-condition.ts';
import { waitForImage } from './wait-for-image.ts';
import { exitCodes, type WaitResult } from './wait-result.ts';

const optionsSchema = v.object({
  app: v.optional(v.string()),
  timeout: v.string(),
  regions: v.optional(v.string()),
  minEvidence: v.picklist(minEvidences),
  throughStall: v.optional(v.boolean(), false),
  json: v.optional(v.boolean(), false),
});

/** An argument that cannot be used; names it and what was expected. */
class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}

/** Longest for a log: fewer calls. A person, and whoever waits for some regions only, is told sooner. */
const holdSeconds = { log: 25, watched: 5 };

/**
 * `evenkeel wait`: waits until an image is everywhere.
 * @returns the exit code.
 * @throws {ArgumentError | ImageReferenceError | SettingError} before anything is asked.
 */
export async function runWait(imageText: unknown, rawOptions: unknown, context: CliContext): Promise<number> {
  const options = v.parse(optionsSchema, rawOptions);
  const condition = wishOf(v.parse(v.string(), imageText), options);
  const app = findApp(options.app, context.env);
  const startedAt = context.clock.now().getTime();
  const elapsedMs = () => context.clock.now().getTime() - startedAt;

  const output = options.json ? context.stderr : context.stdout;
  const isWatched = isLive(output, context.env);
  if (!options.json || output.isTTY) introduce(output, condition);
  const progress = startProgress(output, context, condition, elapsedMs, options.json);
  let result: WaitResult | undefined;
  try {
    const hold = isWatched || condition.regions !== 'all' ? holdSeconds.watched : holdSeconds.log;
    result = await waitForImage(context, app, condition, progress, hold, elapsedMs);
  } finally {
    progress.close();
  }
  if (result === undefined) {
    // The terminal has written ^C where the cursor was.
    context.stderr.write(`${isWatched ? '\n' : ''}interrupted after ${formatDuration(elapsedMs())}\n`);
    return v.parse(v.number(), context.interrupted.reason);
  }
  tell(result, condition, elapsedMs(), options.json, context);
  return exitCodes[result.outcome];
}

function wishOf(imageText: string, options: v.InferOutput<typeof optionsSchema>): WaitCondition {
  const timeoutMs = parseDuration(options.timeout);
  if (timeoutMs === undefined) {
    throw new ArgumentError(
      `--timeout: expected a time up to a day with its unit, such as 90s or 10m, found ${JSON.stringify(options.timeout)}`,
    );
  }
  const regions = options.regions?.split(',').map(regionOf).filter(Boolean);
  if (regions?.length === 0) throw new ArgumentError('--regions: expected regions such as westus,eastus');
  return {
    image: parseImageReference(imageText),
    regions: regions === undefined ? 'all' : [...new Set(regions)],
    minEvidence: options.minEvidence,
    throughStall: options.throughStall,
    timeoutMs,
  };
}

function introduce(output: Output, { image, regions, minEvidence, timeoutMs }: WaitCondition): void {
  if (image.isTagAssumed) output.write('No tag or digest was given: waiting for the tag latest.\n');
  const where = regions === 'all' ? 'in every region' : `in ${regions.join(', ')}`;
  const proof = minEvidence === 'any' ? '' : `, by ${minEvidence} evidence`;
  output.write(
    `Waiting until ${formatImageReference(image)} is ${where}${proof}, at most ${formatDuration(timeoutMs)}.\n`,
  );
}

function startProgress(
  output: Output,
  { env }: CliContext,
  condition: WaitCondition,
  elapsedMs: () => number,
  json: boolean,
): Progress {
  if (isLive(output, env)) return liveProgress(output, condition, elapsedMs, paletteOf(output, env));
  return json && !output.isTTY ? silent : lineProgress(output, condition, elapsedMs);
}

/** An error goes to stderr, every other result to stdout: it is what was asked for. */
function tell(
  result: WaitResult,
  condition: WaitCondition,
  waitedMs: number,
  json: boolean,
  context: CliContext,
): void {
  const { outcome, message, image } = result;
  if (json) {
    const document = {
      outcome,
      exitCode: exitCodes[outcome],
      message,
      registry: condition.image.registry,
      repository: condition.image.repository,
      reference: condition.image.reference,
      missing: image === undefined ? [] : missingRegions(image, condition),
      waitedMs,
      answer: image ?? null,
    };
    context.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
  }
  const output = outcome === 'failed' || json ? context.stderr : context.stdout;
  if (json && !output.isTTY && outcome !== 'failed') return;
  const pc = paletteOf(output, context.env);
  const mark = outcome === 'replicated' ? pc.green('✔') : pc.red('✖');
  output.write(`${mark} ${message}${outcome === 'failed' ? '' : `, after ${formatDuration(waitedMs)}`}\n`);
}
