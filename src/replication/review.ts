import pLimit from 'p-limit';
import { type Deadline, deadlineIn } from '../lib/deadline.ts';
import { StateChangedError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { ReplicaDirectory } from '../registries/directory.ts';
import type { ManifestReader } from '../registries/ports.ts';
import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import { copyTimesOf, learnCopyTimes } from './copy-times.ts';
import { stillExpected } from './expected-regions.ts';
import { type Image, imageKey, referenceFacts } from './image.ts';
import type { ImageChanges } from './image-changes.ts';
import type { Ledger, OpenEntry, StoredImage } from './ledger.ts';
import type { Outbox } from './outbox.ts';
import { forgetFinished, forgetImage } from './retention.ts';
import { openReferences, reviewImage } from './review-image.ts';
import type { ImageStore } from './store.ts';
import { propagateTagReverts } from './tag-reverts.ts';
import { missingRegions } from './verdict.ts';

export interface ImageReviewPorts {
  readonly ledger: Ledger;
  readonly store: ImageStore;
  readonly directory: ReplicaDirectory;
  readonly manifests: ManifestReader;
  /** `undefined` without a topic. */
  readonly outbox: Outbox | undefined;
  readonly changes: ImageChanges;
  /** By name, in lower case; `undefined` when it is configured no more. */
  readonly findRegistry: (name: string) => Registry | undefined;
  /** How long images are kept; one that is never complete is given up after this time too. */
  readonly retentionMs: number;
  /** Hears how long the copies of finished images took. */
  readonly onCopied: (registry: string, region: Region, ms: number) => void;
  readonly now: () => Date;
}

export interface ImageReview {
  /** Images that have something open still. */
  readonly open: number;
  readonly finished: number;
  /** Images that are older than the objective and missing somewhere: by registry, how many in which region. */
  readonly late: ReadonlyMap<string, ReadonlyMap<Region, number>>;
  /** Images that could not be reviewed. */
  readonly failures: readonly { readonly image: string; readonly error: Error }[];
  /** False when the time was over before every open image was looked at. */
  readonly complete: boolean;
}

/** Images at once; each may ask several regions. */
const concurrency = 16;
/**
 * An entry comes before its image, so one without an image may belong to an invocation that is under way; none lives
 * as long as this.
 */
const orphanMs = 15 * 60 * 1000;

type EntryOutcome =
  | { readonly kind: 'open'; readonly image: Image; readonly late: readonly Region[] }
  | { readonly kind: 'finished'; readonly image: Image }
  | { readonly kind: 'orphan' }
  | { readonly kind: 'fresh' }
  | { readonly kind: 'failed'; readonly error: Error };

/** Goes through the images that have something open, and through no others. */
export async function reviewImages(
  ports: ImageReviewPorts,
  deadline: Deadline,
  log: Log,
): Promise<ImageReview> {
  const limit = pLimit(concurrency);
  const late = new Map<string, Map<Region, number>>();
  const failures: { image: string; error: Error }[] = [];
  let open = 0;
  let finished = 0;
  let complete = true;
  // A webhook may have found the topic out of order just before, and no other review comes for a while.
  ports.outbox?.resume();
  for await (const page of ports.ledger.open.pages()) {
    const reviewed = await Promise.all(
      page.map((entry) =>
        limit(async () => {
          if (deadline.signal.aborted) complete = false;
          else return { entry, outcome: await reviewEntry(entry, ports, deadline, log) };
          return undefined;
        }),
      ),
    );
    const done: { entry: OpenEntry; image: Image }[] = [];
    const orphans: OpenEntry[] = [];
    for (const { entry, outcome } of reviewed.filter((one) => one !== undefined)) {
      if (outcome.kind === 'failed') failures.push({ image: imageKey(entry.id), error: outcome.error });
      else if (outcome.kind === 'finished') done.push({ entry, image: outcome.image });
      else if (outcome.kind === 'orphan') orphans.push(entry);
      else if (outcome.kind === 'open') {
        open += 1;
        count(late, entry.id.registry, outcome.late);
      }
    }
    finished += done.length;
    await close(ports, done, orphans);
    if (!complete) break;
  }
  return { open, finished, late, failures, complete };
}

function count(late: Map<string, Map<Region, number>>, registry: string, regions: readonly Region[]): void {
  const counts = late.get(registry) ?? new Map<Region, number>();
  for (const region of regions) counts.set(region, (counts.get(region) ?? 0) + 1);
  late.set(registry, counts);
}

/** Entries leave the index after their images are in the index of finished ones, so that none is in neither. */
async function close(
  { ledger, onCopied }: ImageReviewPorts,
  done: readonly { entry: OpenEntry; image: Image }[],
  orphans: readonly OpenEntry[],
): Promise<void> {
  await ledger.finished.add(
    done.map(({ entry, image: { finishedAtMs = 0 } }) => ({
      id: entry.id,
      generation: entry.generation,
      finishedAtMs,
    })),
  );
  const byRegistry = Map.groupBy(done, ({ entry }) => entry.id.registry);
  for (const [registry, images] of byRegistry) {
    for (const { image } of images) {
      for (const [region, ms] of copyTimesOf(image)) onCopied(registry, region, ms);
    }
    await learn(ledger, registry, images);
  }
  await ledger.open.remove([...done.map(({ entry }) => entry), ...orphans]);
}

async function learn(
  { copyTimes }: Ledger,
  registry: string,
  images: readonly { image: Image }[],
): Promise<void> {
  const known = await copyTimes.read(registry);
  const times = images
    .filter(({ image }) => image.replicatedAtMs !== undefined)
    .reduce((learned, { image }) => learnCopyTimes(learned, image), known?.times ?? {});
  try {
    await copyTimes.write(registry, times, known?.version);
  } catch (error) {
    // Another review learned something at the same moment; estimates do without these samples.
    if (!(error instanceof StateChangedError)) throw error;
  }
}

async function reviewEntry(
  entry: OpenEntry,
  ports: ImageReviewPorts,
  deadline: Deadline,
  log: Log,
): Promise<EntryOutcome> {
  const { ledger, retentionMs, now } = ports;
  try {
    const stored = await ledger.images.read(entry.id);
    const isOld = now().getTime() - entry.addedAtMs > orphanMs;
    const behind = stored === undefined || stored.image.generation < entry.generation;
    if (behind) return { kind: isOld ? 'orphan' : 'fresh' };
    if (stored.image.generation > entry.generation) return { kind: 'orphan' };
    if (now().getTime() - lastSeenMs(stored.image) > retentionMs) {
      return { kind: (await forgetImage(ledger, stored)) ? 'orphan' : 'fresh' };
    }
    const { image } = await reviewStored(stored, ports, deadline, log);
    if (image.finishedAtMs !== undefined) {
      await propagateTagReverts(image, ports);
      return { kind: 'finished', image };
    }
    return { kind: 'open', image, late: await lateRegions(image, ports, deadline) };
  } catch (error) {
    return { kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) };
  }
}

async function reviewStored(
  stored: StoredImage,
  { ledger, store, directory, manifests, outbox, changes, findRegistry: named, now }: ImageReviewPorts,
  deadline: Deadline,
  log: Log,
): Promise<StoredImage> {
  const registry = named(stored.image.id.registry);
  // What was configured once is told to the end, but no longer looked after.
  if (registry === undefined) return outbox === undefined ? stored : outbox.flush(stored, log);
  const view = await directory.view(registry, deadline);
  const reviewed = await reviewImage(stored.image, registry, view, { ledger, manifests, now }, deadline);
  const after = outbox === undefined ? { ...reviewed, outbox: [] } : reviewed;
  let written = stored;
  if (!isSame(after, stored.image)) {
    try {
      written = await store.write(stored, after);
      changes.notify(after.id);
    } catch (error) {
      if (!(error instanceof StateChangedError)) throw error;
      // A notice came in between; the next review goes by what it told.
      return (await ledger.images.read(stored.image.id)) ?? stored;
    }
  }
  return outbox === undefined ? written : outbox.flush(written, log);
}

/** When something was first heard of that it waits for. */
const lastSeenMs = ({ firstSeenMs, references }: Image): number =>
  Math.max(firstSeenMs, ...references.map((reference) => reference.firstSeenMs));

const isSame = (a: Image, b: Image): boolean => JSON.stringify(a) === JSON.stringify(b);

async function lateRegions(
  image: Image,
  { directory, findRegistry: named, now }: ImageReviewPorts,
  deadline: Deadline,
): Promise<Region[]> {
  const registry = named(image.id.registry);
  if (registry === undefined || image.expected === undefined) return [];
  const view = await directory.view(registry, deadline);
  const expected = view === undefined ? image.expected : stillExpected(image.expected, view.replicas);
  const late = openReferences(image)
    .filter(({ firstSeenMs }) => now().getTime() - firstSeenMs > registry.replicationSloMs)
    .flatMap((reference) => missingRegions(expected, referenceFacts(image, reference)));
  return [...new Set(late)];
}

/** A review comes every minute; one that takes longer leaves the rest to the next. */
const imagesMs = 40_000;
const retentionMs = 10_000;
/** Old images leave in batches, and some minutes more or less are no matter. */
const retentionPauseMs = 10 * 60 * 1000;

/** As many lines of a kind as a person reads. */
const maxLines = 20;

/** The part of the review that looks after images. */
export function imageReviewer(): (ports: ImageReviewPorts, log: Log) => Promise<ImageReview> {
  let forgottenAtMs = Number.NEGATIVE_INFINITY;

  async function forget({ ledger, retentionMs: keptMs, now }: ImageReviewPorts, log: Log): Promise<void> {
    const nowMs = now().getTime();
    if (nowMs - forgottenAtMs < Math.min(retentionPauseMs, keptMs)) return;
    const images = await forgetFinished(ledger, nowMs - keptMs, deadlineIn(retentionMs));
    forgottenAtMs = nowMs;
    if (images > 0) log.info('images forgotten', { images });
  }

  return async (ports, log) => {
    const review = await reviewImages(ports, deadlineIn(imagesMs), log);
    logReview(review, log);
    await forget(ports, log);
    return review;
  };
}

function logReview({ open, finished, late, failures, complete }: ImageReview, log: Log): void {
  for (const { image, error } of failures.slice(0, maxLines)) {
    log.error('image not reviewed', { image, reason: error.name, detail: error.message });
  }
  const lateImages = [...late].flatMap(([registry, regions]) =>
    [...regions].map(([region, images]) => ({ registry, region, images })),
  );
  log.info('images reviewed', { open, finished, late: lateImages, failures: failures.length, complete });
}

/** The world is not as it should be when an image could not be looked at. */
export function throwImageFailures({ failures }: ImageReview): void {
  const [first] = failures;
  if (first === undefined) return;
  throw new AggregateError(
    failures.map(({ error }) => error),
    `${failures.length} image(s) could not be reviewed, the first is ${first.image}: ${first.error.message}`,
  );
}
