import type { Deadline } from '../lib/deadline.ts';
import type { CopiesOfDay } from './copies-of-day.ts';
import type { CopyTimes } from './copy-times.ts';
import type { Image, ImageId } from './image.ts';
import type { Notification } from './notification.ts';

/**
 * Everything that is kept of images. Each method throws `StateUnavailableError` when storage does not answer; each that
 * writes with a version throws `StateChangedError` when somebody else was first. Each call, and each page of a listing,
 * ends at the deadline, whatever storage does.
 */
export interface Ledger {
  readonly images: ImageLedger;
  readonly tags: TagLedger;
  readonly open: OpenImages;
  readonly finished: FinishedImages;
  readonly copyTimes: CopyTimesStore;
}

/** An image as it was read, and its version, which every write replaces. */
export interface StoredImage {
  readonly image: Image;
  readonly version: string;
  /** Notifications that are stored beside the image, and not yet part of it. */
  readonly notices: readonly Notice[];
}

/**
 * A notification that is stored beside its image, because others wrote the image all the time. The next writer takes it
 * in, or the review does.
 */
export interface Notice {
  readonly notification: Notification;
  /** By evenkeel's clock. */
  readonly receivedAtMs: number;
}

/** One entity an image. */
export interface ImageLedger {
  read(id: ImageId, deadline: Deadline): Promise<StoredImage | undefined>;
  /** @throws {StateChangedError} when it exists. */
  insert(image: Image, deadline: Deadline): Promise<StoredImage>;
  /**
   * @param notices what stays beside the image
   * @throws {StateChangedError} when it changed after it was read.
   */
  update(
    image: Image,
    version: string,
    deadline: Deadline,
    notices?: readonly Notice[],
  ): Promise<StoredImage>;
  /**
   * Stores notifications beside an image, whoever else writes it at the same time. A version that was read before is out
   * of date then. Repeats of a notification are one.
   *
   * @returns false when there is no such image.
   * @throws {StateRefusedError} when there is no room for them.
   */
  append(id: ImageId, notices: readonly Notice[], deadline: Deadline): Promise<boolean>;
  /** @throws {StateChangedError} when it changed after it was read. */
  remove(id: ImageId, version: string, deadline: Deadline): Promise<void>;
}

export interface TagId {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
}

/** A digest that a tag pointed at. */
export interface TagCandidate {
  readonly digest: string;
  /** In ms, by the registry's clock: the time of the newest notification that was known when it was added. */
  readonly atMs: number;
}

/** The digests that a tag pointed at. Only the images themselves tell which one is the newest. */
export interface TagLedger {
  add(tag: TagId, candidate: TagCandidate, deadline: Deadline): Promise<void>;
  /** @returns the newest first. */
  read(tag: TagId, deadline: Deadline): Promise<readonly TagCandidate[]>;
  /** Forgets digests, unless the tag was pushed to them after the time that is given for each. */
  forget(tag: TagId, candidates: readonly TagCandidate[], deadline: Deadline): Promise<void>;
}

/** An entry of the index of open images. */
export interface OpenEntry {
  readonly id: ImageId;
  /** The generation of the image that the entry was made for. */
  readonly generation: number;
  readonly addedAtMs: number;
}

export type OpenPosition = Pick<OpenEntry, 'id' | 'generation'>;

/** An entry that was not written or removed, and why. */
export interface RefusedEntry<Entry> {
  readonly entry: Entry;
  readonly error: Error;
}

/** The index of images that have something open. An entry is written before its image, and removed when all is done. */
export interface OpenImages {
  add(id: ImageId, generation: number, deadline: Deadline): Promise<void>;
  /**
   * All entries, page by page.
   * @param after begins with those after this entry, and ends with it, whether or not it is still there.
   */
  pages(deadline: Deadline, after?: OpenPosition): AsyncIterable<readonly OpenEntry[]>;
  /** The last entry that a review came to; `undefined` when the last one came to all. */
  readPosition(deadline: Deadline): Promise<OpenPosition | undefined>;
  writePosition(position: OpenPosition | undefined, deadline: Deadline): Promise<void>;
  /** Never throws: what is wrong with one entry concerns no other. */
  remove(entries: readonly OpenEntry[], deadline: Deadline): Promise<readonly RefusedEntry<OpenEntry>[]>;
}

export interface FinishedEntry {
  readonly id: ImageId;
  readonly generation: number;
  readonly finishedAtMs: number;
  /** The tags of the image, each with the time of its last push; none in an entry of an earlier version. */
  readonly tags?: readonly { readonly tag: string; readonly atMs: number }[];
}

/**
 * The index of finished images by the time when they were finished, for their retention. The two changes never throw:
 * what is wrong with one entry concerns no other.
 */
export interface FinishedImages {
  add(entries: readonly FinishedEntry[], deadline: Deadline): Promise<readonly RefusedEntry<FinishedEntry>[]>;
  /** The oldest first, page by page. */
  pagesBefore(timeMs: number, deadline: Deadline): AsyncIterable<readonly FinishedEntry[]>;
  remove(
    entries: readonly FinishedEntry[],
    deadline: Deadline,
  ): Promise<readonly RefusedEntry<FinishedEntry>[]>;
}

/** The copy times of each registry. */
export interface CopyTimesStore {
  read(
    registry: string,
    deadline: Deadline,
  ): Promise<{ times: CopyTimes; version: string; lastDay?: CopiesOfDay | undefined } | undefined>;
  /** @param version `undefined` for a registry that has none yet. */
  write(
    registry: string,
    times: CopyTimes,
    version: string | undefined,
    deadline: Deadline,
    lastDay?: CopiesOfDay,
  ): Promise<void>;
}
