import { SortedMap } from '../sorted-map.ts';
import {
  longestLagMs,
  type ReadKind,
  type StaleReads,
  type StaleResources,
  type Version,
} from './stale-reads.ts';

interface HistoryParts {
  readonly staleReads: StaleReads;
  readonly resources: StaleResources;
  /** ARM id of the resource with a key. */
  readonly idOf: (key: string) => string;
}

/** What the resources of one kind were like, as far back as a stale read can ask for. Values never change. */
export class History<V> {
  private readonly parts: HistoryParts;
  /** Oldest version first; the first one stands for all time before it. */
  private readonly byKey = new Map<string, Version<V>[]>();
  /** When each resource was deleted, the longest ago first. */
  private readonly deletions = new Map<string, number>();

  constructor(parts: HistoryParts) {
    this.parts = parts;
  }

  /** Remembers a write to a resource; undefined is its deletion. */
  record(key: string, value: V | undefined): void {
    const stamp = this.parts.staleReads.stamp();
    const versions = this.byKey.get(key) ?? [{ write: 0, at: Number.NEGATIVE_INFINITY, value: undefined }];
    versions.push({ ...stamp, value });
    this.byKey.set(key, versions);
    this.deletions.delete(key);
    if (value === undefined) this.deletions.set(key, stamp.at);
    // Rules that stand may need what is older.
    if (this.parts.staleReads.isEmpty) this.forget(versions, stamp.at - longestLagMs);
  }

  /** The state of a resource that a read sees. */
  seen(read: ReadKind, key: string, present: V | undefined): V | undefined {
    const { staleReads, resources, idOf } = this.parts;
    const versions = this.byKey.get(key);
    if (versions === undefined) return present;
    const choose = staleReads.choice(resources, read, idOf(key));
    if (choose === undefined) return present;
    return (choose(versions) ?? versions[0])?.value;
  }

  /** What a list sees, of the resources that there are and of those that there were. */
  list(present: SortedMap<V>, isInList: (key: string) => boolean = () => true): SortedMap<V> {
    if (this.parts.staleReads.isEmpty) return present;
    const seen = new SortedMap<V>();
    for (const [key, value] of present.entriesAfter()) if (!this.byKey.has(key)) seen.set(key, value);
    for (const key of this.byKey.keys()) {
      const value = isInList(key) ? this.seen('list', key, present.get(key)) : undefined;
      if (value !== undefined) seen.set(key, value);
    }
    return seen;
  }

  /** Drops what no read can ask for any more. */
  private forget(versions: Version<V>[], before: number): void {
    // One version from before the limit stays, and the one before the last write, however old.
    const kept = versions.findLastIndex(({ at }) => at <= before);
    versions.splice(0, Math.min(kept, versions.length - 2));
    for (const [key, at] of this.deletions) {
      if (at > before) return;
      this.deletions.delete(key);
      this.byKey.delete(key);
    }
  }
}
