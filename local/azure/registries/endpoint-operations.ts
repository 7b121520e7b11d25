import {
  type ArmAnswer,
  type ArmRequest,
  type Operation,
  type OperationRow,
  operationsFrom,
} from '../arm/operation.ts';
import { type DataHost, rangeOf } from './data-host.ts';
import { refusal, version } from './endpoint-refusal.ts';
import type { ImageBlob, Manifest } from './manifest.ts';
import { labelOf, type Registries, type Registry, regionOf, replicaIn } from './registry.ts';
import type { Replica } from './replica.ts';
import { authorize, type TokenParts, tokenOperations } from './token-operations.ts';

interface EndpointParts extends TokenParts {
  readonly data: DataHost;
  /** Base URL of the data host, of the scheme that the client speaks. */
  readonly dataBase: (scheme: string) => string;
}

const protocol = 'registry';
const endpointPath = '/registry-endpoints/{registry}/{region}';
const pingPath = `${endpointPath}/v2`;
const manifestPath = `${endpointPath}/v2{repository*}/manifests/{reference}`;
const blobPath = `${endpointPath}/v2{repository*}/blobs/{digest}`;

/**
 * Regional endpoints, as far as images are read there.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
const table: readonly OperationRow<EndpointParts>[] = [
  { name: 'RegistryEndpoint_Ping', method: 'GET', path: pingPath, protocol, handler: ping },
  { name: 'Manifests_Head', method: 'HEAD', path: manifestPath, protocol, handler: headManifest },
  { name: 'Manifests_Get', method: 'GET', path: manifestPath, protocol, handler: getManifest },
  { name: 'Blobs_Head', method: 'HEAD', path: blobPath, protocol, handler: headBlob },
  { name: 'Blobs_Get', method: 'GET', path: blobPath, protocol, handler: getBlob },
];

export const endpointOperations = (parts: EndpointParts): Operation[] => [
  ...operationsFrom(table, parts),
  ...tokenOperations(endpointPath, parts),
];

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
  const location = `${base}${address}`;
  return {
    status: 307,
    headers: {
      ...version,
      'Docker-Content-Digest': blob.digest,
      'Content-Type': 'text/html; charset=utf-8',
      Location: location,
    },
    text: `<a href="${location.replaceAll('&', '&amp;')}">Temporary Redirect</a>.\n\n`,
  };
}

function manifestOf(request: ArmRequest, parts: EndpointParts): Manifest {
  const { registry, replica } = replicaOf(request, parts.registries);
  const repository = request.param('repository').slice(1);
  authorize(request, registry, repository, parts);
  const reference = request.param('reference');
  const found = replica.content.find(repository, reference);
  if (found !== undefined) return found;
  const isDigest = reference.includes(':');
  throw refusal(
    404,
    'MANIFEST_UNKNOWN',
    isDigest ? `manifest ${reference} is not found` : `manifest tagged by "${reference}" is not found`,
    {},
    isDigest ? { Name: repository, Revision: reference } : { Tag: reference },
  );
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

const headersOf = ({ digest, mediaType, text }: Manifest): Record<string, string> => ({
  ...version,
  'Docker-Content-Digest': digest,
  'Content-Type': mediaType,
  'Content-Length': String(Buffer.byteLength(text)),
  ETag: `"${digest}"`,
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
