import { setTimeout as realTimeout } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import type { Outcome } from './retry-policy.ts';

export interface Post {
  readonly url: string;
  readonly method?: 'POST' | 'OPTIONS';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface AnswerLimits {
  readonly clock: Clock;
  /** How long an answer may take by the clock. */
  readonly answerMs: number;
  /** How long it may take in any case, in real time: a fast clock must not fail what a real one would not. */
  readonly leastRealMs: number;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** The answer came too late. Anything else that goes wrong is the error of `fetch`. */
class AnswerTimeoutError extends Error {
  override readonly name = 'AnswerTimeoutError';
}

/**
 * Sends a request to a web hook and reads the whole answer.
 * @throws AnswerTimeoutError, or what `fetch` throws.
 */
export async function send(post: Post, limits: AnswerLimits, lifetime: AbortSignal): Promise<Answer> {
  const late = new AbortController();
  const answered = new AbortController();
  const stop = AbortSignal.any([lifetime, answered.signal]);
  Promise.all([
    limits.clock.sleep(limits.answerMs, stop),
    realTimeout(limits.leastRealMs, undefined, { signal: stop }),
  ]).then(
    () => late.abort(new AnswerTimeoutError(`no answer within ${limits.answerMs / 1000} s`)),
    () => undefined,
  );
  try {
    const answer = await fetch(post.url, {
      method: post.method ?? 'POST',
      headers: post.headers,
      body: post.body ?? null,
      redirect: 'manual',
      signal: AbortSignal.any([lifetime, late.signal]),
    });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  } finally {
    answered.abort();
  }
}

/** Sends a request and returns only how that ended. Never throws. */
export async function attempt(post: Post, limits: AnswerLimits, lifetime: AbortSignal): Promise<Outcome> {
  try {
    return { kind: 'answered', status: (await send(post, limits, lifetime)).status };
  } catch (error) {
    return error instanceof AnswerTimeoutError
      ? { kind: 'timedOut' }
      : { kind: 'failed', error: reasonOf(error) };
  }
}

/** The reason of a failure in one line. `fetch` hides it in its error's cause. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return String(cause);
  const code = 'code' in cause ? String(cause.code) : '';
  return cause.message === '' ? code : cause.message;
}
