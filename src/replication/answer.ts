import type { Region } from '../registries/replica.ts';
import {
  digestFacts,
  type Fact,
  type Image,
  isDeleted,
  isLive,
  liveReferences,
  type Reference,
  referenceFacts,
  regionsOf,
} from './image.ts';
import type { QueryResult } from './query.ts';
import { divergedRegions, type TagPush } from './tag-history.ts';
import { missingRegions, type RegionState, regionStates } from './verdict.ts';

/** Is this image everywhere yet? */
export interface ReplicationAnswer {
  /**
   * | status | state        | when                                                                  |
   * |--------|--------------|-----------------------------------------------------------------------|
   * | 200    | `replicated` | every expected region has it                                          |
   * | 202    | `pending`    | some have not, and the objective has not passed                       |
   * | 202    | `stalled`    | the objective has passed; it may still come                           |
   * | 409    | `stalled`    | so it has, and regions resolve the tag to other digests               |
   * | 409    | `superseded` | it was not complete when its tag moved on                             |
   * | 410    | `deleted`    | it was deleted, and not pushed since                                  |
   */
  readonly status: 200 | 202 | 409 | 410;
  readonly state: 'pending' | 'replicated' | 'stalled' | 'superseded' | 'deleted';
  readonly image: Image;
  readonly tag: string | undefined;
  readonly firstSeenMs: number;
  readonly replicatedAtMs: number | undefined;
  readonly stalledAtMs: number | undefined;
  readonly regions: readonly RegionState[];
  readonly missing: readonly Region[];
  /** The digest that its tag points at by now. */
  readonly supersededBy: string | undefined;
  /** What regions resolve the tag to, where that is another digest. */
  readonly diverged: ReadonlyMap<Region, string>;
}

interface Circumstances {
  /** The regions that count now. */
  readonly expected: readonly Region[];
  readonly sloMs: number;
  readonly nowMs: number;
  readonly unverified?: Readonly<Record<Region, string>>;
}

/**
 * The answer for a digest.
 * @param newerPushes of each of its tags that points at another digest by now
 */
export function answerForDigest(
  image: Image,
  newerPushes: ReadonlyMap<string, TagPush>,
  circumstances: Circumstances,
): ReplicationAnswer {
  const { expected, sloMs, nowMs } = circumstances;
  const facts = digestFacts(image);
  const base = baseOf(image, undefined, facts, circumstances);
  const live = liveReferences(image);
  const movedOn = live.flatMap(({ tag }) => (tag === undefined ? [] : (newerPushes.get(tag) ?? [])));
  const isWanted = movedOn.length < live.length;
  const supersededBy = isWanted ? undefined : newest(movedOn)?.digest;
  const said = { ...base, supersededBy };
  if (isDeleted(image)) return { ...said, status: 410, state: 'deleted' };
  if (image.replicatedAtMs !== undefined || isComplete(expected, facts)) {
    const replicatedAtMs = image.replicatedAtMs ?? lastLearned(facts);
    return { ...said, status: 200, state: 'replicated', replicatedAtMs };
  }
  if (supersededBy !== undefined) return { ...said, status: 409, state: 'superseded' };
  const state = nowMs - image.firstSeenMs > sloMs ? 'stalled' : 'pending';
  return { ...said, status: 202, state, stalledAtMs: firstStalled(live) };
}

/**
 * The answer for a tag: that of the digest which was pushed last under it.
 * @param older images that the tag pointed at before
 */
export function answerForTag(
  image: Image,
  push: TagPush,
  reference: Reference,
  older: readonly Image[],
  circumstances: Circumstances,
): ReplicationAnswer {
  const { expected, sloMs, nowMs } = circumstances;
  const isKnownReturn = push.revertedAtMs === reference.revertedAtMs;
  // A return of the tag that no notice of its own has told yet.
  const current = isKnownReturn
    ? reference
    : { ...reference, revertedAtMs: push.revertedAtMs, replicatedAtMs: undefined };
  const facts = referenceFacts(image, current);
  const { firstSeenMs } = current;
  const base = { ...baseOf(image, current.tag, facts, circumstances), firstSeenMs };
  if (!isLive(image, current)) return { ...base, status: 410, state: 'deleted' };
  if (current.replicatedAtMs !== undefined || isComplete(expected, facts)) {
    const replicatedAtMs = current.replicatedAtMs ?? lastLearned(facts);
    return { ...base, status: 200, state: 'replicated', replicatedAtMs };
  }
  if (nowMs - firstSeenMs <= sloMs) return { ...base, status: 202, state: 'pending' };
  const asked = { answered: new Set<Region>(), elsewhere: new Map<Region, string>() };
  const diverged = divergedRegions(image, current, older, expected, asked);
  const stalled = { ...base, state: 'stalled', stalledAtMs: current.stalledAtMs, diverged } as const;
  const isDiverged = diverged.size > 0 || current.divergedAtMs !== undefined;
  return { ...stalled, status: isDiverged ? 409 : 202 };
}

const isComplete = (expected: readonly Region[], facts: readonly Fact[]): boolean =>
  expected.length > 0 && missingRegions(expected, facts).length === 0;

/** As long as nobody knows what to expect, what is there is shown, and counts for nothing. */
function baseOf(
  image: Image,
  tag: string | undefined,
  facts: readonly Fact[],
  { expected, unverified }: Circumstances,
) {
  const shown = expected.length > 0 ? expected : [...regionsOf(facts)].sort();
  return {
    ...{ image, tag },
    firstSeenMs: image.firstSeenMs,
    replicatedAtMs: undefined,
    stalledAtMs: undefined,
    regions: regionStates(shown, facts, { ...image.unverified, ...unverified }),
    missing: missingRegions(expected, facts),
    supersededBy: undefined,
    diverged: new Map<Region, string>(),
  };
}

const lastLearned = (facts: readonly Fact[]): number =>
  Math.max(...facts.map(({ learnedAtMs }) => learnedAtMs));

const newest = (pushes: readonly TagPush[]): TagPush | undefined =>
  pushes.toSorted((a, b) => b.pushedAtMs - a.pushedAtMs)[0];

function firstStalled(references: readonly Reference[]): number | undefined {
  const times = references.flatMap(({ stalledAtMs }) => stalledAtMs ?? []);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** The document that `GET /api/replication` answers with. Times are ISO 8601 in UTC. */
export function replicationBody({ answer, etaMs, closure }: QueryResult, now: Date) {
  const { image, tag, state, regions, firstSeenMs, replicatedAtMs, stalledAtMs, supersededBy, diverged } =
    answer;
  const { registry, repository, digest } = image.id;
  return {
    ...{ registry, repository, tag: tag ?? null, digest, state },
    firstSeen: new Date(firstSeenMs).toISOString(),
    replicatedAt: iso(replicatedAtMs),
    elapsedMs: Math.max(0, (replicatedAtMs ?? now.getTime()) - firstSeenMs),
    etaMs: etaMs === undefined ? null : Math.round(etaMs),
    regions,
    ...(stalledAtMs === undefined ? {} : { stalledAt: iso(stalledAtMs) }),
    ...(supersededBy === undefined ? {} : { supersededBy }),
    ...(diverged.size === 0 ? {} : { diverged: Object.fromEntries(diverged) }),
    ...(closure === undefined ? {} : { closure }),
  };
}

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());
