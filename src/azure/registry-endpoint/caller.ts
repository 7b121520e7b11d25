import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { unlessAborted } from '../../lib/async.ts';
import type { Deadline } from '../../lib/deadline.ts';
import { type Registry, registryKey } from '../../registries/registry.ts';
import type { Region } from '../../registries/replica.ts';
import type { Endpoint } from '../../settings/endpoint.ts';
import { NoTokenError, tokenAuthorityOf } from './challenge.ts';
import { type Answer, type Call, sender } from './send.ts';
import { registryTokens } from './tokens.ts';

interface EndpointRequest extends Omit<Call, 'url'> {
  /** The path below the endpoint's base URL. */
  readonly path: string;
  /** The scope of the token to request when the endpoint requires one; without a scope, no token is sent. */
  readonly scope?: string;
}

interface CallerOptions {
  readonly loginServerOf: (registry: Registry, deadline: Deadline) => Promise<string | undefined>;
  readonly credential: () => Promise<TokenCredential>;
  readonly now: () => Date;
  readonly httpClient: HttpClient;
  readonly timeoutMs: number;
}

/** Never throws. */
type EndpointCaller = (
  registry: Registry,
  region: Region,
  request: EndpointRequest,
  deadline: Deadline,
) => Promise<Answer>;

/** Calls the regional endpoint of a registry, with a token if the endpoint requires one. */
export function endpointCaller({ loginServerOf, credential, ...options }: CallerOptions): EndpointCaller {
  const send = sender(options);
  const tokens = registryTokens({ credential, send, now: options.now });
  const resting = coolDowns(options.now);

  const callAuthorized: EndpointCaller = async (registry, region, { path, scope, ...call }, deadline) => {
    const isConfigured = registry.endpoints.has(region);
    const loginServer = isConfigured ? undefined : await loginServerOf(registry, deadline);
    const endpoint = regionalEndpointOf(registry, region, loginServer);
    if (endpoint === undefined) return { kind: 'unasked', reason: 'its login server is not known' };
    const url = `${endpoint.url}${path}`;
    if (scope === undefined) return send({ ...call, url }, deadline.signal);
    const sendWith = (token: string | undefined): Promise<Answer> => {
      const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
      return send({ ...call, url, headers: { ...call.headers, ...authorization } }, deadline.signal);
    };
    if (endpoint.isInsecure) {
      const answer = await sendWith(undefined);
      if (answer.kind !== 'answered' || answer.status !== 401) return answer;
      return { kind: 'unasked', reason: 'it asks for a token, and none is sent over plain http' };
    }
    const held = tokens.held(registry, scope);
    const first = await sendWith(held);
    if (first.kind !== 'answered' || first.status !== 401) return first;
    const trusted = [new URL(endpoint.url).host, loginServer ?? (await loginServerOf(registry, deadline))];
    const authority = tokenAuthorityOf(
      first.header('www-authenticate'),
      trusted.flatMap((host) => host ?? []),
    );
    // Other callers share this token, so it is requested even when this caller's time has ended.
    const renewed = tokens.renew(registry, scope, authority, held);
    return sendWith(await unlessAborted(deadline.signal, renewed));
  };

  return async (registry, region, request, deadline) => {
    if (!registry.probe) return { kind: 'unasked', reason: 'probe is false in REGISTRIES' };
    const key = `${registryKey(registry.id)} ${region}`;
    // The front door needs no credential and is asked each time: a remembered refusal is no observation.
    const restMs = request.scope === undefined ? 0 : resting.remainingMs(key);
    if (restMs > 0) return { kind: 'throttled', retryAfterMs: restMs };
    const answer = await callAuthorized(registry, region, request, deadline).catch((error: unknown) =>
      toAnswer(error, deadline),
    );
    if (answer.kind === 'throttled') resting.start(key, answer.retryAfterMs);
    return answer;
  };
}

function toAnswer(error: unknown, { signal }: Deadline): Answer {
  if (error instanceof NoTokenError && error.retryAfterMs !== undefined)
    return { kind: 'throttled', retryAfterMs: error.retryAfterMs };
  if (signal.aborted) return { kind: 'unasked', reason: 'there was no time left to ask' };
  return { kind: 'unasked', reason: error instanceof Error ? error.message : 'it could not be asked' };
}

/** The endpoints that are throttled, and until when. */
interface CoolDowns {
  /** The time that is left, in ms; 0 when the endpoint may be called. */
  remainingMs(key: string): number;
  start(key: string, ms: number): void;
}

/** An absurd `Retry-After` must not hide an endpoint for long. */
const longestMs = 60 * 60_000;

export function coolDowns(now: () => Date): CoolDowns {
  const until = new Map<string, number>();
  return {
    remainingMs: (key) => Math.max(0, (until.get(key) ?? 0) - now().getTime()),
    start: (key, ms) => void until.set(key, now().getTime() + Math.min(ms, longestMs)),
  };
}

/**
 * The regional endpoint of a registry: the configured one, or the one that follows from the login server.
 * https://learn.microsoft.com/azure/container-registry/container-registry-endpoint-reference
 *
 * @param loginServer such as `myregistry.azurecr.io`; its regional host is `myregistry.eastus.geo.azurecr.io`.
 * @returns `undefined` when the endpoint is not configured and the login server is not known.
 */
export function regionalEndpointOf(
  registry: Registry,
  region: Region,
  loginServer: string | undefined,
): Endpoint | undefined {
  const configured = registry.endpoints.get(region);
  if (configured !== undefined) return configured;
  const [, label, suffix] = /^([^./:@]+)\.([^/:@]+)$/.exec(loginServer ?? '') ?? [];
  if (label === undefined || suffix === undefined) return undefined;
  return { url: `https://${label}.${region}.geo.${suffix}`, isInsecure: false };
}
