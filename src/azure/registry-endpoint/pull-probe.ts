import type { Deadline } from '../../lib/deadline.ts';
import type { PullAnswer, PullProber, PullStep } from '../../registries/ports.ts';
import type { Registry } from '../../registries/registry.ts';
import type { Region } from '../../registries/replica.ts';
import type { EndpointAnswer, EndpointCaller } from './caller.ts';
import { blobPath, firstPart, manifestPath, manifestTypes } from './manifest.ts';
import type { Send } from './send.ts';

interface PullProbePorts {
  readonly caller: EndpointCaller;
  /** For the data host, which gets no token. */
  readonly send: Send;
  readonly now: () => Date;
}

const maxManifestBytes = 1024 * 1024;
/** So much of a layer is asked for. A host that ignores the range is cut off a little later. */
const layerBytes = 1024;
const maxLayerBytes = 16 * 1024;
/** An index names manifests of images; what they name is no index any more. */
const maxManifests = 2;
/** From the endpoint to the data host, and from there to storage. */
const maxRedirects = 3;

/**
 * Pulls the beginning of an image from a regional endpoint as a client does: the manifest, for an index also that of its
 * first image, and then the first bytes of the first layer. The redirect to the data host is followed without the token.
 *
 * | answer of a step                                    | the pull   |
 * |-----------------------------------------------------|------------|
 * | the first bytes of the layer                        | served     |
 * | 429, also of the token service or of the data host  | throttled  |
 * | 5xx, connection refused or lost, no answer in time  | failing    |
 * | 401, 403, 404                                       | refused    |
 * | any other, or no request sent                       | unknown    |
 *
 * What a token service does counts only where it is the endpoint's own. A service that others share says nothing about
 * this endpoint.
 *
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pull
 * https://learn.microsoft.com/azure/container-registry/container-registry-dedicated-data-endpoints
 */
export function pullProber({ caller, send, now }: PullProbePorts): PullProber {
  return {
    async pull(registry, region, { repository, reference }, deadline) {
      const startedMs = now().getTime();
      const ask = (path: string, headers: Readonly<Record<string, string>>, maxBytes: number) =>
        caller.call(
          registry,
          region,
          {
            ...{ method: 'GET', path, headers, maxBytes, isObservation: true },
            scope: `repository:${repository}:pull`,
          },
          deadline,
        );
      let wanted = reference;
      for (let manifests = 0; manifests < maxManifests; manifests += 1) {
        const path = manifestPath(repository, wanted);
        if (path === undefined) return unknown('no name of a manifest');
        const answer = await ask(path, { accept: manifestTypes }, maxManifestBytes);
        if (answer.kind !== 'answered' || answer.status !== 200)
          return notServed(answer, 'manifest', registry, deadline);
        const first = answer.body && firstPart(answer.body);
        if (first === undefined) return unknown('its manifest names no layer');
        wanted = first.digest;
        if (first.kind === 'manifest') continue;
        const layer = blobPath(repository, wanted);
        if (layer === undefined) return unknown('no name of a layer');
        const blob = await ask(layer, { range }, maxLayerBytes);
        const outcome = await followed(blob, layer, registry, region, deadline);
        return outcome === 'served'
          ? { kind: 'served', latencyMs: Math.max(0, now().getTime() - startedMs) }
          : outcome;
      }
      return unknown('its indexes are nested');
    },
  };

  /** Follows an answer about a layer to its bytes. */
  async function followed(
    first: EndpointAnswer,
    path: string,
    registry: Registry,
    region: Region,
    deadline: Deadline,
  ): Promise<PullAnswer | 'served'> {
    let answer = first;
    const endpoint = await caller.endpointOf(registry, region, deadline);
    let base = `${endpoint?.url}${path}`;
    for (let redirects = 0; ; redirects += 1) {
      const isRedirect = answer.kind === 'answered' && [301, 302, 303, 307, 308].includes(answer.status);
      if (answer.kind !== 'answered' || !isRedirect) break;
      const location = answer.header('location') ?? '';
      const url = URL.canParse(location, base) ? new URL(location, base) : undefined;
      const isAllowed =
        url?.protocol === 'https:' ||
        (url?.protocol === 'http:' && endpoint?.isInsecure === true && isLoopback(url.hostname));
      if (url === undefined || !isAllowed) return unknown('its layer leads to no https address');
      if (url.pathname.endsWith(path)) return unknown('its layer leads to another registry');
      if (redirects >= maxRedirects) return unknown('its layer leads from one address to another');
      base = url.href;
      const next = await send(
        { method: 'GET', url: base, headers: { range }, maxBytes: maxLayerBytes },
        deadline.signal,
      );
      if (next.kind === 'throttled') return { kind: 'throttled', retryAfterMs: next.retryAfterMs };
      if (next.kind === 'failed' || (next.kind === 'answered' && next.status >= 500))
        return failing('layer', `the data host ${url.hostname}: ${said(next)}`);
      // A name that does not resolve may be missing in our own network only.
      if (next.kind === 'unasked') return unknown(`the data host ${url.hostname}: ${next.reason}`);
      answer = next;
      if (isRefusal(answer.status)) {
        return refused('layer', answer.status, `the data host ${url.hostname} answered ${answer.status}`);
      }
    }
    if (answer.kind !== 'answered' || (answer.status !== 200 && answer.status !== 206))
      return notServed(answer, 'layer', registry, deadline);
    // A body that is longer than we read is `undefined`, and there.
    return answer.body?.length === 0 ? unknown('its layer came without bytes') : 'served';
  }

  async function notServed(
    answer: EndpointAnswer,
    step: PullStep,
    registry: Registry,
    deadline: Deadline,
  ): Promise<PullAnswer> {
    if (answer.kind === 'throttled') return { kind: 'throttled', retryAfterMs: answer.retryAfterMs };
    if (answer.kind === 'failed') return failing(step, answer.reason);
    if (answer.kind === 'unasked') {
      const { tokenService, reason } = answer;
      if (tokenService === undefined) return unknown(reason);
      return tokenService.kind === 'refused'
        ? refused('token', tokenService.status, reason)
        : failing('token', reason);
    }
    const { status } = answer;
    if (status >= 500) return failing(step, `answered ${status}`);
    if (!isRefusal(status)) return unknown(`answered ${status}`);
    const reason = status === 404 ? `answered ${status}` : await caller.explain(registry, answer, deadline);
    return refused(step, status, reason);
  }
}

const range = `bytes=0-${layerBytes - 1}`;

const unknown = (reason: string): PullAnswer => ({ kind: 'unknown', reason });
const failing = (step: PullStep, reason: string): PullAnswer => ({ kind: 'failing', step, reason });
const refused = (step: PullStep, status: number, reason: string): PullAnswer => ({
  ...{ kind: 'refused', step, status, reason },
});

const isRefusal = (status: number): boolean => status === 401 || status === 403 || status === 404;

const said = (answer: { readonly reason: string } | { readonly status: number }): string =>
  'reason' in answer ? answer.reason : `answered ${answer.status}`;

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);
