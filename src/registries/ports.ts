import type { Deadline } from '../deadline.ts';
import type { Region } from './region.ts';
import type { Registry } from './registry.ts';
import type { Replica } from './replica.ts';

/** What Resource Manager says of a registry. Every port throws the errors of `call-errors.ts`. */
export interface RegistryReader {
  /** @returns `undefined` when there is no such registry. */
  read(
    registry: Registry,
    deadline: Deadline,
  ): Promise<{ loginServer: string; location: Region } | undefined>;
  /** For discovery: the list may be out of date. */
  listReplicas(registry: Registry, deadline: Deadline): Promise<readonly Replica[]>;
  /** By ARM id, which tells the truth. @returns `undefined` when there is no such replication. */
  readReplica(registry: Registry, name: string, deadline: Deadline): Promise<Replica | undefined>;
}

/** What a regional endpoint says of one manifest. */
export type ManifestAnswer =
  | {
      readonly kind: 'present';
      readonly digest: string;
      readonly mediaType: string;
      readonly sizeBytes: number;
    }
  | { readonly kind: 'absent' }
  /** Alive, and asks not to be asked. */
  | { readonly kind: 'throttled'; readonly retryAfterMs: number }
  /** Nothing is known: no such endpoint, no permission, no answer, an error. */
  | { readonly kind: 'unverified'; readonly reason: string };

export interface ManifestReader {
  /**
   * Asks the regional endpoint for a manifest, without its body. Never throws.
   * @param reference a tag or a digest
   */
  head(
    registry: Registry,
    region: Region,
    repository: string,
    reference: string,
    deadline: Deadline,
  ): Promise<ManifestAnswer>;
  /**
   * The digests that an image index or manifest list names; empty for an image of one platform.
   * @returns `undefined` when the endpoint did not say.
   */
  children(
    registry: Registry,
    region: Region,
    repository: string,
    digest: string,
    deadline: Deadline,
  ): Promise<readonly string[] | undefined>;
}
