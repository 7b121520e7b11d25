import type { Deadline } from '../lib/deadline.ts';
import type { ReplicaDirectory } from '../registries/directory.ts';
import type { BlobReader, ManifestReader } from '../registries/ports.ts';
import type { Registry } from '../registries/registry.ts';
import type { ImageChanges } from './image-changes.ts';
import type { Ledger } from './ledger.ts';
import type { Outbox } from './outbox.ts';
import type { PullMemory } from './pull-check.ts';
import type { ImageStore } from './store.ts';

/**
 * What everything that deals with images works with. One process has one of them, so that each function knows what the
 * others wrote. Whoever needs less takes a `Pick` of it.
 */
export interface ImagePorts {
  readonly ledger: Ledger;
  readonly store: ImageStore;
  readonly directory: ReplicaDirectory;
  readonly manifests: ManifestReader;
  readonly blobs: BlobReader;
  readonly pulls: PullMemory;
  readonly outbox: Outbox;
  readonly changes: ImageChanges;
  /**
   * By login server. Never throws.
   * @returns `undefined` when the registry is not configured, or is no longer, or that cannot be found out now.
   */
  readonly findRegistry: (loginServer: string, deadline: Deadline) => Promise<Registry | undefined>;
  readonly now: () => Date;
}
