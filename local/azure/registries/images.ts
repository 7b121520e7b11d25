import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Copies } from './copies.ts';
import { chartManifest, imageIndex, imageManifest, type Manifest } from './manifest.ts';
import { registryTime } from './notifications.ts';
import type { Registry } from './registry.ts';
import type { Replica } from './replica.ts';
import type { Change } from './replica-content.ts';

export interface ImageSpec {
  /** Path of the repository, such as `team/app`. */
  readonly repository: string;
  readonly tag?: string | undefined;
  /**
   * The digest of an image that the registry has gives that image another tag. Any other digest stands for an
   * image whose content does not hash to it. By default the image is new.
   */
  readonly digest?: string | undefined;
  /** Platforms such as `linux/amd64`. They make the image an index, whose manifests are pushed before it, by digest. */
  readonly platforms?: readonly string[] | undefined;
  /** A chart of Helm instead of an image. */
  readonly chart?: boolean | undefined;
  /** Time that webhooks and events tell, in milliseconds since the epoch; now by default. */
  readonly at?: number | undefined;
  /** The host that the client speaks to and notices name; the login server by default. A custom domain, for one. */
  readonly host?: string | undefined;
}

/** What is to be deleted. */
export interface DeletionSpec {
  readonly repository: string;
  readonly digest: string;
  /** As for a push. */
  readonly host?: string | undefined;
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
    const { repository, tag, digest, platforms = [], chart = false, at, host = registry.loginServer } = spec;
    const timestamp = registryTime(at ?? this.clock.now(), this.noise);
    const pushed = (manifest: Manifest, as: string | undefined): Change => {
      const change = this.change('push', { repository, tag: as, manifest, isChart: chart, timestamp, host });
      const key = `${repository}@${manifest.digest}`;
      registry.pushes.set(key, (registry.pushes.get(key) ?? new Map()).set(as, change));
      this.copies.spread(registry, origin, change);
      return change;
    };
    const known = digest === undefined ? undefined : manifestIn(registry, repository, digest);
    if (known !== undefined) return pushed(known, tag).manifest.digest;
    if (chart) return pushed(chartManifest(this.random, digest), tag).manifest.digest;
    if (platforms.length === 0) return pushed(imageManifest(this.random, digest), tag).manifest.digest;
    const children = platforms.map((platform) => ({ platform, manifest: imageManifest(this.random) }));
    for (const { manifest } of children) pushed(manifest, undefined);
    return pushed(imageIndex(children, digest), tag).manifest.digest;
  }

  /** @throws RangeError when the registry has no such image. */
  delete(registry: Registry, origin: Replica, spec: DeletionSpec): void {
    const { repository, digest, host = registry.loginServer } = spec;
    const key = `${repository}@${digest}`;
    const [latest] = registry.pushes.get(key)?.values() ?? [];
    if (latest === undefined) throw new RangeError(`the registry ${registry.name} has no ${key}`);
    registry.pushes.delete(key);
    const timestamp = registryTime(this.clock.now(), this.noise);
    const { manifest, isChart } = latest;
    const change = this.change('delete', { repository, tag: undefined, manifest, isChart, timestamp, host });
    this.copies.spread(registry, origin, change);
  }

  private change(kind: Change['kind'], content: Omit<Change, 'kind' | 'sequence' | 'requestId'>): Change {
    this.changes += 1;
    return { kind, sequence: this.changes, requestId: randomUUID(), ...content };
  }
}

function manifestIn(registry: Registry, repository: string, digest: string): Manifest | undefined {
  const [push] = registry.pushes.get(`${repository}@${digest}`)?.values() ?? [];
  return push?.manifest;
}
