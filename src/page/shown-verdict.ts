import type { Failure, View } from './poller.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** The verdict as the page may state it now. */
export interface Shown extends Verdict {
  /** Why there is no newer data. */
  readonly failure: Failure | undefined;
  /** When the app is asked again, by the page's clock. */
  readonly nextAtMs: number | undefined;
  /** What the last answer said, where it is too old to be stated as it is. */
  readonly before: { readonly headline: string; readonly receivedAtMs: number } | undefined;
}

/** What is older than this is history as soon as the app has stopped answering. */
export const staleAfterMs = 30_000;

/** One failed refresh changes nothing; data that grows old because the app does not answer says nothing of now. */
export function shownVerdict({ status, receivedAtMs, failure, nextAtMs }: View, nowMs: number): Shown {
  const about = { failure, nextAtMs, before: undefined };
  if (status === undefined || receivedAtMs === undefined) {
    const headline = failure === undefined ? 'Asking the app' : 'Not known: the app does not answer';
    return { kind: 'unseen', headline, groups: [], ...about };
  }
  const verdict = verdictOf(status);
  if (failure === undefined || nowMs - receivedAtMs < staleAfterMs) return { ...verdict, ...about };
  const before = { headline: verdict.headline, receivedAtMs };
  return { ...verdict, kind: 'unseen', headline: 'Not known: the app does not answer', ...about, before };
}
