import type { Deadline } from '../lib/deadline.ts';
import type { ImageReference, Registry } from './registry.ts';
import type { Region, Replica } from './replica.ts';
import type { RoleAssignmentMode } from './role-assignment-mode.ts';

/** A registry as Resource Manager shows it. */
export interface RegistryResource {
  /** Such as `myregistry.azurecr.io`. */
  readonly loginServer: string;
  readonly location: Region;
  readonly roleAssignmentMode: RoleAssignmentMode;
}

/** Reads registries from Resource Manager. Throws the call errors of `lib/errors.ts`. */
export interface RegistryReader {
  /** @returns `undefined` when there is no such registry. */
  read(registry: Registry, deadline: Deadline): Promise<RegistryResource | undefined>;
  /** Lists the replicas. The list may be out of date. */
  listReplicas(registry: Registry, deadline: Deadline): Promise<readonly Replica[]>;
  /** Reads one replication, which is up to date. @returns `undefined` when there is no such replication. */
  readReplica(registry: Registry, name: string, deadline: Deadline): Promise<Replica | undefined>;
}

/** Changes replications at Resource Manager. Throws the call errors of `lib/errors.ts`. */
export interface ReplicaWriter {
  /**
   * Takes a replica into global routing or out of it.
   * @param replicaName the name of the replication, which is not the region.
   * @param change `tags` replaces all tags that the replication has.
   * @returns `running` when the change was accepted and its end was not seen; a read of the replication shows it later.
   * @throws {RefusedCallError} also when the change was accepted and then failed.
   */
  setGlobalRouting(
    registry: Registry,
    replicaName: string,
    change: { readonly enabled: boolean; readonly tags: Readonly<Record<string, string>> },
    deadline: Deadline,
  ): Promise<'done' | 'running'>;
}

/** The answer of a regional endpoint about one manifest. */
export type ManifestAnswer =
  | {
      readonly kind: 'present';
      readonly digest: string;
      readonly mediaType: string;
      /** `undefined` when the answer names no size. */
      readonly sizeBytes: number | undefined;
    }
  | { readonly kind: 'absent' }
  | NotAsked;

/** A question that a regional endpoint did not answer. */
export type NotAsked =
  /** Nothing more may be asked for this time, whether by the endpoint or by the service that gives tokens for it. */
  | {
      readonly kind: 'throttled';
      readonly by: 'endpoint' | 'tokenService';
      readonly retryAfterMs: number;
    }
  /** Nothing is known: no such endpoint, no permission, no answer, an error. */
  | { readonly kind: 'unverified'; readonly reason: string };

/** What a manifest consists of, by digest. */
export type ManifestContents =
  /** The manifests that an image index or manifest list names. */
  | { readonly kind: 'index'; readonly children: readonly string[] }
  /** The config and the layers of one image, without the layers that clients fetch from elsewhere. */
  | { readonly kind: 'image'; readonly blobs: readonly string[] }
  /** A manifest of another kind. */
  | { readonly kind: 'other' };

export interface ManifestReader {
  /**
   * Reads the headers of a manifest at the regional endpoint. Never throws.
   * @param reference a tag or a digest.
   */
  head(
    registry: Registry,
    region: Region,
    repository: string,
    reference: string,
    deadline: Deadline,
  ): Promise<ManifestAnswer>;
  /**
   * Like `head`, but `absent` only where the registry itself says that it knows no such manifest, and not where
   * something on the way answers 404. Never throws.
   */
  confirmAbsence(
    registry: Registry,
    region: Region,
    repository: string,
    digest: string,
    deadline: Deadline,
  ): Promise<ManifestAnswer>;
  /**
   * What a manifest consists of. Never throws.
   * @returns `undefined` when the endpoint did not give the manifest.
   */
  contents(
    registry: Registry,
    region: Region,
    repository: string,
    digest: string,
    deadline: Deadline,
  ): Promise<ManifestContents | undefined>;
}

/** The answer of a regional endpoint about one config or layer. */
export type BlobAnswer = { readonly kind: 'present' } | { readonly kind: 'absent' } | NotAsked;

export interface BlobReader {
  /** Asks the regional endpoint whether a repository has a blob, without its content. Never throws. */
  hasBlob(
    registry: Registry,
    region: Region,
    repository: string,
    digest: string,
    deadline: Deadline,
  ): Promise<BlobAnswer>;
}

/** The answer of a regional endpoint to a probe. */
export type ProbeAnswer =
  /** `latencyMs` runs from the beginning of a new connection to the answer. */
  | { readonly kind: 'alive'; readonly latencyMs: number }
  /** The endpoint is alive and wants no further calls for this time. */
  | { readonly kind: 'throttled'; readonly retryAfterMs: number }
  | { readonly kind: 'failing'; readonly reason: string; readonly latencyMs: number }
  /**
   * Nothing is known: probing is off, there is no such endpoint, or the answer shows nothing about its health.
   * `hasAnswered`: there is an endpoint, and the reason says what it answered.
   */
  | { readonly kind: 'unknown'; readonly reason: string; readonly hasAnswered?: true };

export interface EndpointProber {
  /** Requests the root of a regional endpoint, without a credential. Never throws. */
  probe(registry: Registry, region: Region, deadline: Deadline): Promise<ProbeAnswer>;
}

/** An image that replicas are asked to serve as to a client. */
export interface ProbeImage extends ImageReference {
  /** The regions that are known to have it; `all` when it is meant to be everywhere. */
  readonly regions: 'all' | readonly Region[];
}

/** What a client that pulls does, in this order. */
export type PullStep = 'token' | 'manifest' | 'layer';

/** What came of the first steps of a pull at a regional endpoint. */
export type PullAnswer =
  /** It gave a token, the manifest and the first bytes of a layer. */
  | { readonly kind: 'served'; readonly latencyMs: number }
  /** One of its services answered 429: it is alive, and the rest was not asked for. */
  | { readonly kind: 'throttled'; readonly retryAfterMs: number }
  /** 5xx, connection refused or lost, no answer in time. */
  | { readonly kind: 'failing'; readonly step: PullStep; readonly reason: string }
  /** 401, 403 or 404. Whether that is about the replica, only the others show. */
  | {
      readonly kind: 'refused';
      readonly step: PullStep;
      readonly status: number;
      readonly reason: string;
    }
  /** Nothing is known: no request was sent, or the answer shows nothing. */
  | { readonly kind: 'unknown'; readonly reason: string };

export interface PullProber {
  /** Does what a client does first when it pulls an image, up to the first bytes of a layer. Never throws. */
  pull(registry: Registry, region: Region, image: ProbeImage, deadline: Deadline): Promise<PullAnswer>;
}

/** What Azure Resource Health says of a registry. It explains, and proves nothing. */
export interface Availability {
  /** Such as `Available`, `Degraded`, `Unavailable` or `Unknown`. */
  readonly state: string;
  readonly summary: string | undefined;
  /** Since when, as ISO 8601; `undefined` where Azure does not say. */
  readonly since: string | undefined;
}

/** What others say of a registry. Neither method throws, and neither raises a flag. */
export interface RegistryHearsay {
  /** @returns `undefined` where it cannot be read: without permission, or for a registry that Azure does not watch. */
  availability(registry: Registry, deadline: Deadline): Promise<Availability | undefined>;
  /**
   * The names to which the global login server leads this app, in order; clients elsewhere may be led elsewhere.
   * @returns `undefined` when DNS did not tell in time, or is not asked.
   */
  route(loginServer: string, deadline: Deadline): Promise<readonly string[] | undefined>;
}
