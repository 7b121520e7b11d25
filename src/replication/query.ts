import type { Deadline } from '../lib/deadline.ts';
import type { Log } from '../lib/log.ts';
import type { Region } from '../registries/replica.ts';
import { answerForGone, type QueryResult, type ReplicationAnswer } from './answer.ts';
import { type Asked, askForImage, askWhetherGone, isFresh } from './ask-endpoints.ts';
import { closureOf } from './closure.ts';
import { estimateRemainingMs } from './copy-times.ts';
import { isSameDeletions } from './deletions.ts';
import type { Image } from './image.ts';
import type { ImagePorts } from './ports.ts';
import { isPullable } from './pull-progress.ts';
import { type ImageQuestion, readAnswer, viewOf } from './read-answer.ts';

export interface ReplicationQuery extends ImageQuestion {
  /** How long an answer that is not final may be held back, for a better one. */
  readonly waitMs: number;
  /** Ask the regional endpoints, too. */
  readonly verify: boolean;
  /** Look at the images of an image index, too. */
  readonly closure: boolean;
  /** Ask the regional endpoints for config and layers, too. */
  readonly pullable: boolean;
  /** Ask whether the image is gone, instead of whether it is there. */
  readonly gone: boolean;
}

export type QueryPorts = Omit<ImagePorts, 'findRegistry'>;

/** How often other processes' changes are looked for; those of this process wake the query at once. */
const pollIntervalMs = 500;
/** The first pause between two rounds of questions to endpoints; each later one is twice as long, up to the longest. */
const firstPauseMs = 5_000;
const longestPauseMs = 10_000;

/**
 * Answers as soon as the answer is final, or its state differs from that of the first one, or the wait is over. With
 * `pullable`, an answer is final only when a pull would work in every region, and when the last copy has come, all are
 * asked anew.
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
  const asksEndpoints = query.verify || query.pullable || query.gone;
  let askAtMs = asksEndpoints ? now().getTime() : Number.POSITIVE_INFINITY;
  let pauseMs = firstPauseMs;
  let learned = nothing;
  let first: ReplicationAnswer | undefined;
  const read = async (): Promise<ReplicationAnswer | undefined> => {
    const answer = await readAsked(query, ports, deadline);
    if (learned !== nothing && !isOfEpisode(learned, answer)) {
      // The tag moved on, or the image was deleted meanwhile: what was learned is not of what there is now.
      learned = nothing;
      askAtMs = now().getTime();
    }
    return answer;
  };
  for (;;) {
    const wake = new AbortController();
    // Before the read, so that no change falls between the read and the wait.
    const changed = changes.next(loginServer, repository, wake.signal);
    try {
      let answer = await read();
      if (
        answer !== undefined &&
        now().getTime() >= askAtMs &&
        isWorthAsking(answer, learned, query, ports)
      ) {
        const { isCut, ...more } = await ask(answer, query, ports, deadline, log);
        learned = more;
        askAtMs = now().getTime() + (isCut ? 0 : pauseMs);
        if (!isCut) pauseMs = Math.min(2 * pauseMs, longestPauseMs);
        answer = await read();
      }
      const isHeld = answer !== undefined && isHeldBack(answer, learned, query);
      const isFinal = answer !== undefined && answer.status !== 202 && !isHeld;
      const isNews = first !== undefined && !query.gone && answer?.state !== first.state;
      const leftMs = endMs - now().getTime();
      if (isHeld && isNews && leftMs > 0 && !deadline.signal.aborted) {
        // What was learned is from before the last copy came, and would deny it.
        first = answer;
        askAtMs = now().getTime();
        continue;
      }
      if (isFinal || isNews || leftMs <= 0 || deadline.signal.aborted) {
        return answer && (await resultOf(answer, learned, query, ports, deadline));
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

/** What the endpoints said beside what is stored. */
interface Learned extends Pick<Asked, 'pulls'> {
  /** The image that was asked for, as it was then. */
  readonly image: Image | undefined;
  /** Why regions could not be asked whether the image is gone. */
  readonly reasons: ReadonlyMap<Region, string> | undefined;
}

const nothing: Learned = { image: undefined, pulls: undefined, reasons: undefined };

const isOfEpisode = ({ image, pulls }: Learned, answer: ReplicationAnswer | undefined): boolean =>
  image !== undefined &&
  image.id.digest === answer?.image.id.digest &&
  (pulls === undefined || isSameDeletions(image.deletions, answer.image.deletions));

async function readAsked(
  query: ReplicationQuery,
  ports: QueryPorts,
  deadline: Deadline,
): Promise<ReplicationAnswer | undefined> {
  const answer = await readAnswer(query, ports, deadline);
  if (answer === undefined || !query.gone) return answer;
  return answerForGone(answer, await viewOf(query, ports.directory, deadline));
}

/**
 * Also an image that is replicated is asked for, for those who trust only what was read, and one that is superseded, for
 * those who wait for some regions only.
 */
function isWorthAsking(
  { state, status, regions }: ReplicationAnswer,
  { pulls }: Learned,
  { registry, gone, pullable }: ReplicationQuery,
  { now }: QueryPorts,
): boolean {
  if (gone) return status !== 200;
  if (state === 'deleted') return false;
  const nowMs = now().getTime();
  return regions.some(
    (region) => !isFresh(region, registry, nowMs) || (pullable && !isPullableIn(region.region, pulls)),
  );
}

const isPullableIn = (region: Region, pulls: Learned['pulls']): boolean => {
  const state = pulls?.get(region);
  return state !== undefined && isPullable(state);
};

/** Whether a replicated image is waited for until a pull works in each region that counts. */
function isHeldBack(
  { status, regions, leftOut }: ReplicationAnswer,
  { pulls }: Learned,
  { pullable, gone }: ReplicationQuery,
): boolean {
  if (!pullable || gone || status !== 200) return false;
  const others = new Set(leftOut.map(({ region }) => region));
  return regions.some(({ region }) => !others.has(region) && !isPullableIn(region, pulls));
}

async function ask(
  answer: ReplicationAnswer,
  query: ReplicationQuery,
  ports: QueryPorts,
  deadline: Deadline,
  log: Log,
): Promise<Learned & Pick<Asked, 'isCut'>> {
  const { image } = answer;
  if (!query.gone)
    return { image, ...(await askForImage(answer, query, ports, deadline, log)), reasons: undefined };
  const present = (answer.gone ?? []).flatMap(({ region, state }) => (state === 'present' ? region : []));
  const reasons = await askWhetherGone(answer.image, present, query.registry, ports, deadline);
  return { image, pulls: undefined, reasons, isCut: false };
}

async function resultOf(
  answer: ReplicationAnswer,
  { pulls, reasons }: Learned,
  { registry, closure: wantsClosure, gone }: ReplicationQuery,
  ports: QueryPorts,
  deadline: Deadline,
): Promise<QueryResult> {
  const { image, missing, firstSeenMs } = answer;
  const available = answer.regions.filter(({ state }) => state === 'available').map(({ region }) => region);
  const search = { index: image.id, regions: available, registry, ports, deadline };
  const closure = wantsClosure && !gone ? await closureOf(search) : undefined;
  if (answer.status !== 202 || gone) return { answer, etaMs: undefined, closure, pulls, reasons };
  const known = await ports.ledger.copyTimes.read(image.id.registry, deadline);
  const elapsedMs = ports.now().getTime() - firstSeenMs;
  const etaMs = estimateRemainingMs(known?.times ?? {}, missing, image.sizeBytes, elapsedMs);
  return { answer, etaMs, closure, pulls, reasons };
}
