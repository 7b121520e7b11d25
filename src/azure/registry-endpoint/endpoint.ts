import type { TokenCredential } from '@azure/core-auth';
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import type { Deadline } from '../../lib/deadline.ts';
import type {
  BlobReader,
  EndpointProber,
  ManifestReader,
  ProbeAnswer,
  PullProber,
} from '../../registries/ports.ts';
import type { Registry } from '../../registries/registry.ts';
import type { RoleAssignmentMode } from '../../registries/role-assignment-mode.ts';
import { blobReader } from './blobs.ts';
import { type EndpointAnswer, endpointCaller } from './caller.ts';
import { manifestReader } from './manifests.ts';
import { pullProber } from './pull-probe.ts';
import { sender } from './send.ts';

interface RegionalEndpointPorts {
  /** The login server; `undefined` when it is not known. Never throws. */
  readonly loginServerOf: (registry: Registry, deadline: Deadline) => Promise<string | undefined>;
  /** Called only when an endpoint refuses the app. */
  readonly roleAssignmentModeOf: (registry: Registry, deadline: Deadline) => Promise<RoleAssignmentMode>;
  /** Called only when an endpoint requires a token. */
  readonly credential: () => Promise<TokenCredential>;
  readonly now: () => Date;
  readonly httpClient?: HttpClient;
  /** The longest time that one call may take; 5 s by default. */
  readonly timeoutMs?: number;
}

/**
 * Reads manifests from the regional endpoints of registries, asks for their layers, and probes the endpoints.
 * https://learn.microsoft.com/azure/container-registry/container-registry-endpoint-reference
 */
export function regionalEndpoints({
  httpClient = createDefaultHttpClient(),
  timeoutMs = 5_000,
  ...ports
}: RegionalEndpointPorts): ManifestReader & BlobReader & EndpointProber & PullProber {
  const caller = endpointCaller({ ...ports, httpClient, timeoutMs });
  return {
    ...manifestReader(caller),
    ...blobReader(caller),
    ...pullProber({ caller, send: sender({ httpClient, now: ports.now, timeoutMs }), now: ports.now }),
    async probe(registry, region, deadline) {
      const request = { method: 'GET', path: '/v2/', headers: {}, isFresh: true } as const;
      const answer = await caller.call(registry, region, request, deadline);
      if (answer.kind !== 'answered' || answer.status !== 403) return toProbeAnswer(answer);
      return { kind: 'unknown', reason: await caller.explain(registry, answer, deadline), hasAnswered: true };
    },
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
function toProbeAnswer(answer: EndpointAnswer): ProbeAnswer {
  if (answer.kind === 'throttled') return { kind: 'throttled', retryAfterMs: answer.retryAfterMs };
  if (answer.kind === 'unasked') return { kind: 'unknown', reason: answer.reason };
  if (answer.kind === 'failed')
    return { kind: 'failing', reason: answer.reason, latencyMs: answer.latencyMs };
  const { status, latencyMs } = answer;
  if (status === 200 || status === 401) return { kind: 'alive', latencyMs };
  if (status >= 500) return { kind: 'failing', reason: `answered ${status}`, latencyMs };
  return { kind: 'unknown', reason: `answered ${status}`, hasAnswered: true };
}
