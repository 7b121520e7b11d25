import * as v from 'valibot';
import { ArmError } from '../arm/arm-error.ts';
import type { ArmAnswer, ArmRequest, Operation } from '../arm/operation.ts';
import type { RegistryBehaviour } from './behaviour.ts';
import type { EndpointTokens } from './endpoint-tokens.ts';
import type { Manifest } from './manifest.ts';
import { regionOf } from './region.ts';
import type { Registries } from './registries.ts';
import { loginServerOf, type Registry, replicaIn } from './registry.ts';
import type { Replica } from './replica.ts';

export interface EndpointOperationsParts {
  readonly registries: Registries;
  readonly tokens: EndpointTokens;
  readonly behaviour: () => RegistryBehaviour;
}

const endpoint = '/registry-endpoints/{registry}/{region}';
const manifests = `${endpoint}/v2{repository*}/manifests/{reference}`;
/** Below every regional endpoint, and at the root for those who keep only a realm's scheme and host. */
const tokenRoots = [endpoint, ''];

const exchangeSchema = v.object({
  grant_type: v.literal('access_token'),
  service: v.string(),
  access_token: v.pipe(v.string(), v.minLength(1)),
});

const tokenSchema = v.object({
  grant_type: v.literal('refresh_token'),
  service: v.string(),
  scope: v.string(),
  refresh_token: v.string(),
});

/**
 * Regional endpoints, as far as they are asked whether a manifest is there.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 * https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md
 */
export function endpointOperations(parts: EndpointOperationsParts): Operation[] {
  const protocol = 'registry' as const;
  const ping = (request: ArmRequest): ArmAnswer => {
    const { registry } = replicaOf(request, parts.registries);
    authorize(request, registry, undefined, parts);
    return { status: 200, headers: version, body: {} };
  };
  const manifest = (request: ArmRequest): Manifest => {
    const { registry, replica } = replicaOf(request, parts.registries);
    const repository = request.param('repository').slice(1);
    authorize(request, registry, repository, parts);
    const reference = request.param('reference');
    const found = replica.content.find(repository, reference);
    if (found !== undefined) return found;
    throw refusal(404, 'MANIFEST_UNKNOWN', `manifest ${reference} is not found`);
  };
  return [
    { name: 'RegistryEndpoint_Ping', method: 'GET', path: `${endpoint}/v2`, protocol, handle: ping },
    {
      ...{ name: 'Manifests_Head', method: 'HEAD', path: manifests, protocol },
      handle: (request) => ({ status: 200, headers: headersOf(manifest(request)) }),
    },
    {
      ...{ name: 'Manifests_Get', method: 'GET', path: manifests, protocol },
      handle: (request) => {
        const found = manifest(request);
        return { status: 200, headers: headersOf(found), text: found.text };
      },
    },
    ...tokenRoots.flatMap((root): Operation[] => [
      {
        ...{
          name: 'Authentication_ExchangeToken',
          method: 'POST',
          path: `${root}/oauth2/exchange`,
          protocol,
        },
        handle: (request) => ({ status: 200, body: { refresh_token: exchange(request, parts) } }),
      },
      {
        ...{ name: 'Authentication_GetToken', method: 'POST', path: `${root}/oauth2/token`, protocol },
        handle: (request) => ({ status: 200, body: { access_token: accessToken(request, parts) } }),
      },
    ]),
  ];
}

const version = { 'Docker-Distribution-Api-Version': 'registry/2.0' };

const headersOf = ({ digest, mediaType, text }: Manifest): Record<string, string> => ({
  ...version,
  'Docker-Content-Digest': digest,
  'Content-Type': mediaType,
  'Content-Length': String(Buffer.byteLength(text)),
});

function replicaOf(request: ArmRequest, registries: Registries): { registry: Registry; replica: Replica } {
  const registry = registries.named(request.param('registry'));
  const replica = registry && replicaIn(registry, regionOf(request.param('region')));
  if (registry !== undefined && replica !== undefined) return { registry, replica };
  throw refusal(
    404,
    'NAME_UNKNOWN',
    `There is no ${request.param('registry')} in ${request.param('region')}.`,
  );
}

/** Asks for a token, where tokens are asked for, that may pull from the repository. */
function authorize(
  request: ArmRequest,
  { name }: Registry,
  repository: string | undefined,
  { tokens, behaviour }: EndpointOperationsParts,
): void {
  if (!behaviour().requireToken) return;
  const service = loginServerOf(name);
  const wanted = repository === undefined ? undefined : `repository:${repository}:pull`;
  const [, token = ''] = /^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
  const granted = tokens.scopeOf(token, 'access', service);
  if (granted !== undefined && (wanted === undefined || granted.split(' ').includes(wanted))) return;
  const realm = `${request.base}/oauth2/token`;
  const scope = wanted === undefined ? '' : `,scope="${wanted}"`;
  throw refusal(401, 'UNAUTHORIZED', 'authentication required', {
    'WWW-Authenticate': `Bearer realm="${realm}",service="${service}"${scope}`,
  });
}

/** Any token of Entra ID will do. */
function exchange(request: ArmRequest, { registries, tokens }: EndpointOperationsParts): string {
  const { service } = form(exchangeSchema, request);
  checkService(service, registries);
  return tokens.issue('refresh', service, '');
}

function accessToken(request: ArmRequest, { registries, tokens }: EndpointOperationsParts): string {
  const { service, scope, refresh_token } = form(tokenSchema, request);
  checkService(service, registries);
  if (tokens.scopeOf(refresh_token, 'refresh', service) === undefined) {
    throw refusal(401, 'UNAUTHORIZED', 'The refresh token is not valid.');
  }
  return tokens.issue('access', service, scope);
}

function checkService(service: string, registries: Registries): void {
  for (const { name } of registries.all) if (loginServerOf(name) === service) return;
  throw refusal(400, 'UNSUPPORTED', `There is no registry ${service}.`);
}

function form<Schema extends v.GenericSchema>(schema: Schema, { body }: ArmRequest): v.InferOutput<Schema> {
  const result = v.safeParse(schema, body);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw refusal(400, 'UNSUPPORTED', `${v.getDotPath(issue) ?? 'the form'}: ${issue.message}`);
}

const refusal = (
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ArmError =>
  new ArmError(status, code, message, { shape: 'distribution', headers: { ...version, ...headers } });
