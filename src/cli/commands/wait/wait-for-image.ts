import type { AppAccess } from '../../app-client.ts';
import type { Surroundings } from '../../context.ts';
import type { Replication } from './answer.ts';
import { ask } from './ask.ts';
import { nextStep } from './next-step.ts';
import type { Progress } from './progress.ts';
import { firstView, viewAfter } from './view.ts';
import type { Wish } from './wait-condition.ts';
import type { Ending } from './wait-result.ts';

/** An answer may come a little before the end of the wait that it used up. */
const toleranceMs = 1_000;

/**
 * Asks until the wish is fulfilled, cannot be any more, or its time is over.
 * @param holdSeconds how long the app may hold a question.
 * @param elapsedMs since the wait began.
 * @returns `undefined` when it was interrupted.
 */
export async function waitForImage(
  surroundings: Surroundings,
  app: AppAccess,
  wish: Wish,
  progress: Progress,
  holdSeconds: number,
  elapsedMs: () => number,
): Promise<Ending | undefined> {
  const { clock, interrupted } = surroundings;
  let view = firstView;
  let image: Replication | undefined;
  let wasEverAnswered = false;
  for (;;) {
    const askedAtMs = elapsedMs();
    const waitSeconds = Math.min(holdSeconds, Math.max(0, Math.floor((wish.timeoutMs - askedAtMs) / 1000)));
    const answer = await ask(surroundings, app, wish, waitSeconds);
    if (interrupted.aborted) return undefined;

    if ('image' in answer && answer.image !== undefined) image = answer.image;
    wasEverAnswered ||= answer.kind !== 'unavailable';
    view = viewAfter(view, answer);
    progress.show(view);

    const now = elapsedMs();
    const wasHeld = waitSeconds > 0 && now - askedAtMs >= waitSeconds * 1000 - toleranceMs;
    const step = nextStep({ answer, wasHeld, image, wasEverAnswered, elapsedMs: now }, wish);
    if (step.kind === 'end') return step.ending;
    if (step.afterMs > 0) await clock.sleep(step.afterMs);
    if (interrupted.aborted) return undefined;
  }
}
