import type { PullContents } from './pull-contents.ts';

/** What a region answered about a manifest or blob, and when, in ms since the epoch. */
export interface Seen {
  readonly isThere: boolean;
  readonly atMs: number;
}

/** What is known of a pull in one region. */
export interface PullState {
  /** How many configs and layers the region answered for, with yes or no. */
  readonly checked: number;
  /** What it does not have, by digest; manifests too. */
  readonly missing: readonly string[];
  /** How many configs, layers and manifests it has not answered for; `undefined` while their number is not known. */
  readonly unchecked: number | undefined;
  /** Why it has not; `undefined` where nothing kept it from answering. */
  readonly reason: string | undefined;
}

/** The state of a region whose endpoint did not show the manifest. @param reason why it was not asked */
export const withoutManifest = (digest: string, reason: string | undefined): PullState => ({
  checked: 0,
  missing: reason === undefined ? [digest] : [],
  unchecked: undefined,
  reason,
});

/** Whether a pull would have worked in the region. */
export const isPullable = ({ missing, unchecked }: PullState): boolean =>
  missing.length === 0 && unchecked === 0;

/**
 * What a region has answered so far. What was there and is seen no more recently than `sinceMs` is not known any more.
 * @param seen by digest
 * @param failure why the region was not asked for the rest
 */
export function pullState(
  contents: PullContents,
  seen: ReadonlyMap<string, Seen>,
  sinceMs: number,
  failure: string | undefined,
): PullState {
  const known = (digest: string): Seen | undefined => {
    const one = seen.get(digest);
    return one !== undefined && one.atMs >= sinceMs ? one : undefined;
  };
  const all = [...contents.manifests, ...contents.blobs];
  const isWhole = contents.unread.length === 0 && contents.problem === undefined;
  const unchecked = all.filter((digest) => known(digest) === undefined).length;
  return {
    checked: contents.blobs.filter((digest) => known(digest) !== undefined).length,
    missing: all.filter((digest) => known(digest)?.isThere === false),
    unchecked: isWhole ? unchecked : undefined,
    reason: contents.problem ?? failure ?? (isWhole ? undefined : 'a manifest could not be read'),
  };
}

/**
 * What to ask a region for next, so that every question goes on where the last one ended.
 *
 * | the digest                                  | order                                        |
 * |---------------------------------------------|----------------------------------------------|
 * | was never asked for, or too long ago        | first, as the manifests name them            |
 * | was missing when it was asked for           | after these, the one asked longest ago first |
 * | was there                                   | not again                                    |
 */
export function nextToAsk(
  contents: PullContents,
  seen: ReadonlyMap<string, Seen>,
  sinceMs: number,
): string[] {
  const askedAtMs = (digest: string): number => {
    const one = seen.get(digest);
    return one === undefined || one.atMs < sinceMs ? Number.NEGATIVE_INFINITY : one.atMs;
  };
  return [...contents.manifests, ...contents.blobs]
    .filter((digest) => askedAtMs(digest) === Number.NEGATIVE_INFINITY || seen.get(digest)?.isThere === false)
    .sort((a, b) => (askedAtMs(a) === askedAtMs(b) ? 0 : askedAtMs(a) - askedAtMs(b)));
}
