import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { parseJson } from '../../lib/json.ts';
import { isChartTag, isRegisteredDigest, isRepository } from '../../registries/oci-reference.ts';

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

const indexSchema = v.object({
  manifests: v.optional(v.array(v.object({ digest: v.pipe(v.string(), v.check(isRegisteredDigest)) })), []),
});

/**
 * The digests that an index or manifest list names; empty for the manifest of a single image.
 * @returns `undefined` for content that does not have this digest, or is no manifest.
 */
export function childrenOf(digest: string, content: Buffer): readonly string[] | undefined {
  const [algorithm = '', hash] = digest.split(':');
  if (!isRegisteredDigest(digest) || createHash(algorithm).update(content).digest('hex') !== hash)
    return undefined;
  const index = v.safeParse(indexSchema, parseJson(content.toString()));
  return index.success ? index.output.manifests.map((child) => child.digest) : undefined;
}
