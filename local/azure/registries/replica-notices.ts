/** Native webhooks, or events of Event Grid. */
export type NoticeKind = 'webhooks' | 'events';

export const noticeKinds: readonly NoticeKind[] = ['webhooks', 'events'];

/** What a notice tells, for somebody who chooses among those that are held. */
export interface NoticeView {
  readonly kind: NoticeKind;
  /** Such as `push` or `delete`. */
  readonly action: string;
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string;
}

interface Notice extends NoticeView {
  readonly send: () => void;
}

interface Treatment {
  lose: number;
  duplicate: number;
  delayMs: number;
  isHeld: boolean;
}

const plain = (): Treatment => ({ lose: 0, duplicate: 0, delayMs: 0, isHeld: false });

/** The notices of one replica on their way out. */
export class ReplicaNotices {
  private readonly treatments: Readonly<Record<NoticeKind, Treatment>> = {
    webhooks: plain(),
    events: plain(),
  };
  private held: Notice[] = [];

  /** @param later Runs an effect after milliseconds of the clock. */
  pass(notice: Notice, later: (ms: number, effect: () => void) => void): void {
    const treatment = this.treatments[notice.kind];
    if (treatment.lose > 0) {
      treatment.lose -= 1;
      return;
    }
    const copies = treatment.duplicate > 0 ? 2 : 1;
    if (copies > 1) treatment.duplicate -= 1;
    for (let copy = 0; copy < copies; copy += 1) {
      if (treatment.isHeld) this.held.push(notice);
      else if (treatment.delayMs > 0) later(treatment.delayMs, notice.send);
      else notice.send();
    }
  }

  /** Changes how notices of a kind are treated from now on; numbers of `lose` and `duplicate` add up. */
  treat(kind: NoticeKind, { lose = 0, duplicate = 0, delayMs, isHeld }: Partial<Treatment>): void {
    const treatment = this.treatments[kind];
    treatment.lose += lose;
    treatment.duplicate += duplicate;
    treatment.delayMs = delayMs ?? treatment.delayMs;
    treatment.isHeld = isHeld ?? treatment.isHeld;
  }

  /** What is held, in the order in which it would have been sent. */
  get waiting(): readonly NoticeView[] {
    return this.held.map(({ send: _, ...view }) => view);
  }

  /**
   * Takes notices out of those that are held.
   * @param positions In `waiting`, in the order in which they are wanted.
   * @throws RangeError when there is none at a position.
   */
  take(positions: readonly number[]): readonly Notice[] {
    const taken = positions.map((position) => {
      const found = this.held[position];
      if (found === undefined) throw new RangeError(`no notice is held at position ${position}`);
      return found;
    });
    this.held = this.held.filter((_, position) => !positions.includes(position));
    return taken;
  }
}
