import type { Region } from '../../../registries/replica.ts';
import type { ImageReference } from './image-reference.ts';

/** What has to be true before the wait is over. */
export interface WaitCondition {
  readonly image: ImageReference;
  /** `all`: the regions that the app expects. */
  readonly regions: 'all' | readonly Region[];
  /** Whether to wait until the image is gone, instead of until it is there. */
  readonly gone: boolean;
  readonly minEvidence: MinEvidence;
  /** Whether the images of all platforms have to be there, too. */
  readonly closure: boolean;
  /** Whether to keep waiting for an image whose objective has passed. */
  readonly throughStall: boolean;
  readonly timeoutMs: number;
}

/**
 * From the weakest. `webhook` and `event` count the same: the region said so. `verified` means that the regional
 * endpoint answered for the manifest, and `pullable` that it did for the config and every layer, too. `any` also
 * accepts kinds of evidence that this version does not know.
 */
export const minEvidences = ['any', 'webhook', 'event', 'verified', 'pullable'] as const;
export type MinEvidence = (typeof minEvidences)[number];
