import { blobsOf, type Manifest } from './manifest.ts';

/** A part of an image that does not come to a region with the rest, until it is repaired or pushed there. */
export interface MissingPart {
  readonly region: string;
  /** `manifest` is the image's own, or that of the platform. */
  readonly part: 'manifest' | 'config' | 'layer';
  /** Platform of an index, such as `linux/amd64`; needed for a config or layer of one. */
  readonly platform?: string | undefined;
  /** Which layer, counted from 1; the first by default. */
  readonly layer?: number | undefined;
}

/**
 * The digest of a part.
 * @throws RangeError when the image has no such part.
 */
export function digestOfPart(image: Manifest, { part, platform, layer = 1 }: MissingPart): string {
  const owner =
    platform === undefined ? image : image.children.find((child) => child.platform === platform)?.manifest;
  const found = part === 'manifest' ? owner : part === 'config' ? owner?.config : owner?.layers.at(layer - 1);
  if (found !== undefined) return found.digest;
  const which = part === 'layer' ? `${part} ${layer}` : part;
  throw new RangeError(`the image has no ${which}${platform === undefined ? '' : ` for ${platform}`}`);
}

/** What an image is made of. */
export interface ImageParts {
  readonly digest: string;
  readonly config: string | undefined;
  readonly layers: readonly string[];
  readonly children: readonly (ImageParts & { readonly platform: string })[];
}

export const partsOf = ({ digest, config, layers, children }: Manifest): ImageParts => ({
  digest,
  config: config?.digest,
  layers: layers.map((layer) => layer.digest),
  children: children.map(({ platform, manifest }) => ({ platform, ...partsOf(manifest) })),
});

/** The keys, `repository@digest`, of a manifest and its config and layers. */
export const keysOf = (repository: string, manifest: Manifest): string[] =>
  [manifest, ...blobsOf(manifest)].map(({ digest }) => `${repository}@${digest}`);
