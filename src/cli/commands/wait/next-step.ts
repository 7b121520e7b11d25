import { formatDuration } from '../../output/duration.ts';
import type { Answer, Replication } from './answer.ts';
import { formatImageReference, shortDigest } from './image-reference.ts';
import { awaitedRegions, isMet, missingRegions, type WaitCondition } from './wait-condition.ts';
import type { WaitResult } from './wait-result.ts';

/** What is known after an answer. */
interface WaitState {
  readonly answer: Answer;
  /** The app held the question for as long as it was allowed to. */
  readonly wasHeld: boolean;
  /** The last that the app said of the image, by this answer or an earlier one. */
  readonly image: Replication | undefined;
  /** Whether this or any earlier question was answered at all. */
  readonly wasEverAnswered: boolean;
  readonly elapsedMs: number;
}

type Step =
  | { readonly kind: 'end'; readonly result: WaitResult }
  | { readonly kind: 'ask'; readonly afterMs: number };

const defaultPauseMs = 3_000;
/** Whatever the app asks for: it may answer that it is busy at once. */
const shortestPauseMs = 500;

/**
 * | answer                                          | condition                       | then                   |
 * |-------------------------------------------------|----------------------------|------------------------|
 * | everywhere                                      | all, any evidence          | replicated             |
 * | everywhere, notYet                              | fulfilled by every region  | replicated             |
 * | everywhere                                      | names an unexpected region | failed                 |
 * | notYet, stalled                                 | not through a stall        | stalled                |
 * | elsewhere                                       |                            | superseded or diverged |
 * | deleted                                         |                            | deleted                |
 * | refused                                         |                            | failed                 |
 * | any other, time is over, never an answer        |                            | failed                 |
 * | any other, time is over                         |                            | timedOut               |
 * | any other but unavailable, held for its time    |                            | asks at once           |
 * | any other                                       |                            | asks after Retry-After |
 */
export function nextStep(situation: WaitState, condition: WaitCondition): Step {
  const { answer, wasHeld, elapsedMs } = situation;
  const result =
    resultOf(answer, condition) ??
    (elapsedMs >= condition.timeoutMs ? timeOut(situation, condition) : undefined);
  if (result !== undefined) return { kind: 'end', result };
  if (wasHeld && answer.kind !== 'unavailable') return { kind: 'ask', afterMs: 0 };
  const asked = ('retryAfterMs' in answer ? answer.retryAfterMs : undefined) ?? defaultPauseMs;
  // One last look at the very end, however long the app would have us wait.
  const afterMs = Math.min(Math.max(asked, shortestPauseMs), condition.timeoutMs - elapsedMs);
  return { kind: 'ask', afterMs };
}

function resultOf(answer: Answer, condition: WaitCondition): WaitResult | undefined {
  const name = formatImageReference(condition.image);
  switch (answer.kind) {
    case 'everywhere':
    case 'notYet':
      return resultOfKnown(answer.image, answer.kind === 'everywhere', condition);
    case 'elsewhere':
      return resultElsewhere(answer.image, condition);
    case 'deleted':
      return { outcome: 'deleted', message: `${name} was deleted`, image: answer.image };
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
    return { outcome: 'replicated', message: `${name}${digestOf(image, condition)} is in ${regions}`, image };
  }
  if (isEverywhere && unknown.length > 0) {
    const expected = image.regions.map(({ region }) => region).join(', ');
    const message = `evenkeel does not expect ${name} in ${unknown.join(', ')}; it is in ${expected}`;
    return { outcome: 'failed', message, image };
  }
  if (image.state === 'stalled' && !condition.throughStall) {
    const since = image.stalledAt ? ` since ${image.stalledAt}` : '';
    const message = `${name} is stalled${since}, missing in ${describeMissing(image, condition)}; it may still come: --through-stall waits for it`;
    return { outcome: 'stalled', message, image };
  }
  return undefined;
}

function resultElsewhere(image: Replication | undefined, condition: WaitCondition): WaitResult {
  const name = formatImageReference(condition.image);
  if (image !== undefined && (image.state === 'superseded' || image.supersededBy)) {
    const by = image.supersededBy ? `by ${image.supersededBy}` : 'by a newer push';
    const missing = missingRegions(image, condition);
    const message = `${name} was superseded ${by} before it was everywhere${missing.length === 0 ? '' : `; it was missing in ${missing.join(', ')}`}`;
    return { outcome: 'superseded', message, image };
  }
  const others = (image?.regions ?? []).filter(
    ({ state, digest }) => state !== 'available' || (digest && digest !== image?.digest),
  );
  const where = others.map(({ region, digest }) => (digest ? `${region} (${shortDigest(digest)})` : region));
  const message = `${name} resolves to another digest in ${where.join(', ') || 'some regions'}, beyond the objective`;
  return { outcome: 'diverged', message, image };
}

function timeOut({ answer, image, wasEverAnswered }: WaitState, condition: WaitCondition): WaitResult {
  const name = formatImageReference(condition.image);
  const after = formatDuration(condition.timeoutMs);
  if (!wasEverAnswered) {
    const reason = answer.kind === 'unavailable' ? answer.reason : 'no answer';
    return { outcome: 'failed', message: `no answer from evenkeel within ${after}: ${reason}`, image };
  }
  if (image === undefined) {
    const message = `evenkeel has not seen ${name} within ${after}; check the name, and that the webhooks or events of ${condition.image.registry} reach the app`;
    return { outcome: 'timedOut', message, image };
  }
  const message = `${name}${digestOf(image, condition)} is still missing after ${after} in ${describeMissing(image, condition)}`;
  return { outcome: 'timedOut', message, image };
}

/** `westus (waiting), eastus (available by webhook)`. */
function describeMissing(image: Replication, condition: WaitCondition): string {
  const missing = missingRegions(image, condition).map((name) => {
    const found = image.regions.find(({ region }) => region === name);
    if (found === undefined) return `${name} (no region that evenkeel expects)`;
    return `${name} (${found.state}${found.evidence ? ` by ${found.evidence}` : ''})`;
  });
  return missing.join(', ') || 'some region';
}

/** Of a tag it says what it stands for; a digest has been named already. */
const digestOf = ({ digest }: Replication, { image }: WaitCondition): string =>
  digest && digest !== image.reference ? ` (${shortDigest(digest)})` : '';
