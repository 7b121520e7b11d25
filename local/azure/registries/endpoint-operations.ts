import * as v from 'valibot';
import { ArmError } from '../arm/arm-error.ts';
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
import { type DataHost, rangeOf } from './data-host.ts';
import type { EndpointTokens } from './endpoint-tokens.ts';
import type { ImageBlob, Manifest } from './manifest.ts';
import { labelOf, type Registries, type Registry, regionOf, replicaIn } from './registry.ts';
import type { Replica } from './replica.ts';

interface EndpointParts {
  readonly registries: Registries;
  readonly data: DataHost;
  /** Base URL of the data host, of the scheme that the client speaks. */
  readonly dataBase: (scheme: string) => string;
  readonly tokens: EndpointTokens;
  readonly identity: ManagedIdentity;
  readonly behaviour: () => RegistryBehaviour;
}

const protocol = 'registry';
const endpointPath = '/registry-endpoints/{registry}/{region}';
const pingPath = `${endpointPath}/v2`;
const manifestPath = `${endpointPath}/v2{repository*}/manifests/{reference}`;
const blobPath = `${endpointPath}/v2{repository*}/blobs/{digest}`;
const exchangePath = '/oauth2/exchange';
const tokenPath = '/oauth2/token';

/**
 * Regional endpoints, as far as images are read there.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 * https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md
 */
const table: readonly OperationRow<EndpointParts>[] = [
  { name: 'RegistryEndpoint_Ping', method: 'GET', path: pingPath, protocol, handler: ping },
  { name: 'Manifests_Head', method: 'HEAD', path: manifestPath, protocol, handler: headManifest },
  { name: 'Manifests_Get', method: 'GET', path: manifestPath, protocol, handler: getManifest },
  { name: 'Blobs_Head', method: 'HEAD', path: blobPath, protocol, handler: headBlob },
  { name: 'Blobs_Get', method: 'GET', path: blobPath, protocol, handler: getBlob },
  // Tokens are given out below every regional endpoint, and at the root for those who keep only a realm's scheme and
  // host.
  ...[endpointPath, ''].flatMap((root): OperationRow<EndpointParts>[] => [
    {
      name: 'Authentication_ExchangeToken',
      method: 'POST',
      path: `${root}${exchangePath}`,
      protocol,
      handler: exchangeToken,
    },
    {
      name: 'Authentication_GetToken',
      method: 'POST',
      path: `${root}${tokenPath}`,
      protocol,
      handler: getAccessToken,
    },
  ]),
];

export const endpointOperations = (parts: EndpointParts): Operation[] => operationsFrom(table, parts);

function ping(request: ArmRequest, parts: EndpointParts): ArmAnswer {
  const { registry } = replicaOf(request, parts.registries);
  authorize(request, registry, undefined, parts);
  return { status: 200, headers: version, body: {} };
}

function headManifest(request: ArmRequest, parts: EndpointParts): ArmAnswer {
  return { status: 200, headers: headersOf(manifestOf(request, parts)) };
}

function getManifest(request: ArmRequest, parts: EndpointParts): ArmAnswer {
  const found = manifestOf(request, parts);
  return { status: 200, headers: headersOf(found), text: found.text };
}

function headBlob(request: ArmRequest, parts: EndpointParts): ArmAnswer {
  const found = blobOf(request, parts);
  if (parts.behaviour().blobHead === 'redirect') return redirect(request, found, parts);
  const { digest, bytes } = found.blob;
  const headers = {
    ...version,
    'Docker-Content-Digest': digest,
    'Content-Type': 'application/octet-stream',
    'Content-Length': String(bytes.byteLength),
    'Accept-Ranges': 'bytes',
  };
  return { status: 200, headers };
}

function getBlob(request: ArmRequest, parts: EndpointParts): ArmAnswer {
  const found = blobOf(request, parts);
  if (parts.behaviour().blobGet === 'redirect') return redirect(request, found, parts);
  const answer = rangeOf(found.blob.bytes, request.headers.get('range'));
  return {
    ...answer,
    headers: { ...version, 'Docker-Content-Digest': found.blob.digest, ...answer.headers },
  };
}

/** The data host serves the bytes, and a `Range` is for it. */
function redirect(
  request: ArmRequest,
  { registry, replica, repository, blob }: FoundBlob,
  parts: EndpointParts,
): ArmAnswer {
  const base = parts.dataBase(new URL(request.base).protocol);
  const address = parts.data.addressOf(labelOf(registry), replica, repository, blob.digest);
  return {
    status: 307,
    headers: { ...version, 'Docker-Content-Digest': blob.digest, Location: `${base}${address}` },
  };
}

const exchangeSchema = v.object({
  grant_type: v.literal('access_token'),
  service: v.string(),
  access_token: v.pipe(v.string(), v.minLength(1)),
});

/** What a token of Entra ID has to be for. */
const audience = 'https://containerregistry.azure.net';

/** Gives a refresh token for any token of Entra ID; one of the simulator's own has to be for registries. */
function exchangeToken(request: ArmRequest, { registries, tokens, identity }: EndpointParts): ArmAnswer {
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

function getAccessToken(request: ArmRequest, { registries, tokens }: EndpointParts): ArmAnswer {
  const { service, scope, refresh_token } = form(tokenSchema, request);
  const { access } = ofService(request, service, registries);
  if (tokens.scopeOf(refresh_token, 'refresh', service) === undefined) {
    throw refusal(401, 'UNAUTHORIZED', 'The refresh token is not valid.');
  }
  const granted = grantedOf(access, scope);
  if (granted === '' && access.refusedAt === 'scope') throw denied();
  return { status: 200, body: { access_token: tokens.issue('access', service, granted) } };
}

function manifestOf(request: ArmRequest, parts: EndpointParts): Manifest {
  const { registry, replica } = replicaOf(request, parts.registries);
  const repository = request.param('repository').slice(1);
  authorize(request, registry, repository, parts);
  const reference = request.param('reference');
  const found = replica.content.find(repository, reference);
  if (found !== undefined) return found;
  throw refusal(404, 'MANIFEST_UNKNOWN', `manifest ${reference} is not found`);
}

interface FoundBlob {
  readonly registry: Registry;
  readonly replica: Replica;
  readonly repository: string;
  readonly blob: ImageBlob;
}

function blobOf(request: ArmRequest, parts: EndpointParts): FoundBlob {
  const { registry, replica } = replicaOf(request, parts.registries);
  const repository = request.param('repository').slice(1);
  authorize(request, registry, repository, parts);
  const digest = request.param('digest');
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) {
    throw refusal(400, 'DIGEST_INVALID', `${digest} is no digest`);
  }
  const blob = replica.content.findBlob(repository, digest);
  if (blob !== undefined) return { registry, replica, repository, blob };
  throw refusal(404, 'BLOB_UNKNOWN', `blob ${digest} is not found`);
}

const version = { 'Docker-Distribution-Api-Version': 'registry/2.0' };

const headersOf = ({ digest, mediaType, text }: Manifest): Record<string, string> => ({
  ...version,
  'Docker-Content-Digest': digest,
  'Content-Type': mediaType,
  'Content-Length': String(Buffer.byteLength(text)),
});

function replicaOf(request: ArmRequest, registries: Registries): { registry: Registry; replica: Replica } {
  const registry = registries.labelled(request.param('registry'));
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
  { loginServer: service }: Registry,
  repository: string | undefined,
  { tokens, behaviour }: EndpointParts,
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
  throw refusal(401, 'UNAUTHORIZED', 'authentication required', {
    'WWW-Authenticate': `Bearer realm="${realm}",service="${service}"${scope}${error}`,
  });
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

const refusal = (
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ArmError =>
  new ArmError(status, code, message, { shape: 'distribution', headers: { ...version, ...headers } });
