import type { RegistryView } from '../registries/directory.ts';
import { registryNameOf } from '../registries/host.ts';
import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import {
  type Awaited,
  expectedRegions,
  isComplete,
  type LeftOut,
  leftOutOf,
  missingRegions,
} from './expected-regions.ts';
import { type GoneState, goneStates } from './gone.ts';
import {
  digestFacts,
  type Evidence,
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
import { isPullable, type PullState } from './pull-progress.ts';
import { repairsOf } from './repair.ts';
import { divergedRegions, meaningOfRevert, type TagPush } from './tag-history.ts';

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
  /** The regions that are waited for, and others that have it. */
  readonly regions: readonly RegionState[];
  /** Of a deleted image, in place of `regions`: which regions still have it. */
  readonly gone: readonly GoneState[] | undefined;
  /** Replicas that are not waited for. */
  readonly leftOut: readonly LeftOut[];
  readonly missing: readonly Region[];
  /** The digest that its tag points at by now. */
  readonly supersededBy: string | undefined;
  /** The digest that a region resolves the tag to, where it is another one. */
  readonly diverged: ReadonlyMap<Region, string>;
}

interface Circumstances {
  readonly registry: Registry;
  /** `undefined` when nothing was ever known of the registry. */
  readonly view: RegistryView | undefined;
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
  const { registry, view, nowMs } = circumstances;
  const expected = expectedRegions(registry, view)(image);
  const facts = digestFacts(image);
  const live = liveReferences(image);
  const movedOn = live.flatMap(({ tag }) => (tag === undefined ? [] : (newerPushes.get(tag) ?? [])));
  const isWanted = movedOn.length < live.length;
  const supersededBy = isWanted ? undefined : newest(movedOn)?.digest;
  const base = { ...baseOf(image, image, undefined, facts, circumstances), supersededBy };
  if (isDeleted(image)) return deletedAnswer(base, circumstances);
  if (image.replicatedAtMs !== undefined || isComplete(expected, facts)) {
    const replicatedAtMs = image.replicatedAtMs ?? lastLearnedMs(facts);
    return { ...base, status: 200, state: 'replicated', replicatedAtMs };
  }
  if (supersededBy !== undefined) return { ...base, status: 409, state: 'superseded' };
  const state = nowMs - image.firstSeenMs > registry.replicationSloMs ? 'stalled' : 'pending';
  return { ...base, status: 202, state, stalledAtMs: firstStalledMs(live) };
}

function withFoundRevert(reference: Reference, push: TagPush): Reference {
  const { revertedAtMs } = push;
  switch (meaningOfRevert(reference, push)) {
    case 'known':
      return reference;
    case 'moved':
      return { ...reference, revertedAtMs };
    case 'new':
      return { ...reference, revertedAtMs, replicatedAtMs: undefined };
  }
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
  const { registry, view, nowMs } = circumstances;
  // The other images of the tag may prove a revert before it is stored in this one.
  const current = withFoundRevert(reference, push);
  const expected = expectedRegions(registry, view)(current);
  const facts = referenceFacts(image, current);
  const { firstSeenMs } = current;
  const base = { ...baseOf(image, current, current.tag, facts, circumstances), firstSeenMs };
  if (!isLive(image, current)) return deletedAnswer(base, circumstances);
  if (current.replicatedAtMs !== undefined || isComplete(expected, facts)) {
    const replicatedAtMs = current.replicatedAtMs ?? lastLearnedMs(facts);
    return { ...base, status: 200, state: 'replicated', replicatedAtMs };
  }
  if (nowMs - firstSeenMs <= registry.replicationSloMs) return { ...base, status: 202, state: 'pending' };
  const nothingObserved = { answered: new Set<Region>(), otherDigests: new Map<Region, string>() };
  const diverged = divergedRegions(image, current, older, expected, nothingObserved);
  const isDiverged = diverged.size > 0 || current.divergedAtMs !== undefined;
  const { stalledAtMs } = current;
  return { ...base, status: isDiverged ? 409 : 202, state: 'stalled', stalledAtMs, diverged };
}

/** What both answers have in common. A region that is not waited for is shown when it has the image. */
function baseOf(
  image: Image,
  awaited: Awaited,
  tag: string | undefined,
  facts: readonly Fact[],
  { registry, view }: Circumstances,
) {
  const expected = expectedRegions(registry, view)(awaited);
  const others = [...regionsOf(facts)].filter((region) => !expected.includes(region)).sort();
  return {
    image,
    tag,
    firstSeenMs: image.firstSeenMs,
    replicatedAtMs: undefined,
    stalledAtMs: undefined,
    regions: regionStates([...expected, ...others], facts, image.unverified),
    gone: undefined,
    leftOut: leftOutOf(awaited, registry, view),
    missing: missingRegions(expected, facts),
    supersededBy: undefined,
    diverged: new Map<Region, string>(),
  };
}

type AnswerBase = Omit<ReplicationAnswer, 'status' | 'state'>;

const deletedAnswer = (base: AnswerBase, { view }: Circumstances): ReplicationAnswer => ({
  ...base,
  status: 410,
  state: 'deleted',
  gone: goneStates(base.image, view),
});

/**
 * The answer to whether an image is gone, made from the ordinary one.
 *
 * | status | state             | when                                        |
 * |--------|-------------------|---------------------------------------------|
 * | 200    | `deleted`         | it is gone from every region                |
 * | 202    | the ordinary one  | some regions still have it, or may have it  |
 */
export function answerForGone(answer: ReplicationAnswer, view: RegistryView | undefined): ReplicationAnswer {
  const gone = goneStates(answer.image, view);
  const isGone = gone.length > 0 && gone.every(({ state }) => state === 'gone');
  return isGone ? { ...answer, status: 200, state: 'deleted', gone } : { ...answer, status: 202, gone };
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
  /** What a pull would meet in each region; `undefined` when it was not asked for. */
  readonly pulls: ReadonlyMap<Region, PullState> | undefined;
  /** Why regions could not be asked whether the image is gone. */
  readonly reasons: ReadonlyMap<Region, string> | undefined;
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
export function replicationBody(
  { answer, etaMs, closure, pulls, reasons }: QueryResult,
  registry: Registry,
  now: Date,
) {
  const { image, firstSeenMs, replicatedAtMs, stalledAtMs, supersededBy, diverged } = answer;
  const regions = answer.regions.map((one) => withPull(one, pulls?.get(one.region)));
  // A layer may be missing below a manifest that is everywhere.
  const isBroken = answer.state === 'stalled' || (answer.state === 'replicated' && pulls !== undefined);
  const repairs =
    isBroken && answer.gone === undefined
      ? repairsOf({ id: image.id, tag: answer.tag }, regions, registry)
      : [];
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
    regions: answer.gone?.map((one) => withReason(one, reasons?.get(one.region))) ?? regions,
    leftOut: answer.leftOut,
    ...(stalledAtMs === undefined ? {} : { stalledAt: iso(stalledAtMs) }),
    ...(supersededBy === undefined ? {} : { supersededBy }),
    ...(diverged.size === 0 ? {} : { diverged: Object.fromEntries(diverged) }),
    ...(closure === undefined ? {} : { closure }),
    ...(repairs.length === 0 ? {} : { repairs }),
  };
}

const withReason = (one: GoneState, reason: string | undefined) =>
  one.state === 'gone' || reason === undefined ? one : { ...one, reason };

/** The grade `pullable` is that of this question: others may have asked for less, or found more. */
function withPull(one: RegionState, pull: PullState | undefined) {
  if (pull === undefined) return one;
  const { checked, missing, unchecked, reason } = pull;
  const pullable = {
    checked,
    missing,
    ...(unchecked ? { unchecked } : {}),
    ...(reason === undefined ? {} : { reason }),
  };
  if (one.state !== 'available') return { ...one, pullable };
  const evidence: Evidence = isPullable(pull)
    ? 'pullable'
    : one.evidence === 'pullable'
      ? 'verified'
      : one.evidence;
  return { ...one, evidence, pullable };
}

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());
