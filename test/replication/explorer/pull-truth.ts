import type { Region } from '../../../src/registries/replica.ts';
import type { QueryResult } from '../../../src/replication/answer.ts';
import { replicationBody } from '../../../src/replication/answer.ts';
import { deletionFloor, isSameDeletions } from '../../../src/replication/deletions.ts';
import { type Image, isLive } from '../../../src/replication/image.ts';
import { at, minuteMs, registry } from '../fixtures.ts';
import type { History } from './history.ts';
import { partsOf } from './pulls.ts';
import { Truth } from './truth.ts';

/** What was there counts for this time. */
export const ageMs = Math.max(10 * minuteMs, registry.replicationSloMs);

/** Judges what is said of pulls by what was in the registry. */
export class PullTruth {
  readonly #history: History;
  readonly #now: () => number;
  /** By image and region, when evenkeel learned of a deletion there last. */
  readonly #forgotten = new Map<string, { deletions: string; atMs: number }>();
  /** The times at which what regions have may change. */
  readonly #changes: readonly number[];

  constructor(history: History, now: () => number) {
    this.#history = history;
    this.#now = now;
    this.#changes = [
      ...history.arrivals.map(({ seconds }) => at(seconds)),
      ...(history.pulls?.absences ?? []).flatMap(({ from, to }) => [at(from), at(to)]),
    ];
  }

  /** Learns what evenkeel stores of an image. @returns what is wrong about it */
  stored(before: Image | undefined, image: Image, regions: readonly Region[]): string[] {
    if (this.#history.pulls === undefined) return before === undefined ? [] : turnedBack(before, image);
    const floorOf = deletionFloor(image.deletions);
    for (const region of regions) {
      const deletions = JSON.stringify([floorOf(region), image.deletions.byRegion[region]]);
      const key = `${image.id.digest} ${region}`;
      const known = this.#forgotten.get(key);
      if (known?.deletions !== deletions)
        this.#forgotten.set(key, { deletions, atMs: before === undefined ? 0 : this.#now() });
    }
    return before === undefined ? [] : turnedBack(before, image);
  }

  /** Since when evenkeel may have learned what it says now, by image and region. */
  since(): (digest: string, region: Region) => number {
    const known = new Map(this.#forgotten);
    return (digest, region) => known.get(`${digest} ${region}`)?.atMs ?? 0;
  }

  /**
   * @param sinceOf what was learned earlier does not count
   * @returns what is wrong about an answer
   */
  wrongAbout(
    result: QueryResult,
    closure: boolean,
    sinceOf: (digest: string, region: Region) => number,
  ): string[] {
    const { answer, pulls } = result;
    const { digest } = answer.image.id;
    if (answer.gone !== undefined || pulls === undefined) return [];
    const nowMs = this.#now();
    const parts = partsOf(digest, closure);
    const body = replicationBody(result, registry, new Date(nowMs));
    return body.regions.flatMap((one) => {
      if (!('pullable' in one)) return [];
      const { region } = one;
      const { missing, reason, unchecked } = one.pullable;
      const sinceMs = Math.max(nowMs - ageMs, sinceOf(digest, region));
      const wrong = (what: string) => `${what} in ${region}, of ${digest}${closure ? ' and platforms' : ''}`;
      const found = [];
      const isClaimed = one.state === 'available' && one.evidence === 'pullable';
      for (const part of [digest, ...parts]) {
        if (isClaimed && !this.#was(true, region, part, sinceMs))
          found.push(wrong(`pullable, and ${part} was not there`));
        const isThere = this.#isThere(region, part, nowMs);
        if (missing.includes(part) && !this.#was(false, region, part, sinceMs))
          found.push(wrong(`${part} is called missing, and was there`));
        if (reason === undefined && missing.includes(part) && isThere)
          found.push(wrong(`${part} is called missing, and is there`));
      }
      if (missing.some((part) => part !== digest && !parts.includes(part)))
        found.push(wrong(`${missing.join()} is called missing, and was not asked for`));
      if (reason === undefined && (unchecked ?? 0) > 0)
        found.push(wrong('something is unchecked for no reason'));
      if (!isClaimed && reason === undefined && missing.length === 0 && one.state === 'available')
        found.push(wrong('nothing is missing, and it is not pullable'));
      return found;
    });
  }

  #was(isThere: boolean, region: Region, part: string, sinceMs: number): boolean {
    const nowMs = this.#now();
    const moments = [nowMs, sinceMs, ...this.#changes.filter((ms) => sinceMs < ms && ms <= nowMs)];
    return moments.some((ms) => this.#isThere(region, part, ms) === isThere);
  }

  #isThere(region: Region, part: string, ms: number): boolean {
    return new Truth(this.#history, () => new Date(ms)).hasPart(region, part);
  }
}

/** A verdict stays for as long as the image is not deleted and the tag does not move. */
function turnedBack(before: Image, after: Image): string[] {
  const isSame = before.deletions === after.deletions || isSameDeletions(before.deletions, after.deletions);
  if (!isSame) return [];
  return before.references.flatMap((one) => {
    if (one.replicatedAtMs === undefined || !isLive(before, one)) return [];
    const later = after.references.find(({ tag }) => tag === one.tag);
    if (later === undefined || later.revertedAtMs !== one.revertedAtMs) return [];
    const isKept = later.replicatedAtMs === one.replicatedAtMs;
    return isKept ? [] : [`the verdict on ${one.tag} of ${before.id.digest} was taken back`];
  });
}
