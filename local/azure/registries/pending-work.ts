import { after, type Clock } from '../clock.ts';

/** What is yet to happen in registries: copies and webhooks that are due later, and those under way. */
export class PendingWork {
  private readonly clock: Clock;
  private readonly lifetime: AbortSignal;
  private readonly due = new Set<{ readonly at: number }>();
  private underWay = 0;
  private readonly idlers = new Set<() => void>();

  constructor(clock: Clock, lifetime: AbortSignal) {
    this.clock = clock;
    this.lifetime = lifetime;
    lifetime.addEventListener(
      'abort',
      () => {
        this.due.clear();
        this.changed();
      },
      { once: true },
    );
  }

  /** Runs `effect` after `ms` of the clock, unless the simulator closes first. */
  schedule(ms: number, effect: () => void): void {
    if (this.lifetime.aborted) return;
    const entry = { at: this.clock.now() + ms };
    this.due.add(entry);
    after(this.clock, ms, this.lifetime, () => {
      effect();
      this.due.delete(entry);
      this.changed();
    });
  }

  /** Counts as under way until `work`, which never rejects, has ended. */
  follow(work: Promise<void>): void {
    this.underWay += 1;
    void work.then(() => {
      this.underWay -= 1;
      this.changed();
    });
  }

  /** Resolves when nothing is under way or due within so many milliseconds from now. */
  async idle(dueWithinMs: number): Promise<void> {
    while (!this.isIdle(this.clock.now() + dueWithinMs)) {
      await new Promise<void>((resolve) => this.idlers.add(resolve));
    }
  }

  private isIdle(until: number): boolean {
    if (this.underWay > 0) return false;
    for (const { at } of this.due) if (at <= until) return false;
    return true;
  }

  private changed(): void {
    for (const check of this.idlers) check();
    this.idlers.clear();
  }
}
