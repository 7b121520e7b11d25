/** Which reads of Resource Manager do not show a replication that exists. */
export interface HidingSpec {
  /** `list` leaves it out, `get` by its id answers 404. */
  readonly from: 'list' | 'get' | 'both';
  /** After so many such reads they tell the truth again; never by default. A list counts once, whatever its pages. */
  readonly reads?: number | undefined;
  /** After so many milliseconds of the clock, likewise. */
  readonly forMs?: number | undefined;
}

interface Hiding {
  readonly from: HidingSpec['from'];
  readonly untilMs: number;
  readsLeft: number;
}

/** The reads that lie about one replica. */
export class Hidings {
  private readonly hidings: Hiding[] = [];

  add({ from, reads, forMs }: HidingSpec, now: number): void {
    const untilMs = now + (forMs ?? Number.POSITIVE_INFINITY);
    this.hidings.push({ from, untilMs, readsLeft: reads ?? Number.POSITIVE_INFINITY });
  }

  end(): void {
    this.hidings.length = 0;
  }

  isHidden(from: 'list' | 'get', now: number): boolean {
    return this.active(from, now) !== undefined;
  }

  /** Counts a read that was lied to. */
  use(from: 'list' | 'get', now: number): void {
    const hiding = this.active(from, now);
    if (hiding !== undefined) hiding.readsLeft -= 1;
  }

  private active(from: 'list' | 'get', now: number): Hiding | undefined {
    return this.hidings.find(
      (one) => (one.from === from || one.from === 'both') && one.readsLeft > 0 && now < one.untilMs,
    );
  }
}
