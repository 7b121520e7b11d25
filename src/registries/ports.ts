import type { Deadline } from '../lib/deadline.ts';
import type { Registry } from './registry.ts';
import type { Region, Replica } from './replica.ts';

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

/** Changes a replication at Resource Manager. Throws the errors of `call-errors.ts`. */
export interface ReplicaWriter {
  /**
   * Takes a replica into global routing or out of it.
   * @param replicaName of the replication, which is not the region.
   * @param change `tags` replaces all tags that the replication has.
   * @returns `running` when the change was accepted and its end was not seen; reading the replication tells.
   * @throws {RefusedCallError} also when the change was accepted and failed afterwards.
   */
  setGlobalRouting(
    registry: Registry,
    replicaName: string,
    change: { readonly enabled: boolean; readonly tags: Readonly<Record<string, string>> },
    deadline: Deadline,
  ): Promise<'done' | 'running'>;
}

/** What a regional endpoint says of one manifest. */
export type ManifestAnswer =
  | {
      readonly kind: 'present';
      readonly digest: string;
      readonly mediaType: string;
      /** `undefined` when the answer does not say. */
      readonly sizeBytes: number | undefined;
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

/** What a regional endpoint shows of itself. */
export type ProbeAnswer =
  /** From the beginning of a new connection to the answer. */
  | { readonly kind: 'alive'; readonly latencyMs: number }
  /** Alive, and asks not to be asked. */
  | { readonly kind: 'throttled'; readonly retryAfterMs: number }
  | { readonly kind: 'failing'; readonly reason: string; readonly latencyMs: number }
  /** Nothing is known: not to be asked, no such endpoint, an answer that says nothing of its health. */
  | { readonly kind: 'unknown'; readonly reason: string };

export interface EndpointProber {
  /** Asks without a credential whether a regional endpoint is there. Never throws. */
  probe(registry: Registry, region: Region, deadline: Deadline): Promise<ProbeAnswer>;
}
