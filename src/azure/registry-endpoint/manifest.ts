import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { parseJson } from '../../lib/json.ts';
import { isChartTag, isRegisteredDigest, isRepository } from '../../registries/oci-reference.ts';
import type { ManifestContents } from '../../registries/ports.ts';

/**
 * The value of `Accept`: manifests and indexes, of OCI and of Docker. An endpoint converts or hides a manifest of a
 * type that the request does not accept.
 */
export const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

/** @returns `undefined` for text that is no repository, tag or digest and could lead elsewhere on the host. */
export function manifestPath(repository: string, reference: string): string | undefined {
  if (!isRepository(repository)) return undefined;
  if (!isChartTag(reference) && !isRegisteredDigest(reference)) return undefined;
  // A plus sign is one in a path; some servers take it for a space all the same.
  return `/v2/${repository}/manifests/${reference.replaceAll('+', '%2B')}`;
}

/** @returns `undefined` for text that is no repository or digest and could lead elsewhere on the host. */
export const blobPath = (repository: string, digest: string): string | undefined =>
  isRepository(repository) && isRegisteredDigest(digest) ? `/v2/${repository}/blobs/${digest}` : undefined;

const digest = v.pipe(v.string(), v.check(isRegisteredDigest));
const indexSchema = v.object({ manifests: v.array(v.object({ digest })) });
const imageSchema = v.object({
  config: v.object({ digest }),
  layers: v.array(
    v.object({
      digest,
      mediaType: v.optional(v.string(), ''),
      urls: v.optional(v.array(v.string()), []),
    }),
  ),
});

/**
 * What a manifest consists of.
 * @returns `undefined` for content that does not have this digest, or is no manifest.
 */
export function contentsOf(digest: string, content: Buffer): ManifestContents | undefined {
  if (digestOf(content, digest) !== digest) return undefined;
  const json = parseJson(content.toString());
  const index = v.safeParse(indexSchema, json);
  if (index.success)
    return { kind: 'index', children: [...new Set(index.output.manifests.map((child) => child.digest))] };
  const image = v.safeParse(imageSchema, json);
  if (image.success) {
    const { config, layers } = image.output;
    const served = layers.filter((layer) => !isForeign(layer)).map((layer) => layer.digest);
    return { kind: 'image', blobs: [...new Set([config.digest, ...served])] };
  }
  const isOther = typeof json === 'object' && json !== null && !('manifests' in json) && !('layers' in json);
  return isOther ? { kind: 'other' } : undefined;
}

/**
 * What a client fetches first after a manifest: the first layer that the registry serves, the config of an image without
 * one, or the first manifest of an index.
 * @returns `undefined` for content that is no manifest, or names nothing of these.
 */
export function firstPart(
  content: Buffer,
): { readonly kind: 'manifest' | 'blob'; readonly digest: string } | undefined {
  const json = parseJson(content.toString());
  const index = v.safeParse(indexSchema, json);
  if (index.success) {
    const [child] = index.output.manifests;
    return child && { kind: 'manifest', digest: child.digest };
  }
  const image = v.safeParse(imageSchema, json);
  if (!image.success) return undefined;
  const { config, layers } = image.output;
  return { kind: 'blob', digest: (layers.find((layer) => !isForeign(layer)) ?? config).digest };
}

/**
 * Whether clients fetch a layer from elsewhere, such as a base layer of Windows. A registry need not have it.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#non-distributable-layers
 */
const isForeign = ({ mediaType, urls }: { readonly mediaType: string; readonly urls: readonly string[] }) =>
  urls.length > 0 || /nondistributable|\.foreign\./i.test(mediaType);

/** The digest of some content, by the algorithm of another digest; `undefined` where that is not a registered one. */
export function digestOf(content: Buffer, like: string): string | undefined {
  const [algorithm = ''] = like.split(':');
  if (!isRegisteredDigest(like)) return undefined;
  return `${algorithm}:${createHash(algorithm).update(content).digest('hex')}`;
}
