import type { Deadline } from '../lib/deadline.ts';
import type { Log } from '../lib/log.ts';
import type { RegistryView } from '../registries/directory.ts';
import type { Registry } from '../registries/registry.ts';
import { answerForDigest, answerForTag, type QueryResult, type ReplicationAnswer } from './answer.ts';
import { closureOf } from './closure.ts';
import { estimateRemainingMs } from './copy-times.ts';
import { isSameDeletions } from './deletions.ts';
import { expectedRegions } from './expected-regions.ts';
import { type Image, isDeleted, liveReferences } from './image.ts';
import type { Ledger } from './ledger.ts';
import type { ImagePorts } from './ports.ts';
import { updateWithRetry } from './store.ts';
import { readTagHistory, type TagPush } from './tag-history.ts';
import { withReplicatedVerdicts } from './verdict.ts';
import { verify, withVerified } from './verify.ts';

export interface ReplicationQuery {
  readonly registry: Registry;
  /** That of the registry. */
  readonly loginServer: string;
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

export type QueryPorts = Omit<ImagePorts, 'findRegistry'>;

/** How often other processes' changes are looked for; those of this process wake the query at once. */
const pollIntervalMs = 500;
/** The first pause between two verifications of one query; each later one is twice as long. */
const firstVerifyPauseMs = 5_000;

/**
 * Answers as soon as the answer is final, or its state differs from that of the first one, or the wait is over.
 * @returns `undefined` for an image that was never seen.
 * @throws {StateUnavailableError}
 */
export async function answerReplicationQuery(
  query: ReplicationQuery,
  ports: QueryPorts,
  deadline: Deadline,
  log: Log,
): Promise<QueryResult | undefined> {
  const { loginServer, repository, waitMs } = query;
  const { now, changes } = ports;
  const endMs = now().getTime() + waitMs;
  let verifyAtMs = query.verify ? now().getTime() : Number.POSITIVE_INFINITY;
  let verifyPauseMs = firstVerifyPauseMs;
  let first: ReplicationAnswer | undefined;
  for (;;) {
    const wake = new AbortController();
    // Before the read, so that no change falls between the read and the wait.
    const changed = changes.next(loginServer, repository, wake.signal);
    try {
      let answer = await readAnswer(query, ports, deadline);
      if (answer !== undefined && isWorthVerifying(answer) && now().getTime() >= verifyAtMs) {
        await verifyAndStore(answer, query, ports, deadline, log);
        verifyAtMs = now().getTime() + verifyPauseMs;
        verifyPauseMs *= 2;
        answer = await readAnswer(query, ports, deadline);
      }
      const isFinal = answer !== undefined && answer.status !== 202;
      const isNews = first !== undefined && answer?.state !== first.state;
      const leftMs = endMs - now().getTime();
      if (isFinal || isNews || leftMs <= 0 || deadline.signal.aborted) {
        return answer && (await resultOf(answer, query, ports, deadline));
      }
      first ??= answer;
      const timer = setTimeout(() => wake.abort(), Math.min(pollIntervalMs, leftMs));
      await changed;
      clearTimeout(timer);
    } finally {
      wake.abort();
    }
  }
}

/** The view of the registry, unless it turned out to have another login server than the question went by. */
async function viewOf(
  { registry, loginServer }: Pick<ReplicationQuery, 'registry' | 'loginServer'>,
  directory: QueryPorts['directory'],
  deadline: Deadline,
): Promise<RegistryView | undefined> {
  const view = await directory.view(registry, deadline);
  return view?.loginServer === loginServer ? view : undefined;
}

/** Reads the answer as the ledger has it now. */
async function readAnswer(
  { registry, loginServer, repository, reference }: ReplicationQuery,
  { ledger, directory, now }: QueryPorts,
  deadline: Deadline,
): Promise<ReplicationAnswer | undefined> {
  const view = await viewOf({ registry, loginServer }, directory, deadline);
  const circumstances = { registry, view, nowMs: now().getTime() };
  if (isDigest(reference)) {
    const stored = await ledger.images.read(
      { registry: loginServer, repository, digest: reference },
      deadline,
    );
    if (stored === undefined) return undefined;
    const { image } = stored;
    return answerForDigest(image, await readNewerPushes(image, ledger, deadline), circumstances);
  }
  const { images, pushes } = await readTagHistory(
    { registry: loginServer, repository, tag: reference },
    ledger,
    deadline,
  );
  const [push] = pushes;
  const image = images.find(({ id }) => id.digest === push?.digest);
  const pushed = image?.references.find(({ tag }) => tag === reference);
  if (image === undefined || push === undefined || pushed === undefined) return undefined;
  const older = images.filter((other) => other !== image);
  return answerForTag(image, push, pushed, older, circumstances);
}

const isDigest = (reference: string): boolean => reference.includes(':');

/** Enough to tell whether a digest is still wanted: one with more tags is. */
const consideredTags = 5;

/** @returns by tag, the newest push of each of the image's tags that points at another digest by now. */
async function readNewerPushes(
  image: Image,
  ledger: Ledger,
  deadline: Deadline,
): Promise<Map<string, TagPush>> {
  const { registry, repository, digest } = image.id;
  const newer = new Map<string, TagPush>();
  if (isDeleted(image)) return newer;
  const tags = liveReferences(image).flatMap(({ tag }) => tag ?? []);
  await Promise.all(
    tags.slice(-consideredTags).map(async (tag) => {
      const { pushes } = await readTagHistory({ registry, repository, tag }, ledger, deadline, image);
      const [newest] = pushes;
      if (newest !== undefined && newest.digest !== digest) newer.set(tag, newest);
    }),
  );
  return newer;
}

/** Also a replicated image is verified, for those who trust only what was read. */
const isWorthVerifying = ({ state, regions }: ReplicationAnswer): boolean =>
  (state === 'pending' || state === 'stalled' || state === 'replicated') &&
  regions.some((region) => region.state !== 'available' || region.verifiedAt === undefined);

/** Asks the regional endpoints. What they answer is stored like a notification, with the verdicts that follow. */
async function verifyAndStore(
  { image, regions }: ReplicationAnswer,
  { registry, loginServer }: ReplicationQuery,
  { ledger, store, directory, manifests, outbox, changes, now }: QueryPorts,
  deadline: Deadline,
  log: Log,
): Promise<void> {
  const inQuestion = regions.flatMap((one) =>
    one.state === 'available' && one.verifiedAt !== undefined ? [] : one.region,
  );
  const found = await verify(image, inQuestion, registry, manifests, now, deadline);
  const view = await viewOf({ registry, loginServer }, directory, deadline);
  const stored = await ledger.images.read(image.id, deadline);
  if (stored === undefined) return;
  const withFound = (before: Image): Image => {
    // What was read may be from before a deletion that was recorded meanwhile.
    if (isDeleted(before) || !isSameDeletions(before.deletions, image.deletions)) return before;
    const known = withVerified(before, found);
    const expect = expectedRegions(registry, view);
    return outbox.keep(withReplicatedVerdicts(known, expect, registry.id, now().getTime()));
  };
  const updated = await updateWithRetry(store, stored, withFound, deadline);
  changes.notify(image.id);
  if (updated !== undefined) await outbox.flush(updated, deadline, log);
}

async function resultOf(
  answer: ReplicationAnswer,
  { registry, closure: wantsClosure }: ReplicationQuery,
  ports: QueryPorts,
  deadline: Deadline,
): Promise<QueryResult> {
  const { image, missing, firstSeenMs } = answer;
  const available = answer.regions.filter(({ state }) => state === 'available').map(({ region }) => region);
  const search = { index: image.id, regions: available, registry, ports, deadline };
  const closure = wantsClosure ? await closureOf(search) : undefined;
  if (answer.status !== 202) return { answer, etaMs: undefined, closure };
  const known = await ports.ledger.copyTimes.read(image.id.registry, deadline);
  const elapsedMs = ports.now().getTime() - firstSeenMs;
  const etaMs = estimateRemainingMs(known?.times ?? {}, missing, image.sizeBytes, elapsedMs);
  return { answer, etaMs, closure };
}
