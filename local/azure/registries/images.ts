import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Copies, CopyTimes } from './copies.ts';
import { chartManifest, imageIndex, imageManifest, type Manifest } from './manifest.ts';
import { digestOfPart, type ImageParts, type MissingPart, partsOf } from './missing-part.ts';
import { registryTime } from './notifications.ts';
import { type Registry, regionOf, replicaIn } from './registry.ts';
import type { Replica } from './replica.ts';
import type { Change } from './replica-content.ts';

interface Travel {
  /** When a change is in regions other than its own, in milliseconds from now; drawn by default. */
  readonly copyAfterMs?: CopyTimes | undefined;
  /** Time that webhooks and events tell, in milliseconds since the epoch; now by default. */
  readonly at?: number | undefined;
  /** The host that the client speaks to and notices name; the login server by default. A custom domain, for one. */
  readonly host?: string | undefined;
}

export interface ImageSpec extends Travel {
  /** Path of the repository, such as `team/app`. */
  readonly repository: string;
  readonly tag?: string | undefined;
  /**
   * The digest of an image that the registry has or had pushes that image again. Any other digest stands for an image
   * whose content does not hash to it. By default the image is new.
   */
  readonly digest?: string | undefined;
  /** Platforms such as `linux/amd64`. They make the image an index, whose manifests are pushed before it, by digest. */
  readonly platforms?: readonly string[] | undefined;
  /** How many layers the image, or each of its platforms, has; two by default. */
  readonly layers?: number | undefined;
  /** What does not come to a region with the rest. Notices come all the same, except those of a missing manifest. */
  readonly missing?: readonly MissingPart[] | undefined;
  /** A chart of Helm instead of an image. */
  readonly chart?: boolean | undefined;
}

/** What is to be deleted. */
export interface DeletionSpec extends Travel {
  readonly repository: string;
  readonly digest: string;
}

/** A tag that is to be removed; its manifest stays. */
export interface UntagSpec extends Travel {
  readonly repository: string;
  readonly tag: string;
}

/** Pushes and deletes images. */
export class Images {
  private readonly clock: Clock;
  private readonly copies: Copies;
  private readonly random: () => number;
  private readonly noise: () => number;
  private changes = 0;

  /** @param parts `random` draws the digests, the same for the same seed. */
  constructor(parts: { clock: Clock; copies: Copies; random: () => number; noise: () => number }) {
    this.clock = parts.clock;
    this.copies = parts.copies;
    this.random = parts.random;
    this.noise = parts.noise;
  }

  /** Pushes to one replica, from where the image goes to the others; returns its digest. */
  push(registry: Registry, origin: Replica, spec: ImageSpec): string {
    const { repository, tag, at, chart = false, host = registry.loginServer } = spec;
    const timestamp = registryTime(at ?? this.clock.now(), this.noise);
    const pushed = (manifest: Manifest, as: string | undefined): Change => {
      const change = this.change('push', { repository, tag: as, manifest, isChart: chart, timestamp, host });
      const key = `${repository}@${manifest.digest}`;
      registry.manifests.set(key, manifest);
      registry.pushes.set(key, (registry.pushes.get(key) ?? new Map()).set(as, change));
      this.copies.spread(registry, origin, change, spec.copyAfterMs);
      return change;
    };
    const image = this.imageOf(registry, spec);
    for (const part of spec.missing ?? []) {
      const replica = replicaWithout(registry, origin, part);
      replica.content.withhold(`${repository}@${digestOfPart(image, part)}`);
    }
    for (const { manifest } of image.children) {
      // Like a client, which skips what is there.
      if (!origin.content.isComplete(repository, manifest)) pushed(manifest, undefined);
    }
    return pushed(image, tag).manifest.digest;
  }

  /** @throws RangeError when the registry never had such an image. */
  parts(registry: Registry, repository: string, digest: string): ImageParts {
    const found = registry.manifests.get(`${repository}@${digest}`);
    if (found !== undefined) return partsOf(found);
    throw new RangeError(`the registry ${registry.name} has no ${repository}@${digest}`);
  }

  /** @throws RangeError when the registry has no such image. */
  delete(registry: Registry, origin: Replica, spec: DeletionSpec): void {
    const { repository, digest, host = registry.loginServer } = spec;
    const key = `${repository}@${digest}`;
    const [latest] = registry.pushes.get(key)?.values() ?? [];
    if (latest === undefined) throw new RangeError(`the registry ${registry.name} has no ${key}`);
    registry.pushes.delete(key);
    const timestamp = registryTime(spec.at ?? this.clock.now(), this.noise);
    const { manifest, isChart } = latest;
    const change = this.change('delete', { repository, tag: undefined, manifest, isChart, timestamp, host });
    this.copies.spread(registry, origin, change, spec.copyAfterMs);
  }

  /** @throws RangeError when the replica has no such tag. */
  untag(registry: Registry, origin: Replica, spec: UntagSpec): void {
    const { repository, tag, host = registry.loginServer } = spec;
    const manifest = origin.content.find(repository, tag);
    if (manifest === undefined) throw new RangeError(`${origin.region} has no ${repository}:${tag}`);
    forgetTag(registry, repository, tag);
    const timestamp = registryTime(spec.at ?? this.clock.now(), this.noise);
    const change = this.change('untag', { repository, tag, manifest, isChart: false, timestamp, host });
    this.copies.spread(registry, origin, change, spec.copyAfterMs);
  }

  private imageOf(registry: Registry, spec: ImageSpec): Manifest {
    const { repository, digest, platforms = [], layers = 2, chart = false } = spec;
    const known = digest === undefined ? undefined : registry.manifests.get(`${repository}@${digest}`);
    if (known !== undefined) return known;
    if (chart) return chartManifest(this.random, digest);
    if (platforms.length === 0)
      return imageManifest(this.random, { digest, layers, platform: 'linux/amd64' });
    const children = platforms.map((platform) => ({
      platform,
      manifest: imageManifest(this.random, { layers, platform }),
    }));
    return imageIndex(children, digest);
  }

  private change(kind: Change['kind'], content: Omit<Change, 'kind' | 'sequence' | 'requestId'>): Change {
    this.changes += 1;
    return { kind, sequence: this.changes, requestId: randomUUID(), ...content };
  }
}

/** A replica that is added later gets the manifests that had the tag without it. */
function forgetTag({ pushes }: Registry, repository: string, tag: string): void {
  for (const [key, ofImage] of pushes) {
    const push = ofImage.get(tag);
    if (push === undefined || !key.startsWith(`${repository}@`)) continue;
    ofImage.delete(tag);
    if (ofImage.size === 0) ofImage.set(undefined, { ...push, tag: undefined });
  }
}

/** A registry refuses a manifest without its parts, so where a client pushes, nothing is missing. */
function replicaWithout(registry: Registry, origin: Replica, { region }: MissingPart): Replica {
  const replica = replicaIn(registry, regionOf(region));
  if (replica === undefined)
    throw new RangeError(`the registry ${registry.name} has no replica in ${region}`);
  if (replica === origin) throw new RangeError(`nothing can be missing in ${region}, which is pushed to`);
  return replica;
}
