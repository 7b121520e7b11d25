import type { Replica } from './replica.ts';
import { type NoticeKind, type NoticeView, noticeKinds } from './replica-notices.ts';

/** Which notices are meant; both kinds by default. */
interface Kinds {
  readonly of?: NoticeKind | undefined;
}

interface ReleaseSpec {
  /** Positions in what is held, in the order in which they go out. By default all do, and nothing is held any more. */
  readonly only?: readonly number[] | undefined;
  /** The order in which all go out: that of their arrival, or the other way round. */
  readonly order?: 'arrival' | 'reversed' | undefined;
}

/** What becomes of the notices of one region: of its native webhooks and its events of Event Grid. */
export class NoticeControl {
  private readonly replicaAt: (registry: string, region: string) => Replica;

  constructor(replicaAt: (registry: string, region: string) => Replica) {
    this.replicaAt = replicaAt;
  }

  /** Notices wait until they are released. */
  hold(registry: string, region: string, { of }: Kinds = {}): void {
    for (const kind of kindsOf(of)) this.replicaAt(registry, region).notices.treat(kind, { isHeld: true });
  }

  /** What waits, in order of arrival. */
  held(registry: string, region: string): readonly NoticeView[] {
    return this.replicaAt(registry, region).notices.waiting;
  }

  /**
   * Sends what waits: all of it, and what comes later goes out at once again, or only some.
   * @throws RangeError for a position at which nothing waits.
   */
  release(registry: string, region: string, { only, order = 'arrival' }: ReleaseSpec = {}): void {
    const { notices } = this.replicaAt(registry, region);
    if (only === undefined) for (const kind of noticeKinds) notices.treat(kind, { isHeld: false });
    const all = [...notices.waiting.keys()];
    const positions = only ?? (order === 'reversed' ? all.toReversed() : all);
    for (const { send } of notices.take(positions)) send();
  }

  /**
   * Some of what waits is never sent.
   * @throws RangeError for a position at which nothing waits.
   */
  discard(registry: string, region: string, positions: readonly number[]): void {
    this.replicaAt(registry, region).notices.take(positions);
  }

  /** The next notices of each kind are never sent. */
  lose(registry: string, region: string, times: number, { of }: Kinds = {}): void {
    for (const kind of kindsOf(of)) this.replicaAt(registry, region).notices.treat(kind, { lose: times });
  }

  /** The next notices of each kind are sent twice, with the same id. */
  duplicate(registry: string, region: string, times: number, { of }: Kinds = {}): void {
    for (const kind of kindsOf(of))
      this.replicaAt(registry, region).notices.treat(kind, { duplicate: times });
  }

  /** Notices come so many milliseconds of the clock later, until another time is set. */
  delay(registry: string, region: string, delayMs: number, { of }: Kinds = {}): void {
    for (const kind of kindsOf(of)) this.replicaAt(registry, region).notices.treat(kind, { delayMs });
  }
}

const kindsOf = (of: NoticeKind | undefined): readonly NoticeKind[] =>
  of === undefined ? noticeKinds : [of];
