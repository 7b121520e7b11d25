import type { Clock } from '../clock.ts';
import { isTargeted, type PathTarget } from './resource-path.ts';

export type StaleResources = 'recordSets' | 'containerGroups';
export type ReadKind = 'get' | 'list';

/** Which reads are out of date, and by how much. What is written is checked against the present all the same. */
type StaleRead =
  /** They show the state of `ms` of the clock ago, at most ten minutes. */
  (
    | { readonly kind: 'lag'; readonly ms: number }
    /** They show each resource as it was before the last write to it; absent, if that created it. */
    | { readonly kind: 'beforeLastWrite' }
    /** They show what there was when this was asked for. */
    | { readonly kind: 'frozen' }
  ) &
    PathTarget & {
      /** Both by default. */
      readonly resources?: StaleResources;
      /** Both by default. */
      readonly reads?: ReadKind;
    };

/** A state that a resource was in from a time on; its value is undefined while it was absent. */
export interface Version<V> {
  /** Number of the write that brought it. */
  readonly write: number;
  /** Milliseconds of the clock. */
  readonly at: number;
  readonly value: V | undefined;
}

/** How far back a read can lag. */
export const longestLagMs = 600_000;

/** The reads that tests and scenarios let be out of date; the first that matches a read decides. */
export class StaleReads {
  private readonly clock: Clock;
  private readonly rules = new Map<StaleRead, number>();
  private writes = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Returns how to end it. */
  add(rule: StaleRead): { readonly remove: () => void } {
    if (rule.kind === 'lag' && !(rule.ms > 0 && rule.ms <= longestLagMs))
      throw new RangeError(`a read lags by more than 0 and at most ${longestLagMs} ms, not by ${rule.ms}`);
    const own = { ...rule };
    this.rules.set(own, this.writes);
    return { remove: () => void this.rules.delete(own) };
  }

  clear(): void {
    this.rules.clear();
  }

  get isEmpty(): boolean {
    return this.rules.size === 0;
  }

  get all(): readonly StaleRead[] {
    return [...this.rules.keys()];
  }

  /** Counts a write that happens now. */
  stamp(): Pick<Version<unknown>, 'write' | 'at'> {
    this.writes += 1;
    return { write: this.writes, at: this.clock.now() };
  }

  /** Chooses among the versions of a resource, oldest first; undefined when the read is up to date. */
  choice(
    resources: StaleResources,
    read: ReadKind,
    id: string,
  ): (<V>(versions: readonly Version<V>[]) => Version<V> | undefined) | undefined {
    for (const [rule, since] of this.rules) {
      if (rule.resources !== undefined && rule.resources !== resources) continue;
      if (rule.reads !== undefined && rule.reads !== read) continue;
      if (!isTargeted(rule, id)) continue;
      if (rule.kind === 'beforeLastWrite') return (versions) => versions.at(-2) ?? versions.at(0);
      if (rule.kind === 'frozen') return (versions) => versions.findLast(({ write }) => write <= since);
      const until = this.clock.now() - rule.ms;
      return (versions) => versions.findLast(({ at }) => at <= until);
    }
    return undefined;
  }
}
