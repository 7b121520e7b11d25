import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import type { LocalAzure } from '../azure/local-azure.ts';
import type { App, ImageAnswer } from './app.ts';
import type { Narrator } from './narrator.ts';

interface ImageStage {
  readonly azure: LocalAzure;
  readonly narrator: Narrator;
  readonly app: App;
  /** Name of a registry whose replicas notify the app. */
  readonly registry: string;
  readonly topic: string;
  /** The objective of the registry's entry in `REGISTRIES`. */
  readonly sloMs: number;
}

const repository = 'team/app';
/** How long one question may wait for its answer. */
const timeoutSeconds = 30;
/** How long a notification of Event Grid or of a registry may be on its way. */
const signalTimeoutMs = 10_000;

const signalSchema = v.object({ id: v.string(), type: v.string(), subject: v.string() });

/**
 * Three images on their way to four regions: one with repeated and reordered notifications, one with a lost one, one
 * that is late.
 */
export class ImageStory {
  private readonly stage: ImageStage;
  private readonly pushed = new Map<string, string>();

  constructor(stage: ImageStage) {
    this.stage = stage;
  }

  /** @throws when something does not happen in time. */
  async play(): Promise<void> {
    const { azure, narrator, registry } = this.stage;
    const { registries } = azure;
    registries.change({
      copyDelayMs: [100, 700],
      webhookDelayMs: [0, 400],
      webhookDuplicateProbability: 0.3,
    });
    narrator.act(`${repository}:v1 is pushed; four regions notify evenkeel, some twice, out of order`);
    const came: string[] = [];
    const stop = registries.onWebhook(({ region }) => came.push(region));
    this.push('v1');
    const answer = await this.answer('v1', 'replicated');
    await narrator.wait('waiting for the last notification', registries.idle());
    stop();
    await this.reportEnd('v1', answer);
    narrator.note(`The notifications arrived in this order: ${came.join(', ')}.`);

    narrator.act(
      `${repository}:v2 is pushed, and the notification of westeurope is lost; evenkeel looks there`,
    );
    registries.loseWebhooks(registry, 'westeurope', 1);
    registries.change({ webhookDuplicateProbability: 0 });
    this.push('v2');
    await narrator.wait('waiting for the notifications', registries.idle());
    await this.objectivePasses('v2');
    await this.reportEnd('v2', await this.answer('v2', 'replicated'));

    narrator.act(`${repository}:v3 is pushed, and southeastasia gets it late`);
    registries.stall(registry, 'southeastasia');
    this.push('v3');
    await this.objectivePasses('v3');
    await this.reportEnd('v3', await this.answer('v3', 'stalled'), 'evenkeel.registry.replicationStalled');
    registries.resume(registry, 'southeastasia');
    await this.reportEnd('v3', await this.answer('v3', 'replicated'));
  }

  /** Returns what is not as it should be, one sentence each. */
  async verify(): Promise<string[]> {
    const { azure, app, registry } = this.stage;
    const wrong: string[] = [];
    for (const [tag, digest] of this.pushed) {
      const answer = await app.ask(registry, repository, digest, 0);
      if (answer?.state !== 'replicated') wrong.push(`${repository}:${tag} is ${answer?.state ?? 'unknown'}`);
      for (const { region } of azure.registries.replicas(registry)) {
        if (!azure.registries.holds(registry, region, `${repository}@${digest}`)) {
          wrong.push(`${region} does not hold ${repository}:${tag}`);
        }
      }
      const ids = new Set(this.signals('evenkeel.registry.replicated', tag).map(({ id }) => id));
      if (ids.size !== 1) wrong.push(`${repository}:${tag} was signalled ${ids.size} times`);
    }
    return wrong;
  }

  private push(tag: string): void {
    const { azure, registry } = this.stage;
    this.pushed.set(tag, azure.registries.push({ registry, region: 'eastus', repository, tag }));
  }

  /** Waits until the objective has passed, then fires the review, which finds out what no notification said. */
  private async objectivePasses(tag: string): Promise<void> {
    const { narrator, app, sloMs } = this.stage;
    const answer = await this.answer(tag, undefined);
    const waitMs = Math.max(0, sloMs - answer.elapsedMs) + 50;
    await narrator.wait('waiting for the objective to pass', sleep(waitMs));
    await app.fire('reviewReplicas');
  }

  /** Waits until an image has a state; with `undefined`, until the image is known. */
  private async answer(tag: string, state: string | undefined): Promise<ImageAnswer> {
    const { app, narrator, registry } = this.stage;
    const deadline = performance.now() + timeoutSeconds * 1000;
    const waiting = async (): Promise<ImageAnswer> => {
      for (;;) {
        const answer = await app.ask(registry, repository, tag, state === 'replicated' ? timeoutSeconds : 1);
        if (answer !== undefined && (state === undefined || answer.state === state)) return answer;
        if (performance.now() > deadline) {
          throw new Error(`${repository}:${tag} is ${answer?.state ?? 'unknown'} instead of ${state}`);
        }
      }
    };
    return narrator.wait(`waiting until ${repository}:${tag} is ${state ?? 'known'}`, waiting());
  }

  private async reportEnd(
    tag: string,
    { state, elapsedMs, regions }: ImageAnswer,
    type = 'evenkeel.registry.replicated',
  ): Promise<void> {
    const { narrator } = this.stage;
    const times = regions.flatMap(({ at }) => (at === undefined ? [] : Date.parse(at)));
    const pushedMs = Math.min(...times);
    for (const { region, state: there, at, evidence } of regions) {
      const ms = at === undefined ? undefined : Date.parse(at) - pushedMs;
      narrator.cells([
        [region, 15],
        [ms === undefined ? there : `${there} after ${ms} ms`, 26],
        [evidence === undefined ? '' : wordsOf(evidence), 32],
      ]);
    }
    const signals = await narrator.wait('waiting for the signal', this.signalled(type, tag));
    const ids = new Set(signals.map(({ id }) => id));
    const signal = `signal ${type}, id ${[...ids].join(', ')}`;
    narrator.note(`${state} ${elapsedMs} ms after the first notification; ${signal}`);
  }

  private async signalled(type: string, tag: string) {
    const deadline = performance.now() + signalTimeoutMs;
    for (;;) {
      const signals = this.signals(type, tag);
      if (signals.length > 0) return signals;
      if (performance.now() > deadline) throw new Error(`no signal ${type} of ${repository}:${tag} came`);
      await sleep(5);
    }
  }

  private signals(type: string, tag: string) {
    return this.stage.azure
      .topic(this.stage.topic)
      .events.map((event) => v.parse(signalSchema, event))
      .filter((signal) => signal.type === type && signal.subject === `${repository}:${tag}`);
  }
}

const wordsOf = (evidence: string): string =>
  evidence === 'verified' ? 'read at its endpoint' : `reported by ${evidence}`;
