import { formatDuration } from '../../output/duration.ts';
import type { Answer, Replication } from './answer.ts';
import { awaitedRegions, isMet, missingRegions } from './awaited-regions.ts';
import { formatImageReference, shortDigest } from './image-reference.ts';
import { otherDigest, regionGap } from './region-gap.ts';
import type { WaitCondition } from './wait-condition.ts';

/** How a wait ended. */
export type WaitResult = Ending &
  (
    | {
        readonly outcome:
          | 'replicated'
          | 'gone'
          | 'timedOut'
          | 'stalled'
          | 'superseded'
          | 'diverged'
          | 'deleted';
      }
    | {
        readonly outcome: 'failed';
        /** For programs. */
        readonly code: 'appRefused' | 'appNotAnswered' | 'regionNotExpected';
      }
  );

interface Ending {
  /** One line that names the cause and, where there is something to do, what. */
  readonly message: string;
  /** The app's last answer about the image. */
  readonly image: Replication | undefined;
}

/** What is known after an answer. */
interface WaitState {
  readonly answer: Answer;
  /** Whether the app held the request for as long as it was allowed to. */
  readonly wasHeld: boolean;
  /** The last that the app said about the image, in this answer or an earlier one. */
  readonly image: Replication | undefined;
  /** Whether the app has answered at all, now or earlier. */
  readonly wasEverAnswered: boolean;
  readonly elapsedMs: number;
}

type Step =
  | { readonly kind: 'end'; readonly result: WaitResult }
  | { readonly kind: 'ask'; readonly afterMs: number };

const defaultPauseMs = 3_000;
/** A lower bound: a busy app may ask for less. */
const shortestPauseMs = 500;

/**
 * | answer                                    | condition                                        | then                  |
 * |-------------------------------------------|--------------------------------------------------|-----------------------|
 * | refused                                   |                                                  | failed                |
 * | everywhere                                | all, any evidence                                | replicated            |
 * | everywhere, notYet, elsewhere             | met by every awaited region, whatever others do  | replicated            |
 * | everywhere                                | names an unexpected region                       | failed                |
 * | elsewhere, superseded                     | not met                                          | superseded            |
 * | elsewhere                                 | not met, and an awaited region has another digest | diverged             |
 * | elsewhere, or notYet and stalled          | not met, and not through a stall                 | stalled               |
 * | deleted                                   |                                                  | deleted               |
 * | everywhere                                | gone                                             | gone                  |
 * | notYet, elsewhere, deleted                | gone, from every named region                    | gone                  |
 * | any other, time is over, never answered   |                                                  | failed                |
 * | any other, time is over                   |                                                  | timedOut              |
 * | any but unavailable, held for its time    |                                                  | ask at once           |
 * | any other                                 |                                                  | ask after Retry-After |
 */
export function nextStep(state: WaitState, condition: WaitCondition): Step {
  const { answer, wasHeld, elapsedMs } = state;
  const isOver = elapsedMs >= condition.timeoutMs;
  const result = resultOf(answer, condition) ?? (isOver ? resultAtTimeout(state, condition) : undefined);
  if (result !== undefined) return { kind: 'end', result };
  if (wasHeld && answer.kind !== 'unavailable') return { kind: 'ask', afterMs: 0 };
  const requestedMs = ('retryAfterMs' in answer ? answer.retryAfterMs : undefined) ?? defaultPauseMs;
  // The app is asked once more at the very end, however long a pause it requests.
  const afterMs = Math.min(Math.max(requestedMs, shortestPauseMs), condition.timeoutMs - elapsedMs);
  return { kind: 'ask', afterMs };
}

/** @returns `undefined` when the wait goes on. */
function resultOf(answer: Answer, condition: WaitCondition): WaitResult | undefined {
  if (answer.kind === 'refused') {
    return { outcome: 'failed', code: 'appRefused', message: answer.reason, image: undefined };
  }
  if (answer.kind === 'unseen' || answer.kind === 'unavailable') return undefined;
  const { kind, image } = answer;
  if (image !== undefined && isMet(image, kind === 'everywhere', condition))
    return resultMet(image, condition);
  if (condition.gone) return undefined;
  switch (kind) {
    case 'everywhere':
      return resultUnexpected(answer.image, condition);
    case 'notYet':
      return image?.state === 'stalled' ? resultStalled(image, condition) : undefined;
    case 'elsewhere':
      return resultElsewhere(image, condition);
    case 'deleted':
      return { outcome: 'deleted', message: `${formatImageReference(condition.image)} was deleted`, image };
  }
}

function resultMet(image: Replication, condition: WaitCondition): WaitResult {
  const name = `${formatImageReference(condition.image)}${digestSuffix(image, condition)}`;
  const { known, unknown } = awaitedRegions(image, condition);
  const where = [...known.map(({ region }) => region), ...unknown].join(', ') || 'every region';
  if (condition.gone) return { outcome: 'gone', message: `${name} is gone from ${where}`, image };
  return {
    outcome: 'replicated',
    message: `${name} is in ${where}`,
    image,
  };
}

/** An image that is everywhere gets no further in a region that the app does not expect. */
function resultUnexpected(image: Replication, condition: WaitCondition): WaitResult | undefined {
  const { unknown } = awaitedRegions(image, condition);
  if (unknown.length === 0) return undefined;
  const name = formatImageReference(condition.image);
  const expected = image.regions.map(({ region }) => region).join(', ');
  const where = unknown
    .map((region) => {
      const reason = leftOutReason(region, image);
      return reason === undefined ? region : `${region} (${reason})`;
    })
    .join(', ');
  const message = `evenkeel does not expect ${name} in ${where}; it is in ${expected}`;
  return { outcome: 'failed', code: 'regionNotExpected', message, image };
}

function resultStalled(image: Replication, condition: WaitCondition): WaitResult | undefined {
  if (condition.throughStall) return undefined;
  const since = image.stalledAt ? ` since ${image.stalledAt}` : '';
  const name = formatImageReference(condition.image);
  const message = `${name} is stalled${since}, missing in ${describeMissing(image, condition)}; it may still arrive: use --through-stall to wait for it`;
  return { outcome: 'stalled', message, image };
}

function resultElsewhere(image: Replication | undefined, condition: WaitCondition): WaitResult | undefined {
  const name = formatImageReference(condition.image);
  if (image !== undefined && (image.state === 'superseded' || image.supersededBy)) {
    const by = image.supersededBy ? `by ${image.supersededBy}` : 'by a newer push';
    const missing = missingRegions(image, condition);
    const suffix = missing.length === 0 ? '' : `; it was missing in ${missing.join(', ')}`;
    return {
      outcome: 'superseded',
      message: `${name} was superseded ${by} before it was everywhere${suffix}`,
      image,
    };
  }
  const where = image === undefined ? [] : divergedRegions(image, condition);
  // The regions that disagree are none of those that are waited for.
  if (image !== undefined && condition.regions !== 'all' && where.length === 0) {
    return resultStalled(image, condition);
  }
  const message = `${name} resolves to another digest in ${where.join(', ') || 'some regions'}, and the objective has passed`;
  return { outcome: 'diverged', message, image };
}

/** `westus (sha256:9f8e7d6c9f8e)`. */
const divergedRegions = (image: Replication, condition: WaitCondition): string[] =>
  awaitedRegions(image, condition).known.flatMap((region) => {
    const other = otherDigest(region, image);
    return other === undefined ? [] : [`${region.region} (${shortDigest(other)})`];
  });

function resultAtTimeout(
  { answer, image, wasEverAnswered }: WaitState,
  condition: WaitCondition,
): WaitResult {
  const name = formatImageReference(condition.image);
  const timeout = formatDuration(condition.timeoutMs);
  if (!wasEverAnswered) {
    const reason = answer.kind === 'unavailable' ? answer.reason : 'no answer';
    const message = `no answer from evenkeel within ${timeout}: ${reason}`;
    return { outcome: 'failed', code: 'appNotAnswered', message, image };
  }
  if (image === undefined) {
    const message = `evenkeel has not seen ${name} within ${timeout}; check the name, and that webhooks or events of ${condition.image.registry} reach the app`;
    return { outcome: 'timedOut', message, image };
  }
  const verb = condition.gone ? 'is not gone' : 'is still missing';
  const where = `${verb} after ${timeout} in ${describeMissing(image, condition)}`;
  const message = `${name}${digestSuffix(image, condition)} ${where}`;
  return { outcome: 'timedOut', message, image };
}

/** `westus (waiting), eastus (webhook, not verified yet)`. */
function describeMissing(image: Replication, condition: WaitCondition): string {
  const { known, unknown } = awaitedRegions(image, condition);
  const missing = known.flatMap((region) => {
    const gap = regionGap(region, image, condition);
    return gap === undefined ? [] : [`${region.region} (${gap})`];
  });
  const unexpected = unknown.map(
    (region) => `${region} (${leftOutReason(region, image) ?? 'not expected by evenkeel'})`,
  );
  return [...missing, ...unexpected].join(', ') || 'some region';
}

function leftOutReason(region: string, { leftOut }: Replication): string | undefined {
  const found = leftOut?.find((one) => one.region === region);
  return found && leftOutText(found.reason);
}

/**
 * The replicas that nobody waited for, and why. With named regions they were not asked for.
 * @returns `undefined` when there are none.
 */
export function describeLeftOut(
  { leftOut }: Replication,
  { regions, gone }: WaitCondition,
): string | undefined {
  if (!leftOut?.length || regions !== 'all' || gone) return undefined;
  return leftOut.map(({ region, reason }) => `${region} (${leftOutText(reason)})`).join(', ');
}

const leftOutText = (reason: string): string => leftOutReasons[reason] ?? reason;
const leftOutReasons: Readonly<Record<string, string>> = {
  seeding: 'being seeded',
  addedLater: 'added after the push',
  notSelected: 'not selected in REGISTRIES',
};

/** The digest that a tag stands for; nothing where the image is named by its digest. */
const digestSuffix = ({ digest }: Replication, { image }: WaitCondition): string =>
  digest && digest !== image.reference ? ` (${shortDigest(digest)})` : '';
