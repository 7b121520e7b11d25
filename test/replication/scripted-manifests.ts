import type {
  BlobAnswer,
  BlobReader,
  ManifestAnswer,
  ManifestContents,
  ManifestReader,
} from '../../src/registries/ports.ts';
import type { Registry } from '../../src/registries/registry.ts';
import type { Region } from '../../src/registries/replica.ts';

/** What a regional endpoint has: a digest for each tag, and digests. */
export interface EndpointContent {
  readonly tags: ReadonlyMap<string, string>;
  readonly digests: ReadonlySet<string>;
}

/** Regional endpoints that answer as a test says. */
export class ScriptedManifests implements ManifestReader, BlobReader {
  readonly regions = new Map<Region, EndpointContent | Exclude<ManifestAnswer, { kind: 'present' }>>();
  readonly requests: string[] = [];
  /** What manifests consist of, by digest. */
  readonly parts = new Map<string, ManifestContents>();
  /** Region and digest of configs and layers that are not there; all others are. */
  readonly missingBlobs = new Set<string>();

  has(region: Region, tags: Readonly<Record<string, string>>, digests: readonly string[] = []): void {
    const known = new Map(Object.entries(tags));
    this.regions.set(region, { tags: known, digests: new Set([...known.values(), ...digests]) });
  }

  async head(_registry: Registry, region: Region, _repository: string, reference: string) {
    this.requests.push(`${region} ${reference}`);
    const content = this.regions.get(region) ?? { kind: 'unverified' as const, reason: 'no such endpoint' };
    if ('kind' in content) return content;
    const digest = content.digests.has(reference) ? reference : content.tags.get(reference);
    if (digest === undefined) return { kind: 'absent' as const };
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    return { kind: 'present' as const, digest, mediaType, sizeBytes: undefined };
  }

  confirmAbsence = (...question: Parameters<ScriptedManifests['head']>) => this.head(...question);

  async contents(_registry: Registry, _region: Region, _repository: string, digest: string) {
    return this.parts.get(digest);
  }

  async hasBlob(
    _registry: Registry,
    region: Region,
    _repository: string,
    digest: string,
  ): Promise<BlobAnswer> {
    this.requests.push(`${region} ${digest}`);
    const content = this.regions.get(region);
    if (content !== undefined && 'kind' in content) return content;
    return { kind: this.missingBlobs.has(`${region} ${digest}`) ? 'absent' : 'present' };
  }
}
