import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import type { LocalAzure } from '../azure/local-azure.ts';
import type { App, ReplicaStatus } from './app.ts';
import type { Narrator } from './narrator.ts';

interface ReplicaStage {
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

const region = 'westus';
/** How long the story waits for a verdict, for the end of a review, or for a signal. */
const timeoutMs = 30_000;
const pollMs = 50;

const signalSchema = v.object({ id: v.string(), type: v.string(), subject: v.string() });

/**
 * A replica whose endpoint fails for a while: it is flagged, but stays in global routing; it recovers, and is cleared.
 */
export class ReplicaStory {
  private readonly stage: ReplicaStage;

  constructor(stage: ReplicaStage) {
    this.stage = stage;
  }

  /** @throws when something does not happen in time. */
  async play(): Promise<void> {
    const { azure, narrator, registry } = this.stage;
    narrator.act(`The endpoint of ${region} begins to fail; evenkeel waits for more than one bad review`);
    azure.registries.degrade(registry, region, { status: 503 });
    const { interlocks, commands } = await this.reviewUntil('flagged');
    const refusing = interlocks.filter(({ pass }) => !pass);
    for (const { rule, detail } of refusing) narrator.note(`held by ${rule}: ${detail}`);
    if (refusing.length === 0)
      narrator.note(`all ${interlocks.length} interlocks pass, so this would be safe:`);
    narrator.note(commands.off);
    await this.reportSignal('evenkeel.replica.flagged');

    narrator.act(`${region} answers again`);
    azure.registries.restore(registry, region);
    await this.reviewUntil('ok');
    await this.reportSignal('evenkeel.replica.cleared');
  }

  /** Returns what is not as it should be, one sentence each. */
  async verify(): Promise<string[]> {
    const { azure, app, registry } = this.stage;
    const wrong: string[] = [];
    for (const { region: where, verdict, routed } of (await app.registry(registry)).replicas) {
      if (verdict === 'flagged') wrong.push(`${registry} in ${where} is still flagged`);
      if (routed !== true) wrong.push(`${registry} in ${where} is out of global routing`);
    }
    if (azure.requests.since(0, 'Replications_Update').length > 0) {
      wrong.push('evenkeel changed a replication, although it was told to report only');
    }
    for (const type of ['evenkeel.replica.flagged', 'evenkeel.replica.cleared']) {
      const count = new Set(this.signals(type).map(({ id }) => id)).size;
      if (count !== 1) wrong.push(`${type} was signalled ${count} times`);
    }
    return wrong;
  }

  /** Fires reviews as quickly as they count, and narrates each one that did. */
  private async reviewUntil(verdict: ReplicaStatus['verdict']): Promise<ReplicaStatus> {
    const { narrator, app, reviewIntervalMs } = this.stage;
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
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const { reviewedAt, replicas } = await app.registry(registry);
      const replica = replicas.find((one) => one.region === region);
      if (replica !== undefined && reviewedAt !== null && reviewedAt > time) return replica;
      if (performance.now() > deadline) throw new Error(`no review of ${registry} ended in time`);
      await sleep(pollMs);
    }
  }

  private async reportSignal(type: string): Promise<void> {
    const { narrator } = this.stage;
    const signals = await narrator.wait('waiting for the signal', this.signalled(type));
    narrator.note(`signal ${type}, id ${[...new Set(signals.map(({ id }) => id))].join(', ')}`);
  }

  private async signalled(type: string) {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const signals = this.signals(type);
      if (signals.length > 0) return signals;
      if (performance.now() > deadline) throw new Error(`no signal ${type} of ${region} came`);
      await sleep(pollMs);
    }
  }

  private signals(type: string) {
    const { azure, topic, registry } = this.stage;
    const subject = azure.registries.replicationId(registry, region);
    return azure
      .topic(topic)
      .events.map((event) => v.parse(signalSchema, event))
      .filter((signal) => signal.type === type && signal.subject === subject);
  }
}
