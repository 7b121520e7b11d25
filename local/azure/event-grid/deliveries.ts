import { setImmediate } from 'node:timers/promises';
import pLimit from 'p-limit';
import { after, type Clock } from '../clock.ts';
import { type AttemptReport, noCounts } from './attempt-report.ts';
import type { EventGridBehaviour } from './behaviour.ts';
import type { Failure } from './dead-letters.ts';
import type { GridEvent } from './event.ts';
import { eventText, notification } from './notification.ts';
import { judge, nameOf, type Outcome, type Verdict } from './retry-policy.ts';
import type { Subscription } from './subscription.ts';
import { attempt } from './web-hook.ts';

interface DeliveriesParts {
  readonly subscription: Subscription;
  readonly clock: Clock;
  /** Draws duplicates and delays, in the order of publication, so that a seed repeats them. */
  readonly random: () => number;
  /** Draws the jitter of back-off, as attempts end. */
  readonly jitter: () => number;
  readonly behaviour: () => EventGridBehaviour;
  readonly onAttempt: (report: AttemptReport) => void;
  readonly onDeadLetter: (event: GridEvent, failure: Failure) => void;
  /** Runs when something has ended, so that there may be nothing left to do. */
  readonly onChange: () => void;
}

interface Item {
  readonly event: GridEvent;
  readonly text: string;
  readonly isDuplicate: boolean;
  readonly publishedAt: number;
  attempts: number;
}

/** Delivers the events of one subscription: at least once, in any order, and again after a failure. */
export class Deliveries {
  readonly subscription: Subscription;
  readonly counts = noCounts();
  private readonly parts: DeliveriesParts;
  private readonly ended = new AbortController();
  private readonly limit;
  private readonly ready: Item[] = [];
  /** The time when the next attempt at each waiting item is due. */
  private readonly waiting = new Map<Item, number>();
  private busy = 0;

  constructor(parts: DeliveriesParts) {
    this.parts = parts;
    this.subscription = parts.subscription;
    this.limit = pLimit(parts.behaviour().concurrency);
  }

  /** Queues an event for delivery, sometimes more than once. */
  add(event: GridEvent): void {
    const { random, clock, behaviour } = this.parts;
    const [least, longest] = behaviour().delayMs;
    const text = eventText(event, this.subscription);
    this.counts.matched += 1;
    let isDuplicate = false;
    do {
      const item = { event, text, isDuplicate, publishedAt: clock.now(), attempts: 0 };
      this.schedule(item, least + (longest - least) * random());
      isDuplicate = true;
    } while (random() < behaviour().duplicateProbability);
  }

  /** Whether nothing is queued or under way, and nothing waits for a time until `until` of the clock. */
  isIdle(until: number): boolean {
    if (this.busy > 0) return false;
    for (const due of this.waiting.values()) if (due <= until) return false;
    return true;
  }

  /** Gives up everything. */
  end(): void {
    this.ended.abort();
    this.waiting.clear();
    this.parts.onChange();
  }

  private get lifetime(): AbortSignal {
    return this.ended.signal;
  }

  private schedule(item: Item, delayMs: number): void {
    if (delayMs > 0) this.waiting.set(item, this.parts.clock.now() + delayMs);
    after(this.parts.clock, delayMs, this.lifetime, () => {
      this.waiting.delete(item);
      this.ready.push(item);
      this.busy += 1;
      void this.limit(() => this.deliverNext());
    });
  }

  private async deliverNext(): Promise<void> {
    // Events that are published in the same turn of the event loop belong to the same batch.
    if (this.subscription.batch !== undefined) await setImmediate();
    const items = this.takeBatch();
    const [first] = items;
    if (first === undefined) return;
    const { clock, behaviour } = this.parts;
    const { answerMs, leastRealAnswerMs: leastRealMs } = behaviour();
    const startedAt = performance.now();
    const post = notification(this.subscription, items, first.attempts);
    const outcome = await attempt(post, { clock, answerMs, leastRealMs }, this.lifetime);
    const durationMs = performance.now() - startedAt;
    const random = this.parts.jitter();
    if (!this.lifetime.aborted) for (const item of items) this.finish(item, outcome, { durationMs, random });
    this.busy -= items.length;
    this.parts.onChange();
  }

  /** A batch succeeds or fails as a whole, so it only unites events with the same number of attempts. */
  private takeBatch(): Item[] {
    const { maxEvents, preferredKilobytes } = this.subscription.batch ?? {
      maxEvents: 1,
      preferredKilobytes: 0,
    };
    const first = this.ready.shift();
    if (first === undefined) return [];
    const batch = [first];
    let bytes = first.text.length;
    for (let next = this.ready[0]; next !== undefined && batch.length < maxEvents; next = this.ready[0]) {
      bytes += next.text.length;
      if (next.attempts !== first.attempts || bytes > preferredKilobytes * 1024) break;
      this.ready.shift();
      batch.push(next);
    }
    return batch;
  }

  private finish(item: Item, outcome: Outcome, how: { durationMs: number; random: number }): void {
    const { clock } = this.parts;
    item.attempts += 1;
    const verdict = this.verdictOn(item, outcome, how.random);
    this.count(item, verdict);
    this.parts.onAttempt({
      subscription: this.subscription.name,
      event: item.event,
      attempt: item.attempts,
      isDuplicate: item.isDuplicate,
      status: outcome.kind === 'answered' ? outcome.status : undefined,
      error: errorOf(outcome),
      durationMs: how.durationMs,
      willRetryInMs: verdict.kind === 'retry' ? verdict.delayMs : undefined,
      deadLetterReason: verdict.kind === 'deadLetter' ? verdict.reason : undefined,
    });
    if (verdict.kind === 'retry') this.schedule(item, verdict.delayMs);
    if (verdict.kind !== 'deadLetter') return;
    this.parts.onDeadLetter(item.event, {
      reason: verdict.reason,
      attempts: item.attempts,
      lastOutcome: nameOf(outcome),
      lastStatus: outcome.kind === 'answered' ? outcome.status : undefined,
      publishedAt: item.publishedAt,
      lastAttemptAt: clock.now(),
    });
  }

  private verdictOn(item: Item, outcome: Outcome, random: number): Verdict {
    // A copy only repeats what is delivered anyway, so its failure has no consequence.
    if (item.isDuplicate) return { kind: 'delivered' };
    const past = { attempts: item.attempts, ageMs: this.parts.clock.now() - item.publishedAt };
    return judge(outcome, this.subscription.retry, past, random);
  }

  private count(item: Item, verdict: Verdict): void {
    this.counts.attempts += 1;
    if (item.isDuplicate) this.counts.duplicated += 1;
    else {
      if (item.attempts > 1) this.counts.retried += 1;
      if (verdict.kind === 'delivered') this.counts.delivered += 1;
      if (verdict.kind === 'deadLetter') this.counts.deadLettered += 1;
    }
  }
}

function errorOf(outcome: Outcome): string | undefined {
  if (outcome.kind === 'failed') return outcome.error;
  return outcome.kind === 'timedOut' ? 'no answer in time' : undefined;
}
