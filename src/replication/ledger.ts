import type { ImageReport } from '../events/image-report.ts';
import type { Deadline } from '../lib/deadline.ts';
import type { Log, LogFields } from '../lib/log.ts';
import type { ReplicaDirectory } from '../registries/directory.ts';
import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import type { Image } from './image.ts';
import type { ImageId, Notification } from './notification.ts';
import type { RecordResult } from './record.ts';

/** An image as it was read, and its version, which every write replaces. */
export interface StoredImage {
  readonly image: Image;
  readonly version: string;
}

/**
 * One entity an image. Every port of the ledger throws `StateUnavailableError` when storage does not answer, and
 * `StateChangedError` when somebody else was first.
 */
export interface ImageLedger {
  read(id: ImageId): Promise<StoredImage | undefined>;
  /** Fails when it exists. */
  insert(image: Image): Promise<StoredImage>;
  /** Fails when it changed after it was read. */
  update(image: Image, version: string): Promise<StoredImage>;
  /** Fails when it changed after it was read. */
  remove(id: ImageId, version: string): Promise<void>;
}

export interface TagId {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
}

/** A digest that a tag pointed at. */
export interface TagCandidate {
  readonly digest: string;
  /** By the registry's clock: as old as the notice that made it known, which may be a copy's. */
  readonly atMs: number;
}

/** Which digests a tag pointed at; only the images themselves say which one is the newest. */
export interface TagLedger {
  add(tag: TagId, candidate: TagCandidate): Promise<void>;
  /** The newest first. */
  read(tag: TagId): Promise<readonly TagCandidate[]>;
  forget(tag: TagId, digests: readonly string[]): Promise<void>;
}

/** An image that has something open, as the index of such images lists it. */
export interface OpenEntry {
  readonly id: ImageId;
  /** The generation of the image that it was made for. */
  readonly generation: number;
  readonly addedAtMs: number;
}

/** The index of images that have something open. An entry is there before the image, and goes when all is done. */
export interface OpenImages {
  add(id: ImageId, generation: number): Promise<void>;
  /** Page by page. */
  pages(): AsyncIterable<readonly OpenEntry[]>;
  remove(entries: readonly OpenEntry[]): Promise<void>;
}

export interface FinishedEntry {
  readonly id: ImageId;
  readonly generation: number;
  readonly finishedAtMs: number;
}

/** The index of finished images by the time when they were, for their retention. */
export interface FinishedImages {
  add(entries: readonly FinishedEntry[]): Promise<void>;
  /** The oldest first, page by page. */
  pagesBefore(timeMs: number): AsyncIterable<readonly FinishedEntry[]>;
  remove(entries: readonly FinishedEntry[]): Promise<void>;
}

/** How long copies took, in ms, by region and size class; see `copy-times.ts`. */
export type CopyTimes = Readonly<Record<Region, Readonly<Record<string, readonly number[]>>>>;

/** What was learned of each registry's regions. */
export interface CopyTimesStore {
  read(registry: string): Promise<{ times: CopyTimes; version: string } | undefined>;
  write(registry: string, times: CopyTimes, version: string | undefined): Promise<void>;
}

/** Everything that is kept of images. */
export interface Ledger {
  readonly images: ImageLedger;
  readonly tags: TagLedger;
  readonly open: OpenImages;
  readonly finished: FinishedImages;
  readonly copyTimes: CopyTimesStore;
}

/** Where both inputs of image replication lead. */
export interface NotificationPorts {
  readonly directory: Pick<ReplicaDirectory, 'has'>;
  /** @throws {StateUnavailableError} when it is not recorded. */
  record(notice: Notification, registry: Registry, deadline: Deadline, log: Log): Promise<RecordResult>;
}

/** What a log line says of an image. */
export const reportFacts = ({ action, repository, tag, digest }: ImageReport): LogFields => ({
  action,
  repository,
  tag: tag ?? null,
  digest,
});
