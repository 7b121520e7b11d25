import type { Activity } from '../arm/activity.ts';
import { after, type Clock } from '../clock.ts';
import { seededRandom } from '../random.ts';
import { activityEvent } from './activity-event.ts';
import { type AttemptReport, type DeliveryCounts, noCounts } from './attempt-report.ts';
import { defaultEventGridBehaviour, type EventGridBehaviour } from './behaviour.ts';
import {
  type DeadLetter,
  type DeadLetterStore,
  deadLetterOf,
  deadLetterPath,
  type Failure,
} from './dead-letters.ts';
import { Deliveries } from './deliveries.ts';
import { type GridEvent, inSchema, subjectOf } from './event.ts';
import { containerGroupChanges, matches } from './filter.ts';
import { shakeHands } from './handshake.ts';
import {
  activitySource,
  type EventSource,
  type Subscription,
  type SubscriptionOptions,
  subscriptionOf,
} from './subscription.ts';

interface EventGridParts {
  readonly clock: Clock;
  readonly behaviour?: Partial<EventGridBehaviour> | undefined;
  /** Seed of delays, duplicates and back-off. */
  readonly seed?: number | undefined;
  /** Aborts when the simulator closes. */
  readonly lifetime: AbortSignal;
}

/** Event Grid: takes events from Resource Manager and custom topics to the web hooks that subscribed. */
export class EventGrid {
  /** Every event that was given up, without delay, in the schema of its subscription. */
  readonly deadLetters: DeadLetter[] = [];
  /** Errors of the dead letter store. In Azure, these dead letters would be lost. */
  readonly lostDeadLetters: unknown[] = [];
  private readonly parts: EventGridParts;
  /** Draws the seeds of the subscriptions. */
  private readonly seeds: () => number;
  private behaviour: EventGridBehaviour;
  private readonly byName = new Map<string, Deliveries>();
  private readonly listeners = new Set<(report: AttemptReport) => void>();
  private readonly idlers = new Set<() => void>();
  private letterWrites = 0;
  private deadLetterStore: DeadLetterStore | undefined;

  constructor(parts: EventGridParts) {
    this.parts = parts;
    this.seeds = seededRandom(parts.seed ?? 1);
    this.behaviour = { ...defaultEventGridBehaviour, ...parts.behaviour };
    parts.lifetime.addEventListener('abort', () => this.unsubscribeAll(), { once: true });
  }

  /** Changes how events are delivered; applies to events that are published from now on. */
  change(behaviour: Partial<Omit<EventGridBehaviour, 'concurrency'>>): void {
    this.behaviour = { ...this.behaviour, ...behaviour };
  }

  /** Writes dead letters to `store` from now on; without one they are in `deadLetters` only. */
  storeDeadLettersIn(store: DeadLetterStore | undefined): void {
    this.deadLetterStore = store;
  }

  /**
   * Subscribes a web hook, once it has confirmed that it wants the events.
   * @throws SubscriptionValidationError when it does not; RangeError for options that Event Grid refuses.
   */
  async subscribe(options: SubscriptionOptions): Promise<Subscription> {
    const subscription = subscriptionOf(options);
    const { clock, lifetime } = this.parts;
    const { answerMs, leastRealAnswerMs: leastRealMs } = this.behaviour;
    const topic = subscription.topic ?? subscription.scope ?? '/';
    await shakeHands(subscription, topic, { clock, answerMs, leastRealMs }, lifetime);
    this.unsubscribe(subscription.name);
    const deliveries = new Deliveries({
      subscription,
      clock,
      random: this.nextRandom(),
      jitter: this.nextRandom(),
      behaviour: () => this.behaviour,
      onAttempt: (report) => {
        for (const listener of this.listeners) listener(report);
      },
      onDeadLetter: (event, failure) => this.keepDeadLetter(subscription, event, failure),
      onChange: () => this.changed(),
    });
    this.byName.set(subscription.name.toLowerCase(), deliveries);
    return subscription;
  }

  /**
   * Subscribes a function of a Functions host to the changes of container groups or, with `topic`, to all
   * events of a custom topic; `options` may narrow either.
   * @param host Base URL.
   */
  subscribeFunction(
    host: string,
    functionName: string,
    options: Partial<Omit<SubscriptionOptions, 'url' | 'functionName'>> = {},
  ): Promise<Subscription> {
    const filter = options.topic === undefined ? containerGroupChanges : {};
    const suffix = options.topic === undefined ? '' : `-${options.topic}`;
    return this.subscribe({
      name: `${functionName}${suffix}`,
      ...filter,
      ...options,
      url: host,
      functionName,
    });
  }

  /** Ends a subscription and gives up what it has not delivered. False when there is none of that name. */
  unsubscribe(name: string): boolean {
    this.byName.get(name.toLowerCase())?.end();
    return this.byName.delete(name.toLowerCase());
  }

  /** The blob container for dead letters. */
  get deadLetterContainer(): string {
    return this.behaviour.deadLetterContainer;
  }

  subscription(name: string): Subscription | undefined {
    return this.byName.get(name.toLowerCase())?.subscription;
  }

  get subscriptions(): readonly Subscription[] {
    return [...this.byName.values()].map(({ subscription }) => subscription);
  }

  /** Publishes a change to the subscribers of Resource Manager's activity. */
  report(activity: Activity): void {
    let event: GridEvent | undefined;
    for (const deliveries of this.byName.values()) {
      if (deliveries.subscription.source !== activitySource) continue;
      event ??= activityEvent(activity, this.parts.clock.now());
      offer(event, deliveries);
    }
  }

  /**
   * Publishes any event as it is: to the subscriptions to Resource Manager's activity whose filters let it pass, or
   * to the named subscriptions, whatever their filters.
   * @throws RangeError for an unknown name.
   */
  publish(event: GridEvent, names?: readonly string[]): void {
    if (names === undefined) this.publishFrom(activitySource, event);
    for (const name of names ?? []) {
      const deliveries = this.byName.get(name.toLowerCase());
      if (deliveries === undefined) throw new RangeError(`there is no event subscription ${name}`);
      deliveries.add(event);
    }
  }

  /** Publishes an event to the subscriptions of its source, where their filters let it pass. */
  publishFrom(source: EventSource, event: GridEvent): void {
    for (const deliveries of this.byName.values()) {
      if (deliveries.subscription.source === source) offer(event, deliveries);
    }
  }

  /** Runs after every attempt. Returns how to remove it. */
  onAttempt(listener: (report: AttemptReport) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** The counts of one subscription, or of all present ones together. */
  counts(name?: string): Readonly<DeliveryCounts> {
    if (name !== undefined) return { ...(this.byName.get(name.toLowerCase())?.counts ?? noCounts()) };
    const sum = noCounts();
    for (const { counts } of this.byName.values()) {
      sum.matched += counts.matched;
      sum.delivered += counts.delivered;
      sum.attempts += counts.attempts;
      sum.retried += counts.retried;
      sum.duplicated += counts.duplicated;
      sum.deadLettered += counts.deadLettered;
    }
    return sum;
  }

  /**
   * Resolves when nothing is queued, under way or waiting for its next attempt, and no dead letter is being written.
   * @param options `dueWithinMs` ignores what is due later than so many milliseconds of the clock from now; 0 waits
   * only for what is due already. Dead letters that wait to be written are always ignored.
   */
  async idle(options: { readonly dueWithinMs?: number } = {}): Promise<void> {
    while (!this.isIdle(options.dueWithinMs ?? Number.POSITIVE_INFINITY)) {
      await new Promise<void>((resolve) => this.idlers.add(resolve));
    }
  }

  private nextRandom(): () => number {
    return seededRandom(Math.floor(this.seeds() * 2 ** 32));
  }

  private isIdle(dueWithinMs: number): boolean {
    const until = this.parts.clock.now() + dueWithinMs;
    if (this.letterWrites > 0) return false;
    for (const deliveries of this.byName.values()) if (!deliveries.isIdle(until)) return false;
    return true;
  }

  private changed(): void {
    for (const check of this.idlers) check();
    this.idlers.clear();
  }

  private keepDeadLetter(subscription: Subscription, event: GridEvent, failure: Failure): void {
    const { deadLetterStore } = this;
    const { clock, lifetime } = this.parts;
    const letter = deadLetterOf(inSchema(event, subscription.schema), failure, subscription.schema);
    this.deadLetters.push({ subscription: subscription.name, letter });
    if (deadLetterStore === undefined || !subscription.deadLetters) return;
    after(clock, this.behaviour.deadLetterAfterMs, lifetime, () => {
      const path = deadLetterPath(this.behaviour.deadLetterContainer, subscription.name, clock.now());
      this.letterWrites += 1;
      deadLetterStore
        .write(path, JSON.stringify([letter]))
        .catch((error: unknown) => this.lostDeadLetters.push(error))
        .finally(() => {
          this.letterWrites -= 1;
          this.changed();
        });
    });
  }

  private unsubscribeAll(): void {
    for (const { subscription } of [...this.byName.values()]) this.unsubscribe(subscription.name);
    this.changed();
  }
}

function offer(event: GridEvent, deliveries: Deliveries): void {
  const { source, scope, filter } = deliveries.subscription;
  if (source === activitySource && scope !== undefined && !isWithin(scope, subjectOf(event))) return;
  if (matches(event, filter)) deliveries.add(event);
}

const isWithin = (scope: string, subject: string): boolean =>
  `${subject}/`.toLowerCase().startsWith(`${scope}/`.toLowerCase());
