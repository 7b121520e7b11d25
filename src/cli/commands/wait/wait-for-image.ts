import { type AppAccess, AppCallError, callApp } from '../../app-client.ts';
import type { CliContext } from '../../context.ts';
import { type Answer, type Replication, readAnswer } from './answer.ts';
import { nextStep, type WaitResult } from './next-step.ts';
import { firstView, type Progress, viewAfter } from './progress.ts';
import type { WaitCondition } from './wait-condition.ts';

/** How much longer than `wait` an answer may take, because of a cold start, endpoints that do not answer, or a slow network. */
const graceMs = 20_000;
/** An answer may come slightly before the end of the wait that it used up. */
const toleranceMs = 1_000;

/** How the app is asked. */
export interface Pace {
  /** How long the app may hold a request. */
  readonly holdSeconds: number;
  /** Whether the first request is not held, so that what is there already is known at once. */
  readonly looksFirst: boolean;
}

/**
 * Asks until the condition is met, can no longer be met, or the time is over.
 * @param elapsedMs since the wait began.
 * @returns `undefined` when the wait was interrupted.
 */
export async function waitForImage(
  context: CliContext,
  app: AppAccess,
  condition: WaitCondition,
  progress: Progress,
  { holdSeconds, looksFirst }: Pace,
  elapsedMs: () => number,
): Promise<WaitResult | undefined> {
  const { clock, interrupted } = context;
  let view = firstView;
  let image: Replication | undefined;
  let wasEverAnswered = false;
  let isLook = looksFirst;
  for (;;) {
    const askedAtMs = elapsedMs();
    const remainingSeconds = Math.max(0, Math.floor((condition.timeoutMs - askedAtMs) / 1000));
    const waitSeconds = isLook ? 0 : Math.min(holdSeconds, remainingSeconds);
    const answer = await askForImage(context, app, condition, waitSeconds);
    if (interrupted.aborted) return undefined;

    if ('image' in answer && answer.image !== undefined) image = answer.image;
    wasEverAnswered ||= answer.kind !== 'unavailable';
    view = viewAfter(view, answer);
    progress.show(view);

    const now = elapsedMs();
    // After the first look there is no reason to rest.
    const wasHeld = isLook || isHeld(now - askedAtMs, waitSeconds * 1000);
    isLook = false;
    const step = nextStep({ answer, wasHeld, image, wasEverAnswered, elapsedMs: now }, condition);
    if (step.kind === 'end') return step.result;
    if (step.afterMs > 0) await clock.sleep(step.afterMs);
    if (interrupted.aborted) return undefined;
  }
}

/** Never where no time passed: in the last second of a wait, the app would be asked without a pause. */
const isHeld = (tookMs: number, waitMs: number): boolean =>
  tookMs > 0 && tookMs >= Math.max(waitMs - toleranceMs, waitMs / 2);

/** Asks once. The app may hold the request for `waitSeconds`. Never throws: no answer is `unavailable`. */
async function askForImage(
  context: CliContext,
  app: AppAccess,
  { image, minEvidence, closure, gone }: WaitCondition,
  waitSeconds: number,
): Promise<Answer> {
  const url = new URL(`${app.url}/api/replication`);
  url.searchParams.set('registry', image.host);
  url.searchParams.set('repository', image.repository);
  url.searchParams.set('reference', image.reference);
  url.searchParams.set('wait', String(waitSeconds));
  const wanted = {
    verify: minEvidence === 'verified',
    pullable: minEvidence === 'pullable',
    closure,
    gone,
  };
  for (const [name, isWanted] of Object.entries(wanted)) {
    if (isWanted) url.searchParams.set(name, 'true');
  }
  try {
    const { status, text, retryAfter } = await callApp(context, app, url, {
      headers: { accept: 'application/json' },
      timeoutMs: waitSeconds * 1000 + graceMs,
    });
    return readAnswer(status, text, retryAfter);
  } catch (error) {
    if (!(error instanceof AppCallError)) throw error;
    return { kind: 'unavailable', reason: error.message, retryAfterMs: undefined };
  }
}
