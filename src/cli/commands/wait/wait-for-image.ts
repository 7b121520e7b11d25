import type { AppAccess } from '../../app-client.ts';
import type { CliContext } from '../../context.ts';
import type { Replication } from './answer.ts';
import { ask } from './ask.ts';
import { nextStep } from './next-step.ts';
import type { Progress } from './progress.ts';
import { firstView, viewAfter } from './view.ts';
import type { WaitCondition } from './wait-condition.ts';
import type { WaitResult } from './wait-result.ts';

/** An answer may come a little before the end of the wait that it used up. */
const toleranceMs = 1_000;

/**
 * Asks until the condition is fulfilled, cannot be any more, or its time is over.
 * @param holdSeconds how long the app may hold a question.
 * @param elapsedMs since the wait began.
 * @returns `undefined` when it was interrupted.
 */
export async function waitForImage(
  context: CliContext,
  app: AppAccess,
  condition: WaitCondition,
  progress: Progress,
  holdSeconds: number,
  elapsedMs: () => number,
): Promise<WaitResult | undefined> {
  const { clock, interrupted } = context;
  let view = firstView;
  let image: Replication | undefined;
  let wasEverAnswered = false;
  for (;;) {
    const askedAtMs = elapsedMs();
    const waitSeconds = Math.min(
      holdSeconds,
      Math.max(0, Math.floor((condition.timeoutMs - askedAtMs) / 1000)),
    );
    const answer = await ask(context, app, condition, waitSeconds);
    if (interrupted.aborted) return undefined;

    if ('image' in answer && answer.image !== undefined) image = answer.image;
    wasEverAnswered ||= answer.kind !== 'unavailable';
    view = viewAfter(view, answer);
    progress.show(view);

    const now = elapsedMs();
    const wasHeld = waitSeconds > 0 && now - askedAtMs >= waitSeconds * 1000 - toleranceMs;
    const step = nextStep({ answer, wasHeld, image, wasEverAnswered, elapsedMs: now }, condition);
    if (step.kind === 'end') return step.result;
    if (step.afterMs > 0) await clock.sleep(step.afterMs);
    if (interrupted.aborted) return undefined;
  }
}
