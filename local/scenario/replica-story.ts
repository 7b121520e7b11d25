import { ReplicaReviews, type ReplicaStage } from './replica-reviews.ts';

const region = 'westus';

/**
 * A replica whose endpoint fails for a while: it is flagged, but stays in global routing; it recovers, and is cleared.
 */
export class ReplicaStory {
  private readonly stage: ReplicaStage;
  private readonly reviews: ReplicaReviews;

  constructor(stage: ReplicaStage) {
    this.stage = stage;
    this.reviews = new ReplicaReviews(stage, region);
  }

  /** @throws when something does not happen in time. */
  async play(): Promise<void> {
    const { azure, narrator, registry } = this.stage;
    narrator.act(`The endpoint of ${region} begins to fail; evenkeel waits for more than one bad review`);
    azure.registries.degrade(registry, region, { status: 503 });
    const { interlocks, commands } = await this.reviews.until('flagged');
    const refusing = interlocks.filter(({ pass }) => !pass);
    for (const { rule, detail } of refusing) narrator.note(`held by ${rule}: ${detail}`);
    if (refusing.length === 0)
      narrator.note(`all ${interlocks.length} interlocks pass, so this would be safe:`);
    narrator.note(commands.off);
    await this.reviews.reportSignal('evenkeel.replica.flagged');

    narrator.act(`${region} answers again`);
    azure.registries.restore(registry, region);
    await this.reviews.until('ok');
    await this.reviews.reportSignal('evenkeel.replica.cleared');
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
      const count = new Set(this.reviews.signals(type).map(({ id }) => id)).size;
      if (count !== 1) wrong.push(`${type} was signalled ${count} times`);
    }
    return wrong;
  }
}
