import pLimit from 'p-limit';
import QuickLRU from 'quick-lru';
import { type Deadline, deadlineIn } from '../lib/deadline.ts';
import type { BlobReader, ManifestContents, ManifestReader } from '../registries/ports.ts';
import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import { type ImageId, imageKey } from './image.ts';
import { type PullContents, pullContents } from './pull-contents.ts';
import { nextToAsk, type PullState, pullState, type Seen } from './pull-progress.ts';
import { reasonOf } from './verify.ts';

/** What regions answered about the parts of images, so that one question goes on where another ended. */
export interface PullMemory {
  /** @param episode what was seen in another episode of the image in this region is forgotten. */
  of(image: ImageId, region: Region, episode: number): Map<string, Seen>;
  /** Runs a check, unless the same one is under way: then its result is for both. */
  share(key: string, check: () => Promise<PullCheck>): Promise<PullCheck>;
}

/** The images that pipelines ask for at the same time. Each takes a line for a digest and region. */
const maxImages = 100;

export function pullMemory(): PullMemory {
  type Regions = Map<Region, { readonly episode: number; readonly seen: Map<string, Seen> }>;
  const images = new QuickLRU<string, Regions>({ maxSize: maxImages });
  const underWay = new Map<string, Promise<PullCheck>>();
  return {
    share(key, check) {
      const shared = underWay.get(key) ?? check().finally(() => underWay.delete(key));
      underWay.set(key, shared);
      return shared;
    },
    of(image, region, episode) {
      const regions: Regions = images.get(imageKey(image)) ?? new Map();
      images.set(imageKey(image), regions);
      const known = regions.get(region);
      if (known?.episode === episode) return known.seen;
      const seen = new Map<string, Seen>();
      regions.set(region, { episode, seen });
      return seen;
    },
  };
}

interface PullQuestion {
  readonly image: ImageId;
  /** The regions whose endpoints answered for the manifest, with the episode of the image there. */
  readonly regions: ReadonlyMap<Region, number>;
  /** Whether the platforms of an index are asked for, too. */
  readonly closure: boolean;
  readonly registry: Registry;
}

interface PullPorts {
  readonly manifests: Pick<ManifestReader, 'head' | 'contents'>;
  readonly blobs: BlobReader;
  readonly pulls: PullMemory;
  readonly now: () => Date;
}

interface PullCheck {
  readonly states: ReadonlyMap<Region, PullState>;
  /** Whether only the bounds of one check ended it, so that the next one may follow at once. */
  readonly isCut: boolean;
  /** Whether nothing was left out: the image is of one platform, or all of its platforms were asked for. */
  readonly isWhole: boolean;
}

/** Bounds of one check. */
const maxRequests = 3_000;
/** Longer than a call may take, so that one that hangs is known by then. */
const longestMs = 8_000;
const concurrency = 32;
const concurrencyInRegion = 4;
const maxFailures = 3;
/** What was there counts for this time, or for the objective where that is longer. */
const shortestMemoryMs = 10 * 60_000;

/**
 * Asks regions for everything that a pull takes beside the manifest. What a region was asked for and had is not asked
 * for again; a region that throttles is asked for nothing more in this check. Never throws.
 */
export function checkPull(question: PullQuestion, ports: PullPorts, deadline: Deadline): Promise<PullCheck> {
  const { image, regions, closure } = question;
  const key = JSON.stringify([imageKey(image), closure, ...regions]);
  return ports.pulls.share(key, () => checkOnce(question, ports, deadline));
}

async function checkOnce(question: PullQuestion, ports: PullPorts, deadline: Deadline): Promise<PullCheck> {
  const { image, regions, registry } = question;
  const end = deadlineIn(Math.min(longestMs, deadline.remainingMs()));
  const { contents, kind } = await readContents(question, ports, end);
  const sinceMs = ports.now().getTime() - Math.max(shortestMemoryMs, registry.replicationSloMs);
  const share = Math.floor(maxRequests / Math.max(1, regions.size));
  const all = pLimit(concurrency);
  const states = new Map<Region, PullState>();
  let isCut = false;
  await Promise.all(
    [...regions].map(async ([region, episode]) => {
      const seen = ports.pulls.of(image, region, episode);
      const wanted = nextToAsk(contents, seen, sinceMs);
      const { failure, answers } = await askRegion(region, wanted.slice(0, share), seen);
      const isLeft = wanted.length > answers && failure === undefined;
      // A region that answered nothing in all the time is not asked again at once.
      if (isLeft && answers > 0) isCut = true;
      const cut = isLeft ? 'more is asked for with the next question' : undefined;
      states.set(region, pullState(contents, seen, sinceMs, failure ?? cut));
    }),
  );
  return { states, isCut, isWhole: question.closure || kind === 'image' };

  async function askRegion(
    region: Region,
    wanted: readonly string[],
    seen: Map<string, Seen>,
  ): Promise<{ readonly failure: string | undefined; readonly answers: number }> {
    const failures: string[] = [];
    let isThrottled = false;
    let answers = 0;
    const here = pLimit(concurrencyInRegion);
    const manifests = new Set(contents.manifests);
    const ask = async (digest: string): Promise<void> => {
      if (isThrottled || failures.length >= maxFailures || end.signal.aborted) return;
      const question = [registry, region, image.repository, digest, end] as const;
      const answer = await (manifests.has(digest)
        ? ports.manifests.head(...question)
        : ports.blobs.hasBlob(...question));
      if (answer.kind === 'present' || answer.kind === 'absent') {
        answers += 1;
        seen.set(digest, { isThere: answer.kind === 'present', atMs: ports.now().getTime() });
      } else if (!end.signal.aborted) {
        isThrottled ||= answer.kind === 'throttled';
        failures.push(reasonOf(answer));
      }
    };
    await Promise.all(wanted.map((digest) => here(() => all(() => ask(digest)))));
    return { failure: failures[0], answers };
  }
}

/** Reads the manifests that say what there is to ask for. The first region that has one gives it. */
async function readContents(
  { image, regions, closure, registry }: PullQuestion,
  { manifests }: PullPorts,
  end: Deadline,
): Promise<{ readonly contents: PullContents; readonly kind: ManifestContents['kind'] | undefined }> {
  const known = new Map<string, ManifestContents>();
  const limit = pLimit(concurrencyInRegion);
  for (;;) {
    const contents = pullContents(image.digest, known, closure);
    const before = known.size;
    await Promise.all(
      contents.unread.map((digest) =>
        limit(async () => {
          for (const region of regions.keys()) {
            if (end.signal.aborted) return;
            const found = await manifests.contents(registry, region, image.repository, digest, end);
            if (found !== undefined) return void known.set(digest, found);
          }
        }),
      ),
    );
    if (known.size === before) return { contents, kind: known.get(image.digest)?.kind };
  }
}
