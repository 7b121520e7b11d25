import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { unlessAborted } from '../../lib/async.ts';
import type { Deadline } from '../../lib/deadline.ts';
import { regionalHostOf } from '../../registries/host.ts';
import { type Registry, registryKey } from '../../registries/registry.ts';
import type { Region } from '../../registries/replica.ts';
import type { RoleAssignmentMode } from '../../registries/role-assignment-mode.ts';
import type { Endpoint } from '../../settings/endpoint.ts';
import { breaker } from './breaker.ts';
import {
  TokenRefusedError,
  TokenServiceFailedError,
  TokenServiceThrottledError,
  tokenAuthorityOf,
} from './challenge.ts';
import { coolDowns } from './cool-downs.ts';
import { refusalReason } from './refusal.ts';
import { type Answer, type Call, outOfTime, sender } from './send.ts';
import { registryTokens } from './tokens.ts';

interface EndpointRequest extends Omit<Call, 'url'> {
  /** The path below the endpoint's base URL. */
  readonly path: string;
  /** The scope of the token to request when the endpoint requires one; without a scope, no token is sent. */
  readonly scope?: string;
  /** Sent whatever earlier calls met, as is a call without a scope: what they met is no observation. */
  readonly isObservation?: boolean;
}

interface CallerOptions {
  readonly loginServerOf: (registry: Registry, deadline: Deadline) => Promise<string | undefined>;
  readonly roleAssignmentModeOf: (registry: Registry, deadline: Deadline) => Promise<RoleAssignmentMode>;
  readonly credential: () => Promise<TokenCredential>;
  readonly now: () => Date;
  readonly httpClient: HttpClient;
  readonly timeoutMs: number;
}

/** An answer of an endpoint, or why there is none: it is throttled, or the service that gives tokens for it is. */
export type EndpointAnswer =
  | Exclude<Answer, { kind: 'throttled' | 'unasked' }>
  | (Extract<Answer, { kind: 'unasked' }> & { readonly tokenService?: TokenServiceAnswer })
  | (Extract<Answer, { kind: 'throttled' }> & { readonly by: 'endpoint' | 'tokenService' });

/** What kept the endpoint's own token service from giving a token; nothing where others share the service. */
type TokenServiceAnswer =
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'failing' };

type Ask<A> = (
  registry: Registry,
  region: Region,
  request: EndpointRequest,
  deadline: Deadline,
) => Promise<A>;

export interface EndpointCaller {
  /** Never throws. An answer with 401 or 403 is final: no token changes it. */
  readonly call: Ask<EndpointAnswer>;
  /** @returns `undefined` when it is not configured and the login server is not known. */
  readonly endpointOf: (
    registry: Registry,
    region: Region,
    deadline: Deadline,
  ) => Promise<Endpoint | undefined>;
  /** Why an endpoint refused, and what to do about it. Never throws. */
  readonly explain: (
    registry: Registry,
    refusal: Pick<Extract<Answer, { kind: 'answered' }>, 'status' | 'body'>,
    deadline: Deadline,
  ) => Promise<string>;
}

/**
 * Calls the regional endpoint of a registry, with a token if the endpoint requires one.
 *
 * A call without a scope is a probe of the front door, and others may be observations too. What earlier calls met is no
 * observation, so they are made while the endpoint is throttled or silent, too, and are not counted among the silent ones.
 */
export function endpointCaller(callerOptions: CallerOptions): EndpointCaller {
  const { loginServerOf, roleAssignmentModeOf, credential, ...options } = callerOptions;
  const send = sender(options);
  const tokens = registryTokens({ credential, send, now: options.now });
  const resting = coolDowns(options.now);
  const silence = breaker(options.now);

  /** A configured endpoint is asked also while nobody can tell the login server, so that is not asked for. */
  const locate = async (registry: Registry, region: Region, deadline: Deadline) => {
    const isConfigured = registry.endpoints.has(region);
    const loginServer = isConfigured ? undefined : await loginServerOf(registry, deadline);
    return { endpoint: regionalEndpointOf(registry, region, loginServer), loginServer };
  };

  const endpointOf: EndpointCaller['endpointOf'] = async (registry, region, deadline) =>
    (await locate(registry, region, deadline)).endpoint;

  const callAuthorized: Ask<EndpointAnswer | Answer> = async (
    registry,
    region,
    { path, scope, isObservation: _, ...call },
    deadline,
  ) => {
    const { endpoint, loginServer } = await locate(registry, region, deadline);
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
    try {
      return await sendWith(await unlessAborted(deadline.signal, renewed));
    } catch (error) {
      const answer = await toAnswer(error, registry, deadline);
      const isOwn = new URL(authority.tokenUrl).host === new URL(endpoint.url).host;
      if (answer.kind !== 'unasked' || !isOwn) return answer;
      if (error instanceof TokenRefusedError)
        return { ...answer, tokenService: { kind: 'refused', status: error.status } };
      return error instanceof TokenServiceFailedError
        ? { ...answer, tokenService: { kind: 'failing' } }
        : answer;
    }
  };

  const explain: EndpointCaller['explain'] = async (registry, { status, body }, deadline) =>
    refusalReason(status, body, await roleAssignmentModeOf(registry, deadline).catch(() => 'unknown'));

  const toAnswer = async (
    error: unknown,
    registry: Registry,
    deadline: Deadline,
  ): Promise<EndpointAnswer> => {
    if (error instanceof TokenServiceThrottledError)
      return { kind: 'throttled', by: 'tokenService', retryAfterMs: error.retryAfterMs };
    if (error instanceof TokenRefusedError)
      return { kind: 'unasked', reason: `its token service ${await explain(registry, error, deadline)}` };
    if (deadline.signal.aborted) return outOfTime;
    return { kind: 'unasked', reason: error instanceof Error ? error.message : 'it could not be asked' };
  };

  const call: EndpointCaller['call'] = async (registry, region, request, deadline) => {
    if (!registry.probe) return { kind: 'unasked', reason: 'probe is false in REGISTRIES' };
    const key = `${registryKey(registry.id)} ${region}`;
    const isProbe = request.scope === undefined || request.isObservation === true;
    const retryAfterMs = isProbe ? 0 : resting.remainingMs(key);
    if (retryAfterMs > 0) return { kind: 'throttled', by: 'endpoint', retryAfterMs };
    if (!isProbe && !silence.admits(key))
      return {
        kind: 'unasked',
        reason: 'it did not answer the last calls in time, and is not asked for a moment',
      };
    try {
      const answer = await callAuthorized(registry, region, request, deadline);
      const isSilent = answer.kind === 'failed' && answer.isSilent;
      if (!isProbe && answer.kind !== 'unasked') silence.end(key, isSilent);
      if (answer.kind !== 'throttled' || 'by' in answer) return answer;
      resting.start(key, answer.retryAfterMs);
      return { ...answer, by: 'endpoint' };
    } catch (error) {
      return toAnswer(error, registry, deadline);
    }
  };
  return { call, endpointOf, explain };
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
  const host = loginServer === undefined ? undefined : regionalHostOf(loginServer, region);
  return host === undefined ? undefined : { url: `https://${host}`, isInsecure: false };
}
