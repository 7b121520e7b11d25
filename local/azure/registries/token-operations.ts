import * as v from 'valibot';
import type { ArmError } from '../arm/arm-error.ts';
import {
  type ArmAnswer,
  type ArmRequest,
  type Operation,
  type OperationRow,
  operationsFrom,
} from '../arm/operation.ts';
import type { ManagedIdentity } from '../identity.ts';
import { grantedOf, mayPullAny, pullScope } from './access.ts';
import type { RegistryBehaviour } from './behaviour.ts';
import { refusal } from './endpoint-refusal.ts';
import type { EndpointTokens } from './endpoint-tokens.ts';
import { labelOf, type Registries, type Registry } from './registry.ts';

export interface TokenParts {
  readonly registries: Registries;
  readonly tokens: EndpointTokens;
  readonly identity: ManagedIdentity;
  readonly behaviour: () => RegistryBehaviour;
}

const protocol = 'registry';
const exchangePath = '/oauth2/exchange';
const tokenPath = '/oauth2/token';

/**
 * The token services of registries: below every regional endpoint, and at the root for those who keep only a realm's
 * scheme and host.
 * https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md
 * @param endpointPath With the variables `registry` and `region`.
 */
export const tokenOperations = (endpointPath: string, parts: TokenParts): Operation[] =>
  [endpointPath, ''].flatMap((root) => {
    const [exchange, token] = [`${root}${exchangePath}`, `${root}${tokenPath}`];
    const table: readonly OperationRow<TokenParts>[] = [
      {
        name: 'Authentication_ExchangeToken',
        method: 'POST',
        path: exchange,
        protocol,
        handler: exchangeToken,
      },
      { name: 'Authentication_GetToken', method: 'POST', path: token, protocol, handler: getAccessToken },
    ];
    return operationsFrom(table, parts);
  });

const exchangeSchema = v.object({
  grant_type: v.literal('access_token'),
  service: v.string(),
  access_token: v.pipe(v.string(), v.minLength(1)),
});

/** What a token of Entra ID has to be for. */
const audience = 'https://containerregistry.azure.net';

/** Gives a refresh token for any token of Entra ID; one of the simulator's own has to be for registries. */
function exchangeToken(request: ArmRequest, { registries, tokens, identity }: TokenParts): ArmAnswer {
  const { service, access_token } = form(exchangeSchema, request);
  const { access } = ofService(request, service, registries);
  if (identity.refuses(access_token, audience)) {
    throw refusal(401, 'UNAUTHORIZED', 'The access token is not valid for a registry.');
  }
  if (access.refusedAt === 'exchange' && !mayPullAny(access)) throw denied();
  return { status: 200, body: { refresh_token: tokens.issue('refresh', service, '') } };
}

const tokenSchema = v.object({
  grant_type: v.literal('refresh_token'),
  service: v.string(),
  scope: v.string(),
  refresh_token: v.string(),
});

function getAccessToken(request: ArmRequest, { registries, tokens }: TokenParts): ArmAnswer {
  const { service, scope, refresh_token } = form(tokenSchema, request);
  const { access } = ofService(request, service, registries);
  if (tokens.scopeOf(refresh_token, 'refresh', service) === undefined) {
    throw refusal(401, 'UNAUTHORIZED', 'The refresh token is not valid.');
  }
  const granted = grantedOf(access, scope);
  if (granted === '' && access.refusedAt === 'scope') throw denied();
  return { status: 200, body: { access_token: tokens.issue('access', service, granted) } };
}

/** Asks for a token, where tokens are asked for, that may pull from the repository. */
export function authorize(
  request: ArmRequest,
  { loginServer: service }: Registry,
  repository: string | undefined,
  { tokens, behaviour }: TokenParts,
): void {
  if (!behaviour().requireToken) return;
  const wanted = repository === undefined ? undefined : pullScope(repository);
  const [, token = ''] = /^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
  const granted = tokens.scopeOf(token, 'access', service);
  if (granted !== undefined && (wanted === undefined || granted.split(' ').includes(wanted))) return;
  if (granted !== undefined && behaviour().lackingScope === 403) throw denied(403);
  const realm = `${request.base}${tokenPath}`;
  const scope = wanted === undefined ? '' : `,scope="${wanted}"`;
  const error =
    token === '' ? '' : `,error="${granted === undefined ? 'invalid_token' : 'insufficient_scope'}"`;
  const detail = repository === undefined ? [] : [{ Type: 'repository', Name: repository, Action: 'pull' }];
  throw refusal(
    401,
    'UNAUTHORIZED',
    'authentication required, visit https://aka.ms/acr/authorization for more information.',
    { 'WWW-Authenticate': `Bearer realm="${realm}",service="${service}"${scope}${error}` },
    detail,
  );
}

/** The registry of a token request; an endpoint's own token service knows only its registry. */
function ofService(request: ArmRequest, service: string, registries: Registries): Registry {
  const [, label] = /^\/registry-endpoints\/([^/]+)\//i.exec(request.id) ?? [];
  for (const registry of registries.all) {
    const isHere = label === undefined || label.toLowerCase() === labelOf(registry);
    if (registry.loginServer === service && isHere) return registry;
  }
  throw refusal(400, 'UNSUPPORTED', `There is no registry ${service}.`);
}

function form<Schema extends v.GenericSchema>(schema: Schema, { body }: ArmRequest): v.InferOutput<Schema> {
  const result = v.safeParse(schema, body);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw refusal(400, 'UNSUPPORTED', `${v.getDotPath(issue) ?? 'the form'}: ${issue.message}`);
}

const denied = (status = 401): ArmError =>
  refusal(status, status === 403 ? 'DENIED' : 'UNAUTHORIZED', 'requested access to the resource is denied');
