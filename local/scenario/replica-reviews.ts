import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import type { LocalAzure } from '../azure/local-azure.ts';
import type { App, ReplicaStatus } from './app.ts';
import type { Narrator } from './narrator.ts';

export interface ReplicaStage {
  readonly azure: LocalAzure;
  readonly narrator: Narrator;
  readonly app: App;
  readonly registry: string;
  readonly topic: string;
  /**
   * Time between two reviews, by `REVIEW_SCHEDULE`. A review that comes sooner than after half of it does not count.
   */
  readonly reviewIntervalMs: number;
}

/** How long the story waits for a verdict, for the end of a review, or for a signal. */
const timeoutMs = 30_000;
const pollMs = 50;

const signalSchema = v.object({ id: v.string(), type: v.string(), subject: v.string() });

/** The reviews of one replica, and what is signalled of it. */
export class ReplicaReviews {
  private readonly stage: ReplicaStage;
  private readonly region: string;

  constructor(stage: ReplicaStage, region: string) {
    this.stage = stage;
    this.region = region;
  }

  /** Fires reviews as quickly as they count, and narrates each one that did. */
  async until(verdict: ReplicaStatus['verdict']): Promise<ReplicaStatus> {
    const { narrator, app, reviewIntervalMs } = this.stage;
    const { region } = this;
    const deadline = performance.now() + timeoutMs;
    let narrated = new Date().toISOString();
    for (;;) {
      await app.fire('reviewReplicas');
      const replica = await narrator.wait(
        `waiting until ${region} is ${verdict}`,
        this.reviewedAfter(narrated),
      );
      for (const review of replica.reviews.filter(({ at }) => at > narrated)) {
        narrated = review.at;
        const isLast = replica.reviews.at(-1) === review;
        narrator.cells([
          [region, 15],
          [`a ${review.health} review`, 14],
          [isLast ? replica.verdict : '', 8],
          [review.because.join('; '), 0],
        ]);
      }
      if (replica.verdict === verdict) return replica;
      if (performance.now() > deadline)
        throw new Error(`${region} is ${replica.verdict} instead of ${verdict}`);
      await narrator.wait('waiting for the next review', sleep(reviewIntervalMs / 2));
    }
  }

  /** Waits until a review after that time has ended, fired by hand or by its timer. */
  private async reviewedAfter(time: string): Promise<ReplicaStatus> {
    const { app, registry } = this.stage;
    const { region } = this;
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const { reviewedAt, replicas } = await app.registry(registry);
      const replica = replicas.find((one) => one.region === region);
      if (replica !== undefined && reviewedAt !== null && reviewedAt > time) return replica;
      if (performance.now() > deadline) throw new Error(`no review of ${registry} ended in time`);
      await sleep(pollMs);
    }
  }

  /** Waits for a signal of the replica, and narrates it. */
  async reportSignal(type: string): Promise<void> {
    const { narrator } = this.stage;
    const signals = await narrator.wait('waiting for the signal', this.signalled(type));
    narrator.note(`signal ${type}, id ${[...new Set(signals.map(({ id }) => id))].join(', ')}`);
  }

  private async signalled(type: string) {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const signals = this.signals(type);
      if (signals.length > 0) return signals;
      if (performance.now() > deadline) throw new Error(`no signal ${type} of ${this.region} came`);
      await sleep(pollMs);
    }
  }

  /** What was published of the replica, by its type. */
  signals(type: string) {
    const { azure, topic, registry } = this.stage;
    const subject = azure.registries.replicationId(registry, this.region);
    return azure
      .topic(topic)
      .events.map((event) => v.parse(signalSchema, event))
      .filter((signal) => signal.type === type && signal.subject === subject);
  }
}
