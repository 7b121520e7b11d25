import type { Deadline } from '../lib/deadline.ts';
import type { Log } from '../lib/log.ts';
import type { RegistryView, ReplicaDirectory } from '../registries/directory.ts';
import type { ManifestReader } from '../registries/ports.ts';
import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import { answerForDigest, answerForTag, type ReplicationAnswer } from './answer.ts';
import { type Closure, closureOf } from './closure.ts';
import { estimateRemainingMs } from './copy-times.ts';
import { initiallyExpected, stillExpected } from './expected-regions.ts';
import { type Image, isDeleted, liveReferences } from './image.ts';
import type { ImageChanges } from './image-changes.ts';
import type { Ledger } from './ledger.ts';
import type { Outbox } from './outbox.ts';
import { type ImageStore, updateWithRetry } from './store.ts';
import { type TagPush, tagPushes } from './tag-history.ts';
import { readTagImages } from './tag-reverts.ts';
import { withVerdicts } from './verdict.ts';
import { verify, withVerified } from './verify.ts';

export interface ReplicationQuery {
  readonly registry: Registry;
  readonly repository: string;
  /** A tag or a digest. */
  readonly reference: string;
  /** How long an answer that is not final may be held back, for a better one. */
  readonly waitMs: number;
  /** Ask the regional endpoints, too. */
  readonly verify: boolean;
  /** Look at the images of an image index, too. */
  readonly closure: boolean;
}

export interface QueryPorts {
  readonly ledger: Ledger;
  readonly store: ImageStore;
  readonly directory: ReplicaDirectory;
  readonly manifests: ManifestReader;
  /** `undefined` without a topic. */
  readonly outbox: Outbox | undefined;
  readonly changes: ImageChanges;
  readonly now: () => Date;
}

export interface QueryResult {
  readonly answer: ReplicationAnswer;
  /** `undefined` when nothing comparable was learned, or there is nothing to wait for. */
  readonly etaMs: number | undefined;
  readonly closure: Closure | undefined;
}

/** Between two looks at what other processes may have written. */
const lookMs = 500;
/** Between two rounds of questions to regional endpoints, growing. */
const firstVerifyPauseMs = 5_000;

/**
 * Answers as soon as the answer is final, or differs from the first one in more than its regions, or the wait is over.
 * @returns `undefined` for an image that was never seen.
 * @throws {StateUnavailableError}
 */
export async function answerReplicationQuery(
  question: ReplicationQuery,
  ports: QueryPorts,
  deadline: Deadline,
  log: Log,
): Promise<QueryResult | undefined> {
  const { registry, repository, waitMs } = question;
  const { now, changes } = ports;
  const endMs = now().getTime() + waitMs;
  let verifyAtMs = question.verify ? now().getTime() : Number.POSITIVE_INFINITY;
  let verifyPauseMs = firstVerifyPauseMs;
  let first: ReplicationAnswer | undefined;
  for (;;) {
    const wake = new AbortController();
    // Before the look, so that no change falls between the look and the wait.
    const changed = changes.next(registry.name, repository, wake.signal);
    try {
      let answer = await readAnswer(question, ports, deadline);
      if (answer !== undefined && isWorthVerifying(answer) && now().getTime() >= verifyAtMs) {
        await verifyNow(answer, question, ports, deadline, log);
        verifyAtMs = now().getTime() + verifyPauseMs;
        verifyPauseMs *= 2;
        answer = await readAnswer(question, ports, deadline);
      }
      const isFinal = answer !== undefined && answer.status !== 202;
      const isNews = first !== undefined && answer?.state !== first.state;
      const leftMs = endMs - now().getTime();
      if (isFinal || isNews || leftMs <= 0 || deadline.signal.aborted) {
        return answer && (await complete(answer, question, ports, deadline));
      }
      first ??= answer;
      const timer = setTimeout(() => wake.abort(), Math.min(lookMs, leftMs));
      await changed;
      clearTimeout(timer);
    } finally {
      wake.abort();
    }
  }
}

const isDigest = (reference: string): boolean => reference.includes(':');

async function readAnswer(
  { registry, repository, reference }: ReplicationQuery,
  { ledger, directory, now }: QueryPorts,
  deadline: Deadline,
): Promise<ReplicationAnswer | undefined> {
  const name = registry.name;
  const view = await directory.view(registry, deadline);
  const circumstances = (image: Image) => ({
    expected: expectedOf(image, registry, view),
    sloMs: registry.replicationSloMs,
    nowMs: now().getTime(),
  });
  if (isDigest(reference)) {
    const stored = await ledger.images.read({ registry: name, repository, digest: reference });
    if (stored === undefined) return undefined;
    const { image } = stored;
    return answerForDigest(image, await newerPushes(image, ledger), circumstances(image));
  }
  const images = await readTagImages(ledger, { registry: name, repository, tag: reference });
  const [push] = tagPushes(reference, images);
  const image = images.find(({ id }) => id.digest === push?.digest);
  const pushed = image?.references.find(({ tag }) => tag === reference);
  if (image === undefined || push === undefined || pushed === undefined) return undefined;
  const older = images.filter((other) => other !== image);
  return answerForTag(image, push, pushed, older, circumstances(image));
}

/** What an image waits for is what was there when it came, less what was removed since. */
function expectedOf(image: Image, registry: Registry, view: RegistryView | undefined): readonly Region[] {
  if (view === undefined) return image.expected ?? [];
  return stillExpected(image.expected ?? initiallyExpected(registry, view.replicas), view.replicas);
}

/** Enough to tell whether a digest is still wanted; one with more tags is. */
const consideredTags = 5;

async function newerPushes(image: Image, ledger: Ledger): Promise<Map<string, TagPush>> {
  const { registry, repository, digest } = image.id;
  const pushes = new Map<string, TagPush>();
  if (isDeleted(image)) return pushes;
  const tags = liveReferences(image).flatMap(({ tag }) => tag ?? []);
  await Promise.all(
    tags.slice(-consideredTags).map(async (tag) => {
      const [newest] = tagPushes(tag, await readTagImages(ledger, { registry, repository, tag }, [image]));
      if (newest !== undefined && newest.digest !== digest) pushes.set(tag, newest);
    }),
  );
  return pushes;
}

/** A replicated image is asked for, too, by those who trust only what was read. */
const isWorthVerifying = ({ state, regions }: ReplicationAnswer): boolean =>
  (state === 'pending' || state === 'stalled' || state === 'replicated') &&
  regions.some((region) => region.state !== 'available' || region.evidence !== 'verified');

/** What is read is kept, since it is as good as a notice, and so is the verdict that follows from it. */
async function verifyNow(
  { image, regions }: ReplicationAnswer,
  { registry }: ReplicationQuery,
  { ledger, store, directory, manifests, outbox, changes, now }: QueryPorts,
  deadline: Deadline,
  log: Log,
): Promise<void> {
  const inQuestion = regions.flatMap((one) =>
    one.state === 'available' && one.evidence === 'verified' ? [] : one.region,
  );
  const found = await verify(image, inQuestion, registry, manifests, now, deadline);
  const view = await directory.view(registry, deadline);
  const stored = await ledger.images.read(image.id);
  if (stored === undefined) return;
  const revised = await updateWithRetry(store, stored, (before) => {
    // What was read may be from before a deletion that was told in between.
    if (isDeleted(before) || before.deletedAtMs !== image.deletedAtMs) return before;
    const known = withVerified(before, found);
    const judged = withVerdicts(known, expectedOf(known, registry, view), registry.id, now().getTime());
    return outbox === undefined ? { ...judged, outbox: [] } : judged;
  });
  changes.notify(image.id);
  if (revised !== undefined) await outbox?.flush(revised, log);
}

async function complete(
  answer: ReplicationAnswer,
  question: ReplicationQuery,
  ports: QueryPorts,
  deadline: Deadline,
): Promise<QueryResult> {
  const { image, missing, firstSeenMs } = answer;
  const closure = question.closure ? await closureOf(answer, question.registry, ports, deadline) : undefined;
  if (answer.status !== 202) return { answer, etaMs: undefined, closure };
  const known = await ports.ledger.copyTimes.read(image.id.registry);
  const elapsedMs = ports.now().getTime() - firstSeenMs;
  const etaMs = estimateRemainingMs(known?.times ?? {}, missing, image.sizeBytes, elapsedMs);
  return { answer, etaMs, closure };
}
