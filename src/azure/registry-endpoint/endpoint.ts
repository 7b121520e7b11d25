import type { TokenCredential } from '@azure/core-auth';
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import QuickLRU from 'quick-lru';
import type { Deadline } from '../../lib/deadline.ts';
import { isRegisteredDigest } from '../../registries/oci-reference.ts';
import type { EndpointProber, ManifestAnswer, ManifestReader, ProbeAnswer } from '../../registries/ports.ts';
import type { Registry } from '../../registries/registry.ts';
import type { Region } from '../../registries/replica.ts';
import { endpointCaller } from './caller.ts';
import { childrenOf, manifestPath, manifestTypes } from './manifest.ts';
import type { Answer } from './send.ts';
import { pullRole } from './tokens.ts';

interface RegionalEndpointPorts {
  /** The login server; `undefined` when it is not known. Never throws. */
  readonly loginServerOf: (registry: Registry, deadline: Deadline) => Promise<string | undefined>;
  /** Called only when an endpoint requires a token. */
  readonly credential: () => Promise<TokenCredential>;
  readonly now: () => Date;
  readonly httpClient?: HttpClient;
  /** The longest time that one call may take; 5 s by default. */
  readonly timeoutMs?: number;
}

const maxIndexBytes = 4 * 1024 * 1024;

/**
 * Reads manifests from the regional endpoints of registries, and probes the endpoints.
 * https://learn.microsoft.com/azure/container-registry/container-registry-endpoint-reference
 */
export function regionalEndpoints({
  httpClient = createDefaultHttpClient(),
  timeoutMs = 5_000,
  ...ports
}: RegionalEndpointPorts): ManifestReader & EndpointProber {
  const call = endpointCaller({ ...ports, httpClient, timeoutMs });
  const knownChildren = new QuickLRU<string, readonly string[]>({ maxSize: 500 });
  return {
    async head(registry, region, repository, reference, deadline) {
      const path = manifestPath(repository, reference);
      if (path === undefined) return { kind: 'unverified', reason: 'no name of a manifest' };
      const headers = { accept: manifestTypes };
      const scope = `repository:${repository}:pull`;
      const answer = await call(registry, region, { method: 'HEAD', path, headers, scope }, deadline);
      return toManifestAnswer(reference, answer);
    },
    async children(registry, region, repository, digest, deadline) {
      const path = isRegisteredDigest(digest) ? manifestPath(repository, digest) : undefined;
      if (path === undefined) return undefined;
      const known = knownChildren.get(digest);
      if (known !== undefined) return known;
      const headers = { accept: manifestTypes };
      const scope = `repository:${repository}:pull`;
      const request = { method: 'GET', path, headers, scope, maxBytes: maxIndexBytes } as const;
      const answer = await call(registry, region, request, deadline);
      if (answer.kind !== 'answered' || answer.status !== 200 || answer.body === undefined) return undefined;
      const children = childrenOf(digest, answer.body);
      if (children !== undefined) knownChildren.set(digest, children);
      return children;
    },
    async probe(registry: Registry, region: Region, deadline: Deadline) {
      const request = { method: 'GET', path: '/v2/', headers: {}, isFresh: true } as const;
      return toProbeAnswer(await call(registry, region, request, deadline));
    },
  };
}

/**
 * | answer                              | means      |
 * |-------------------------------------|------------|
 * | 200 with the digest of the manifest | present    |
 * | 404                                 | absent     |
 * | 429                                 | throttled  |
 * | any other, none, or no request sent | unverified |
 */
function toManifestAnswer(reference: string, answer: Answer): ManifestAnswer {
  if (answer.kind === 'throttled') return answer;
  if (answer.kind !== 'answered') return { kind: 'unverified', reason: answer.reason };
  const { status, header } = answer;
  if (status === 404) return { kind: 'absent' };
  if (status === 401 || status === 403)
    return { kind: 'unverified', reason: `answered ${status}: assign the role ${pullRole} on the registry` };
  if (status !== 200) return { kind: 'unverified', reason: `answered ${status}` };
  const digest = header('docker-content-digest') ?? reference;
  if (!isRegisteredDigest(digest) || (isRegisteredDigest(reference) && digest !== reference))
    return { kind: 'unverified', reason: 'answered without the digest of the manifest' };
  const length = header('content-length');
  return {
    kind: 'present',
    digest,
    mediaType: header('content-type')?.split(';')[0]?.trim() ?? '',
    sizeBytes: length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined,
  };
}

/**
 * | answer                                             | means     |
 * |----------------------------------------------------|-----------|
 * | 200, 401                                           | alive     |
 * | 429                                                | throttled |
 * | 5xx, connection refused or lost, no answer in time | failing   |
 * | any other, or no request sent                      | unknown   |
 */
function toProbeAnswer(answer: Answer): ProbeAnswer {
  if (answer.kind === 'throttled') return answer;
  if (answer.kind === 'unasked') return { kind: 'unknown', reason: answer.reason };
  if (answer.kind === 'failed')
    return { kind: 'failing', reason: answer.reason, latencyMs: answer.latencyMs };
  const { status, latencyMs } = answer;
  if (status === 200 || status === 401) return { kind: 'alive', latencyMs };
  if (status >= 500) return { kind: 'failing', reason: `answered ${status}`, latencyMs };
  return { kind: 'unknown', reason: `answered ${status}` };
}
