import type { GridEvent } from './event.ts';
import type { DeadLetterReason } from './retry-policy.ts';

/** One event in one delivery to one subscription; a batch gives one report for each of its events. */
export interface AttemptReport {
  readonly subscription: string;
  /** The event as it was published. */
  readonly event: GridEvent;
  /** 1 for the first. */
  readonly attempt: number;
  /** Whether this delivery repeats one that is made anyway. */
  readonly isDuplicate: boolean;
  /** HTTP status of the answer; undefined without one. */
  readonly status: number | undefined;
  /** Why there was no answer. */
  readonly error: string | undefined;
  /** Milliseconds of real time, whatever the clock. */
  readonly durationMs: number;
  /** Milliseconds of the clock until the next attempt; undefined when there will be none. */
  readonly willRetryInMs: number | undefined;
  /** Why there will be no next attempt after a failed one. */
  readonly deadLetterReason: DeadLetterReason | undefined;
}

/** Totals of the events of a subscription, or of all subscriptions. */
export interface DeliveryCounts {
  /** Events that passed the filter. */
  matched: number;
  /** Events that were accepted; duplicates do not count again. */
  delivered: number;
  attempts: number;
  /** Attempts after an event's first one, without duplicates. */
  retried: number;
  /** Deliveries that repeated one that was made anyway. */
  duplicated: number;
  deadLettered: number;
}

export const noCounts = (): DeliveryCounts => ({
  matched: 0,
  delivered: 0,
  attempts: 0,
  retried: 0,
  duplicated: 0,
  deadLettered: 0,
});
