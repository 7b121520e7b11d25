import { ReplicaReviews, type ReplicaStage } from './replica-reviews.ts';

const region = 'southeastasia';

/**
 * Somebody takes a healthy replica out of global routing for an hour, and ends that early. evenkeel only reports, so that
 * they turn the switch themselves, both ways.
 */
export class RehearsalStory {
  private readonly stage: ReplicaStage;
  private readonly reviews: ReplicaReviews;

  constructor(stage: ReplicaStage) {
    this.stage = stage;
    this.reviews = new ReplicaReviews(stage, region);
  }

  /** @throws when something does not happen in time. */
  async play(): Promise<void> {
    const { app, narrator, registry } = this.stage;
    narrator.act(`Somebody rehearses the loss of ${region} for an hour; evenkeel looks whether that is safe`);
    const { interlocks } = await app.rehearse({
      registry,
      region,
      for: 'PT1H',
      by: 'npm start',
      reason: 'a game day',
    });
    narrator.note(`all ${interlocks.length} interlocks pass; the next review raises the flag:`);
    const { commands } = await this.reviews.until('flagged');
    narrator.note(commands.off);
    this.turnSwitch('disabled');

    narrator.act('The game day is over early');
    await app.endRehearsal(registry, region);
    await this.reviews.until('ok');
    await this.reviews.reportSignal('evenkeel.replica.cleared');
    this.turnSwitch('enabled');
    // The status shows what the last review saw.
    await this.reviews.until('ok');
  }

  /** Returns what is not as it should be, one sentence each. */
  async verify(): Promise<string[]> {
    const wrong: string[] = [];
    for (const type of ['evenkeel.replica.flagged', 'evenkeel.replica.cleared']) {
      const count = new Set(this.reviews.signals(type).map(({ id }) => id)).size;
      if (count !== 1) wrong.push(`${type} of the rehearsal was signalled ${count} times`);
    }
    const { replicas } = await this.stage.app.registry(this.stage.registry);
    if (replicas.some(({ rehearsal }) => rehearsal !== null)) wrong.push('a rehearsal did not end');
    return wrong;
  }

  /** As the command does that evenkeel gave. */
  private turnSwitch(globalRouting: 'enabled' | 'disabled'): void {
    const { azure, narrator, registry } = this.stage;
    azure.registries.setReplica(registry, region, { globalRouting, by: 'somebody' });
    narrator.note(
      `somebody runs the command: ${region} is ${globalRouting === 'enabled' ? 'in' : 'out of'} routing`,
    );
  }
}
