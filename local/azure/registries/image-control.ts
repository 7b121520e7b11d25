import type { Arrival, Copies } from './copies.ts';
import type { DeletionSpec, ImageSpec, Images, UntagSpec } from './images.ts';
import type { Lookup } from './lookup.ts';
import type { ImageParts } from './missing-part.ts';
import type { Registry } from './registry.ts';
import type { Replica } from './replica.ts';

interface Place {
  readonly registry: string;
  /** Where the client acts; the home region by default. */
  readonly region?: string | undefined;
}

/** The images of registries as a test or scenario handles them. */
export function imageControl({
  lookup: { known, replicaAt },
  images,
  copies,
}: {
  readonly lookup: Lookup;
  readonly images: Images;
  readonly copies: Copies;
}) {
  const place = ({ registry, region }: Place): [Registry, Replica] => {
    const found = known(registry);
    return [found, replicaAt(registry, region ?? found.home)];
  };
  /** The digest that a reference leads to in a replica; undefined when it is not there. */
  const resolve = (registry: string, region: string, reference: string): string | undefined => {
    const [, repository = reference, digest, tag = 'latest'] =
      /^([^@:]+)(?:@(.+)|:(.+))?$/.exec(reference) ?? [];
    return replicaAt(registry, region).content.find(repository, digest ?? tag)?.digest;
  };
  return {
    /** Pushes an image, which is in its region at once; returns its digest. */
    push(spec: ImageSpec & Place): string {
      return images.push(...place(spec), spec);
    },

    /** Deletes a manifest and its tags: in `region`, or at home, at once, and in the others as copies go. */
    delete(spec: DeletionSpec & Place): void {
      images.delete(...place(spec), spec);
    },

    /** Removes a tag, as `delete` does a manifest, which stays. Nobody is told. */
    untag(spec: UntagSpec & Place): void {
      images.untag(...place(spec), spec);
    },

    /**
     * The digests of an image's config, layers and platforms.
     * @throws RangeError when the registry never had it.
     */
    partsOf(registry: string, repository: string, digest: string): ImageParts {
      return images.parts(known(registry), repository, digest);
    },

    /** A manifest, config or layer is missing in a region, whether it came already or is yet to come, until `repair`. */
    withhold(registry: string, region: string, repository: string, digest: string): void {
      replicaAt(registry, region).content.withhold(`${repository}@${digest}`);
    },

    /** What is missing in a region comes, and what waited for it: one manifest or blob, or everything. */
    repair(
      registry: string,
      region: string,
      what?: { readonly repository: string; readonly digest: string },
    ): void {
      const keys = what && [`${what.repository}@${what.digest}`];
      copies.repair(replicaAt(registry, region), keys);
    },

    /** @param reference A repository with a tag or a digest: `team/app:v1` or `team/app@sha256:…`. */
    holds(registry: string, region: string, reference: string): boolean {
      return resolve(registry, region, reference) !== undefined;
    },

    resolve,

    /** Runs when a push or deletion has taken effect in a replica. Returns how to remove it. */
    onArrival(listener: (arrival: Arrival) => void): () => void {
      return copies.onArrival(listener);
    },
  };
}
