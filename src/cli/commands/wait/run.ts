import * as v from 'valibot';
import { regionOf } from '../../../registries/replica.ts';
import { findApp } from '../../app-client.ts';
import type { Output, Surroundings } from '../../context.ts';
import { isLive, paletteOf } from '../../output/colors.ts';
import { formatTimeSpan, parseTimeSpan } from '../../output/duration.ts';
import { formatImageReference, parseImageReference } from './image-reference.ts';
import { lineProgress, liveProgress, type Progress, silent } from './progress.ts';
import { minEvidences, missingRegions, type Wish } from './wait-condition.ts';
import { waitForImage } from './wait-for-image.ts';
import { type Ending, exitCodes } from './wait-result.ts';

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
export async function runWait(
  imageText: unknown,
  rawOptions: unknown,
  around: Surroundings,
): Promise<number> {
  const options = v.parse(optionsSchema, rawOptions);
  const wish = wishOf(v.parse(v.string(), imageText), options);
  const app = findApp(options.app, around.env);
  const startedAt = around.clock.now().getTime();
  const elapsedMs = () => around.clock.now().getTime() - startedAt;

  const output = options.json ? around.stderr : around.stdout;
  const isWatched = isLive(output, around.env);
  if (!options.json || output.isTTY) introduce(output, wish);
  const progress = startProgress(output, around, wish, elapsedMs, options.json);
  let ending: Ending | undefined;
  try {
    const hold = isWatched || wish.regions !== 'all' ? holdSeconds.watched : holdSeconds.log;
    ending = await waitForImage(around, app, wish, progress, hold, elapsedMs);
  } finally {
    progress.close();
  }
  if (ending === undefined) {
    // The terminal has written ^C where the cursor was.
    around.stderr.write(`${isWatched ? '\n' : ''}interrupted after ${formatTimeSpan(elapsedMs())}\n`);
    return v.parse(v.number(), around.interrupted.reason);
  }
  tell(ending, wish, elapsedMs(), options.json, around);
  return exitCodes[ending.outcome];
}

function wishOf(imageText: string, options: v.InferOutput<typeof optionsSchema>): Wish {
  const timeoutMs = parseTimeSpan(options.timeout);
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

function introduce(output: Output, { image, regions, minEvidence, timeoutMs }: Wish): void {
  if (image.isTagAssumed) output.write('No tag or digest was given: waiting for the tag latest.\n');
  const where = regions === 'all' ? 'in every region' : `in ${regions.join(', ')}`;
  const proof = minEvidence === 'any' ? '' : `, by ${minEvidence} evidence`;
  output.write(
    `Waiting until ${formatImageReference(image)} is ${where}${proof}, at most ${formatTimeSpan(timeoutMs)}.\n`,
  );
}

function startProgress(
  output: Output,
  { env }: Surroundings,
  wish: Wish,
  elapsedMs: () => number,
  json: boolean,
): Progress {
  if (isLive(output, env)) return liveProgress(output, wish, elapsedMs, paletteOf(output, env));
  return json && !output.isTTY ? silent : lineProgress(output, wish, elapsedMs);
}

/** An error goes to stderr, every other ending to stdout: it is what was asked for. */
function tell(ending: Ending, wish: Wish, waitedMs: number, json: boolean, around: Surroundings): void {
  const { outcome, message, image } = ending;
  if (json) {
    const document = {
      outcome,
      exitCode: exitCodes[outcome],
      message,
      registry: wish.image.registry,
      repository: wish.image.repository,
      reference: wish.image.reference,
      missing: image === undefined ? [] : missingRegions(image, wish),
      waitedMs,
      answer: image ?? null,
    };
    around.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
  }
  const output = outcome === 'failed' || json ? around.stderr : around.stdout;
  if (json && !output.isTTY && outcome !== 'failed') return;
  const pc = paletteOf(output, around.env);
  const mark = outcome === 'replicated' ? pc.green('✔') : pc.red('✖');
  output.write(`${mark} ${message}${outcome === 'failed' ? '' : `, after ${formatTimeSpan(waitedMs)}`}\n`);
}
