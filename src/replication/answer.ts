import { registryNameOf } from '../registries/host.ts';
import type { Region } from '../registries/replica.ts';
import { isComplete, missingRegions } from './expected-regions.ts';
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
import { type RegionState, regionStates } from './image-signal.ts';
import { divergedRegions, type TagPush } from './tag-history.ts';

/** Whether an image is in every region yet. Times are ms since the epoch. */
export interface ReplicationAnswer {
  /**
   * | status | state        | when                                                                   |
   * |--------|--------------|------------------------------------------------------------------------|
   * | 200    | `replicated` | every expected region has it                                           |
   * | 202    | `pending`    | some regions lack it, and the objective has not passed                 |
   * | 202    | `stalled`    | the objective has passed; it may still arrive                          |
   * | 409    | `stalled`    | the objective has passed, and regions resolve the tag to other digests |
   * | 409    | `superseded` | it was not complete when its tag moved on                              |
   * | 410    | `deleted`    | it was deleted, and not pushed since                                   |
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
  /** The digest that a region resolves the tag to, where it is another one. */
  readonly diverged: ReadonlyMap<Region, string>;
}

interface Circumstances {
  /** The regions that count now. */
  readonly expected: readonly Region[];
  readonly sloMs: number;
  readonly nowMs: number;
}

/**
 * The answer for a digest.
 * @param newerPushes by tag, the newest push of each of its tags that points at another digest by now
 */
export function answerForDigest(
  image: Image,
  newerPushes: ReadonlyMap<string, TagPush>,
  circumstances: Circumstances,
): ReplicationAnswer {
  const { expected, sloMs, nowMs } = circumstances;
  const facts = digestFacts(image);
  const live = liveReferences(image);
  const movedOn = live.flatMap(({ tag }) => (tag === undefined ? [] : (newerPushes.get(tag) ?? [])));
  const isWanted = movedOn.length < live.length;
  const supersededBy = isWanted ? undefined : newest(movedOn)?.digest;
  const base = { ...baseOf(image, undefined, facts, circumstances), supersededBy };
  if (isDeleted(image)) return { ...base, status: 410, state: 'deleted' };
  if (image.replicatedAtMs !== undefined || isComplete(expected, facts)) {
    const replicatedAtMs = image.replicatedAtMs ?? lastLearnedMs(facts);
    return { ...base, status: 200, state: 'replicated', replicatedAtMs };
  }
  if (supersededBy !== undefined) return { ...base, status: 409, state: 'superseded' };
  const state = nowMs - image.firstSeenMs > sloMs ? 'stalled' : 'pending';
  return { ...base, status: 202, state, stalledAtMs: firstStalledMs(live) };
}

/**
 * The answer for a tag, which is that of the digest that was pushed last under it.
 * @param push the last push of the tag
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
  const isRevertKnown = push.revertedAtMs === reference.revertedAtMs;
  // The other images of the tag may prove a revert before it is stored in this one.
  const current = isRevertKnown
    ? reference
    : { ...reference, revertedAtMs: push.revertedAtMs, replicatedAtMs: undefined };
  const facts = referenceFacts(image, current);
  const { firstSeenMs } = current;
  const base = { ...baseOf(image, current.tag, facts, circumstances), firstSeenMs };
  if (!isLive(image, current)) return { ...base, status: 410, state: 'deleted' };
  if (current.replicatedAtMs !== undefined || isComplete(expected, facts)) {
    const replicatedAtMs = current.replicatedAtMs ?? lastLearnedMs(facts);
    return { ...base, status: 200, state: 'replicated', replicatedAtMs };
  }
  if (nowMs - firstSeenMs <= sloMs) return { ...base, status: 202, state: 'pending' };
  const nothingObserved = { answered: new Set<Region>(), otherDigests: new Map<Region, string>() };
  const diverged = divergedRegions(image, current, older, expected, nothingObserved);
  const isDiverged = diverged.size > 0 || current.divergedAtMs !== undefined;
  const { stalledAtMs } = current;
  return { ...base, status: isDiverged ? 409 : 202, state: 'stalled', stalledAtMs, diverged };
}

/** What both answers have in common. While nobody knows what to expect, the regions that have the image are shown. */
function baseOf(image: Image, tag: string | undefined, facts: readonly Fact[], { expected }: Circumstances) {
  const shown = expected.length > 0 ? expected : [...regionsOf(facts)].sort();
  return {
    image,
    tag,
    firstSeenMs: image.firstSeenMs,
    replicatedAtMs: undefined,
    stalledAtMs: undefined,
    regions: regionStates(shown, facts, image.unverified),
    missing: missingRegions(expected, facts),
    supersededBy: undefined,
    diverged: new Map<Region, string>(),
  };
}

const lastLearnedMs = (facts: readonly Fact[]): number =>
  Math.max(...facts.map(({ learnedAtMs }) => learnedAtMs));

const newest = (pushes: readonly TagPush[]): TagPush | undefined =>
  pushes.toSorted((a, b) => b.pushedAtMs - a.pushedAtMs)[0];

function firstStalledMs(references: readonly Reference[]): number | undefined {
  const times = references.flatMap(({ stalledAtMs }) => stalledAtMs ?? []);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** An answer with what a query adds to it. */
export interface QueryResult {
  readonly answer: ReplicationAnswer;
  /** `undefined` when nothing comparable was learned, or there is nothing to wait for. */
  readonly etaMs: number | undefined;
  /** `undefined` when it was not asked for, or no region could answer. */
  readonly closure: Closure | undefined;
}

/** The images of an image index, one a platform. */
export interface Closure {
  /** Whether every region that has the index has all of them. */
  readonly complete: boolean;
  readonly children: readonly ChildState[];
}

export interface ChildState {
  readonly digest: string;
  readonly available: readonly Region[];
  readonly missing: readonly Region[];
  /** Regions that could not be asked. */
  readonly unverified: readonly Region[];
}

/** The response body of `GET /api/replication`. Its times are ISO 8601 in UTC. */
export function replicationBody({ answer, etaMs, closure }: QueryResult, now: Date) {
  const { image, firstSeenMs, replicatedAtMs, stalledAtMs, supersededBy, diverged } = answer;
  return {
    registry: registryNameOf(image.id.registry),
    loginServer: image.id.registry,
    repository: image.id.repository,
    tag: answer.tag ?? null,
    digest: image.id.digest,
    state: answer.state,
    firstSeen: new Date(firstSeenMs).toISOString(),
    replicatedAt: iso(replicatedAtMs),
    elapsedMs: Math.max(0, (replicatedAtMs ?? now.getTime()) - firstSeenMs),
    etaMs: etaMs === undefined ? null : Math.round(etaMs),
    regions: answer.regions,
    ...(stalledAtMs === undefined ? {} : { stalledAt: iso(stalledAtMs) }),
    ...(supersededBy === undefined ? {} : { supersededBy }),
    ...(diverged.size === 0 ? {} : { diverged: Object.fromEntries(diverged) }),
    ...(closure === undefined ? {} : { closure }),
  };
}

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());
