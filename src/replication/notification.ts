import type { Region } from '../registries/replica.ts';

/** One image of a repository; a digest names the same content everywhere. */
export interface ImageId {
  /** Name of the registry, in lower case. */
  readonly registry: string;
  /** Such as `team/app`. */
  readonly repository: string;
  /** Such as `sha256:…`. */
  readonly digest: string;
}

/** A region got an image, or somebody pushed one and nobody said where. */
export interface PushNotification {
  readonly kind: 'push';
  readonly image: ImageId;
  /** `undefined` for a push by digest only. */
  readonly tag: string | undefined;
  /** `undefined`: the image is known, and no region has it by this notice. */
  readonly region: Region | undefined;
  /** By the registry's clock: the push's time, or the copy's own. */
  readonly at: Date;
  readonly evidence: 'webhook' | 'event';
  /** Of the manifest, as the notice says. */
  readonly sizeBytes: number | undefined;
}

export interface DeleteNotification {
  readonly kind: 'delete';
  readonly image: ImageId;
  readonly at: Date;
}

/** What a native webhook or an Event Grid event says, as far as evenkeel believes it. */
export type Notification = PushNotification | DeleteNotification;
