import type { ManifestContents } from '../registries/ports.ts';

/** What a region has to have for a pull of an image to work there, beside the image's own manifest. */
export interface PullContents {
  /** The manifests of the platforms that were asked for. */
  readonly manifests: readonly string[];
  /** Configs and layers, each once. */
  readonly blobs: readonly string[];
  /** Manifests that have to be read before the rest is known. */
  readonly unread: readonly string[];
  /** Why the contents can never be known; `undefined` while they can. */
  readonly problem: string | undefined;
}

/** Real indexes name a dozen manifests at most, attestations included; real images have up to 127 layers. */
const maxManifests = 128;
const maxBlobs = 2_000;
/** An index may name indexes. */
const maxDepth = 3;

/**
 * What to ask a region for.
 *
 * | a manifest          | without `closure`                     | with `closure`                    |
 * |---------------------|---------------------------------------|-----------------------------------|
 * | of one image        | its config and layers                 | its config and layers             |
 * | that is an index    | nothing: no platform was asked for    | its children, and what they hold  |
 * | that was not read   | `unread`                              | `unread`                          |
 * | of another kind     | `problem`                             | `problem`                         |
 *
 * @param known the manifests that were read, by digest
 */
export function pullContents(
  digest: string,
  known: ReadonlyMap<string, ManifestContents>,
  closure: boolean,
): PullContents {
  const manifests = new Set<string>();
  const blobs = new Set<string>();
  const unread = new Set<string>();
  let problem: string | undefined;
  let level = [digest];
  for (let depth = 0; level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const manifest of level) {
      const contents = known.get(manifest);
      if (contents === undefined) unread.add(manifest);
      else if (contents.kind === 'image') for (const blob of contents.blobs) blobs.add(blob);
      else if (contents.kind === 'other') problem ??= `the manifest ${manifest} names no layers`;
      else if (closure) next.push(...contents.children.filter((child) => !manifests.has(child)));
    }
    if (next.length > 0 && depth >= maxDepth) problem ??= `its indexes are nested more than ${maxDepth} deep`;
    level = depth < maxDepth ? [...new Set(next)] : [];
    for (const child of level) manifests.add(child);
    if (manifests.size > maxManifests) return tooLarge(`it has more than ${maxManifests} manifests`);
    if (blobs.size > maxBlobs) return tooLarge(`it has more than ${maxBlobs} layers`);
  }
  return { manifests: [...manifests], blobs: [...blobs], unread: [...unread], problem };
}

const tooLarge = (problem: string): PullContents => ({ manifests: [], blobs: [], unread: [], problem });
