/** A map whose keys can be walked in order from any point, so that a page of a list costs only its own length. */
export class SortedMap<V> {
  private readonly values = new Map<string, V>();
  private readonly keys: string[] = [];

  get size(): number {
    return this.values.size;
  }

  get(key: string): V | undefined {
    return this.values.get(key);
  }

  set(key: string, value: V): void {
    if (!this.values.has(key)) this.keys.splice(this.positionAfter(key), 0, key);
    this.values.set(key, value);
  }

  delete(key: string): boolean {
    if (!this.values.delete(key)) return false;
    this.keys.splice(this.positionAfter(key) - 1, 1);
    return true;
  }

  /** Entries with a key greater than `key` (all without one), in order. Changes during the walk may be missed. */
  *entriesAfter(key?: string): Generator<[string, V]> {
    for (let at = key === undefined ? 0 : this.positionAfter(key); at < this.keys.length; at += 1) {
      const found = this.keys[at];
      if (found === undefined) return;
      const value = this.values.get(found);
      if (value !== undefined) yield [found, value];
    }
  }

  *[Symbol.iterator](): Generator<V> {
    for (const [, value] of this.entriesAfter()) yield value;
  }

  /** Index of the first key greater than `key`. */
  private positionAfter(key: string): number {
    let low = 0;
    let high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const probe = this.keys[middle];
      if (probe !== undefined && probe <= key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
