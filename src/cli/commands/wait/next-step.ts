import { formatDuration } from '../../output/duration.ts';
import type { Answer, Replication } from './answer.ts';
import { formatImageReference, shortDigest } from './image-reference.ts';
import { awaitedRegions, isMet, missingRegions, type WaitCondition } from './wait-condition.ts';

/** How a wait ended. */
export interface WaitResult {
  readonly outcome: 'replicated' | 'failed' | 'timedOut' | 'stalled' | 'superseded' | 'diverged' | 'deleted';
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
 * | answer                                           | condition                  | then                     |
 * |--------------------------------------------------|----------------------------|--------------------------|
 * | everywhere                                       | all, any evidence          | replicated               |
 * | everywhere, notYet                               | met by every region        | replicated               |
 * | everywhere                                       | names an unexpected region | failed                   |
 * | notYet, stalled                                  | not through a stall        | stalled                  |
 * | elsewhere                                        |                            | superseded or diverged   |
 * | deleted                                          |                            | deleted                  |
 * | refused                                          |                            | failed                   |
 * | any other, time is over, the app never answered  |                            | failed                   |
 * | any other, time is over                          |                            | timedOut                 |
 * | any other but unavailable, held for its time     |                            | ask at once              |
 * | any other                                        |                            | ask after Retry-After    |
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
  switch (answer.kind) {
    case 'everywhere':
    case 'notYet':
      return resultOfKnown(answer.image, answer.kind === 'everywhere', condition);
    case 'elsewhere':
      return resultElsewhere(answer.image, condition);
    case 'deleted': {
      const message = `${formatImageReference(condition.image)} was deleted`;
      return { outcome: 'deleted', message, image: answer.image };
    }
    case 'refused':
      return { outcome: 'failed', message: answer.reason, image: undefined };
    case 'unseen':
    case 'unavailable':
      return undefined;
  }
}

function resultOfKnown(
  image: Replication,
  isEverywhere: boolean,
  condition: WaitCondition,
): WaitResult | undefined {
  const name = formatImageReference(condition.image);
  const { known, unknown } = awaitedRegions(image, condition);
  if (isMet(image, isEverywhere, condition)) {
    const regions = known.map(({ region }) => region).join(', ');
    return {
      outcome: 'replicated',
      message: `${name}${digestSuffix(image, condition)} is in ${regions}`,
      image,
    };
  }
  if (isEverywhere && unknown.length > 0) {
    const expected = image.regions.map(({ region }) => region).join(', ');
    const message = `evenkeel does not expect ${name} in ${unknown.join(', ')}; it is in ${expected}`;
    return { outcome: 'failed', message, image };
  }
  if (image.state === 'stalled' && !condition.throughStall) {
    const since = image.stalledAt ? ` since ${image.stalledAt}` : '';
    const message = `${name} is stalled${since}, missing in ${describeMissing(image, condition)}; it may still arrive: use --through-stall to wait for it`;
    return { outcome: 'stalled', message, image };
  }
  return undefined;
}

function resultElsewhere(image: Replication | undefined, condition: WaitCondition): WaitResult {
  const name = formatImageReference(condition.image);
  if (image !== undefined && (image.state === 'superseded' || image.supersededBy)) {
    const by = image.supersededBy ? `by ${image.supersededBy}` : 'by a newer push';
    const missing = missingRegions(image, condition);
    const suffix = missing.length === 0 ? '' : `; it was missing in ${missing.join(', ')}`;
    const message = `${name} was superseded ${by} before it was everywhere${suffix}`;
    return { outcome: 'superseded', message, image };
  }
  const others = (image?.regions ?? []).filter(
    ({ state, digest }) => state !== 'available' || (digest && digest !== image?.digest),
  );
  const where = others.map(({ region, digest }) => (digest ? `${region} (${shortDigest(digest)})` : region));
  const message = `${name} resolves to another digest in ${where.join(', ') || 'some regions'}, and the objective has passed`;
  return { outcome: 'diverged', message, image };
}

function resultAtTimeout(
  { answer, image, wasEverAnswered }: WaitState,
  condition: WaitCondition,
): WaitResult {
  const name = formatImageReference(condition.image);
  const timeout = formatDuration(condition.timeoutMs);
  if (!wasEverAnswered) {
    const reason = answer.kind === 'unavailable' ? answer.reason : 'no answer';
    return { outcome: 'failed', message: `no answer from evenkeel within ${timeout}: ${reason}`, image };
  }
  if (image === undefined) {
    const message = `evenkeel has not seen ${name} within ${timeout}; check the name, and that webhooks or events of ${condition.image.registry} reach the app`;
    return { outcome: 'timedOut', message, image };
  }
  const missing = describeMissing(image, condition);
  const message = `${name}${digestSuffix(image, condition)} is still missing after ${timeout} in ${missing}`;
  return { outcome: 'timedOut', message, image };
}

/** `westus (waiting), eastus (available by webhook)`. */
function describeMissing(image: Replication, condition: WaitCondition): string {
  const missing = missingRegions(image, condition).map((name) => {
    const found = image.regions.find(({ region }) => region === name);
    if (found === undefined) return `${name} (not expected by evenkeel)`;
    return `${name} (${found.state}${found.evidence ? ` by ${found.evidence}` : ''})`;
  });
  return missing.join(', ') || 'some region';
}

/** The digest that a tag stands for; nothing where the image is named by its digest. */
const digestSuffix = ({ digest }: Replication, { image }: WaitCondition): string =>
  digest && digest !== image.reference ? ` (${shortDigest(digest)})` : '';
