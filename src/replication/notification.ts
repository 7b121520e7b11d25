import type { Region } from '../registries/replica.ts';
import type { ImageId } from './image.ts';

/** What a native webhook or an Event Grid event reports, as far as evenkeel believes it. */
export type Notification = PushNotification | DeleteNotification;

/** A region has an image; or an image was pushed, and the notification does not say where. */
export interface PushNotification {
  readonly kind: 'push';
  readonly image: ImageId;
  /** `undefined` for a push by digest only. */
  readonly tag: string | undefined;
  /** `undefined`: the image is known, but this notification makes it available nowhere. */
  readonly region: Region | undefined;
  /** The registry's time: that of the push, or that of the region's copy. */
  readonly at: Date;
  readonly evidence: 'webhook' | 'event';
  /** Size of the manifest, where the notification has it. */
  readonly sizeBytes: number | undefined;
}

export interface DeleteNotification {
  readonly kind: 'delete';
  readonly image: ImageId;
  /** The region that deleted it; `undefined`: the notification does not say, and so concerns every region. */
  readonly region: Region | undefined;
  /** The registry's time of the deletion in that region. */
  readonly at: Date;
}
