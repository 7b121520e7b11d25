import QuickLRU from 'quick-lru';
import type { Deadline } from '../../lib/deadline.ts';
import { isRegisteredDigest } from '../../registries/oci-reference.ts';
import type { ManifestAnswer, ManifestContents, ManifestReader } from '../../registries/ports.ts';
import type { Registry } from '../../registries/registry.ts';
import type { Region } from '../../registries/replica.ts';
import type { EndpointAnswer, EndpointCaller } from './caller.ts';
import { contentsOf, digestOf, manifestPath, manifestTypes } from './manifest.ts';
import { notAskedOf } from './not-asked.ts';
import { isUnknownManifest } from './refusal.ts';

const maxManifestBytes = 4 * 1024 * 1024;
const headers = { accept: manifestTypes };

/** Reads manifests at regional endpoints. */
export function manifestReader(caller: EndpointCaller): ManifestReader {
  const knownContents = new QuickLRU<string, ManifestContents>({ maxSize: 500 });

  const ask = async (
    method: 'HEAD' | 'GET',
    registry: Registry,
    region: Region,
    repository: string,
    reference: string,
    deadline: Deadline,
  ): Promise<EndpointAnswer> => {
    const path = manifestPath(repository, reference);
    if (path === undefined) return { kind: 'unasked', reason: 'no name of a manifest' };
    const scope = `repository:${repository}:pull`;
    return caller.call(
      registry,
      region,
      { method, path, headers, scope, maxBytes: maxManifestBytes },
      deadline,
    );
  };
  const explained = async (
    registry: Registry,
    reference: string,
    answer: EndpointAnswer,
    deadline: Deadline,
  ): Promise<ManifestAnswer> => {
    const found = presentIn(reference, answer);
    if (found !== undefined) return found;
    if (answer.kind === 'answered' && answer.status === 404) return { kind: 'absent' };
    if (answer.kind === 'answered' && answer.status === 200)
      return { kind: 'unverified', reason: 'answered without the digest of the manifest' };
    return notAskedOf(registry, answer, caller, deadline);
  };

  return {
    async head(registry, region, repository, reference, deadline) {
      const first = await ask('HEAD', registry, region, repository, reference, deadline);
      if (!isHeadUseless(first)) return explained(registry, reference, first, deadline);
      const second = await ask('GET', registry, region, repository, reference, deadline);
      return explained(registry, reference, second, deadline);
    },
    async confirmAbsence(registry, region, repository, digest, deadline) {
      const answer = await ask('GET', registry, region, repository, digest, deadline);
      if (answer.kind === 'answered' && answer.status === 404 && !isUnknownManifest(answer.body))
        return { kind: 'unverified', reason: 'answered 404, and not as a registry does' };
      return explained(registry, digest, answer, deadline);
    },
    async contents(registry, region, repository, digest, deadline) {
      if (!isRegisteredDigest(digest)) return undefined;
      const known = knownContents.get(digest);
      if (known !== undefined) return known;
      const answer = await ask('GET', registry, region, repository, digest, deadline);
      if (answer.kind !== 'answered' || answer.status !== 200 || answer.body === undefined) return undefined;
      const contents = contentsOf(digest, answer.body);
      if (contents !== undefined) knownContents.set(digest, contents);
      return contents;
    },
  };
}

/**
 * Whether the answer to a `HEAD` leaves open what the one to a `GET` tells: the reason of a refusal, which is in the
 * body; the manifest where `HEAD` is not served; or its digest where the headers lack it.
 */
function isHeadUseless(answer: EndpointAnswer): boolean {
  if (answer.kind !== 'answered') return false;
  const { status, header } = answer;
  if (status === 200) return header('docker-content-digest') === undefined;
  return status === 403 || status === 405;
}

/** The manifest that an answer shows; `undefined` when it shows none, or another one than that of the reference. */
function presentIn(reference: string, answer: EndpointAnswer): ManifestAnswer | undefined {
  if (answer.kind !== 'answered' || answer.status !== 200) return undefined;
  const { header, body } = answer;
  const isByDigest = isRegisteredDigest(reference);
  const content = body === undefined || body.length === 0 ? undefined : body;
  const ofContent = content && digestOf(content, isByDigest ? reference : anySha256);
  const digest = header('docker-content-digest') ?? ofContent;
  if (digest === undefined || !isRegisteredDigest(digest) || (isByDigest && digest !== reference))
    return undefined;
  const length = header('content-length') ?? '';
  return {
    kind: 'present',
    digest,
    mediaType: header('content-type')?.split(';')[0]?.trim() ?? '',
    sizeBytes: /^\d+$/.test(length) ? Number(length) : content?.length,
  };
}

/** The algorithm of the digest of a tag, which registries choose themselves. */
const anySha256 = `sha256:${'0'.repeat(64)}`;
