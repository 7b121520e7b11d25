import { createDefaultHttpClient, createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { sender } from '../../../src/azure/registry-endpoint/send.ts';
import { registryTokens } from '../../../src/azure/registry-endpoint/tokens.ts';
import { registryOf } from '../../registries/registry-of.ts';
import type { Answer } from '../../support/hanging-server.ts';
import { adapters } from './adapters.ts';
import {
  anyCredential,
  type Call,
  closed,
  json,
  type LimitedCall,
  never,
  type TokenCall,
} from './limited-call.ts';

const ownMs = 5_000;
const digest = `sha256:${'a'.repeat(64)}`;
const repository = 'team/app';
const image = { repository, reference: 'v1', regions: [] };
const now = () => new Date();
const endpoints = adapters.regionalEndpoints({
  ...{ loginServerOf: never, roleAssignmentModeOf: never, credential: never, now },
});

let registries = 0;
/** One of its own for each call: what another one met rests a while. */
function registryAt(url: string) {
  registries += 1;
  return registryOf({
    id: `${registryOf().id}-${registries}`,
    endpoints: new Map([['westus', { url, isInsecure: url.startsWith('http:') }]]),
  });
}

const says =
  /"reason":"(the data host 127\.0\.0\.1: )?(no answer within 5000 ms|there was no time left to ask)"/;
const endpointCall = (what: string, make: Call, before?: Answer): LimitedCall => ({
  ...{ what, ownMs, says, make },
  ...(before && { before }),
});
const probe: Call = (url, deadline) => endpoints.probe(registryAt(url), 'westus', deadline);
const head: Call = (url, deadline) => endpoints.head(registryAt(url), 'westus', repository, 'v1', deadline);
const hasBlob: Call = (url, deadline) =>
  endpoints.hasBlob(registryAt(url), 'westus', repository, digest, deadline);
const pull: Call = (url, deadline) => endpoints.pull(registryAt(url), 'westus', image, deadline);

const manifest = JSON.stringify({ config: { digest }, layers: [{ digest }] });
const upTo =
  (path: string): Answer =>
  (request, url) => {
    const asked = request.url ?? '';
    if (asked.includes(path)) return undefined;
    if (asked.includes('/manifests/')) return { headers: json, body: manifest };
    return { status: 307, headers: { location: `${url}/data/layer` }, body: '' };
  };
const afterHead =
  (status: number): Answer =>
  ({ method }) =>
    method === 'HEAD' ? { status, body: '' } : undefined;

/** An endpoint that asks for a token of its own token service, which is at the URL. */
const headWithToken: Call = (url, deadline) => {
  const endpoint = 'https://myregistry.westus.geo.azurecr.io';
  const challenge = `Bearer realm="${endpoint}/oauth2/token",service="myregistry.azurecr.io"`;
  const client = createDefaultHttpClient();
  const httpClient: HttpClient = {
    sendRequest(request) {
      if (!request.url.includes('/oauth2/')) {
        const headers = createHttpHeaders({ 'www-authenticate': challenge });
        return Promise.resolve({ request, status: 401, headers });
      }
      return client.sendRequest(
        Object.assign(request, { url: request.url.replace(endpoint, url), allowInsecureConnection: true }),
      );
    },
  };
  return adapters
    .regionalEndpoints({
      ...{ roleAssignmentModeOf: never, now, httpClient },
      loginServerOf: async () => undefined,
      credential: async () => anyCredential,
    })
    .head(
      registryOf({ endpoints: new Map([['westus', { url: endpoint, isInsecure: false }]]) }),
      ...(['westus', repository, 'v1', deadline] as const),
    );
};

const tokensAt = (url: string, credential = anyCredential) =>
  registryTokens({
    credential: async () => credential,
    send: sender({ httpClient: createDefaultHttpClient(), now, timeoutMs: ownMs }),
    now,
  }).renew(
    registryAt(url),
    'repository:a:pull',
    {
      exchangeUrl: `${url}/oauth2/exchange`,
      tokenUrl: `${url}/oauth2/token`,
      service: 'myregistry.azurecr.io',
    },
    undefined,
  );
const tokenCall = (what: string): LimitedCall => ({
  ...{ what, ownMs, make: (url) => tokensAt(url) },
  says: /^TokenServiceFailedError: its token service: no answer within 5000 ms$/,
});

export const registryEndpointCalls: readonly LimitedCall[] = [
  endpointCall('the front door of an endpoint', probe),
  { ...endpointCall('the digest of a tag', head), isHead: true },
  // A head without a digest leads to a second call.
  endpointCall('the digest of a tag by its manifest', head, afterHead(200)),
  {
    ...endpointCall('a manifest', (url, deadline) =>
      endpoints.contents(registryAt(url), 'westus', repository, digest, deadline),
    ),
    says: /^nothing$/,
  },
  endpointCall('the absence of a manifest', (url, deadline) =>
    endpoints.confirmAbsence(registryAt(url), 'westus', repository, digest, deadline),
  ),
  { ...endpointCall('a layer', hasBlob), isHead: true },
  endpointCall('a layer by its first byte', hasBlob, afterHead(405)),
  endpointCall('the manifest of a pull', pull),
  endpointCall('the layer of a pull', pull, upTo('/blobs/')),
  endpointCall('the data host of a pull', pull, upTo('/data/')),
  {
    ...endpointCall('the token of an endpoint', headWithToken),
    says: /"reason":"(its token service: no answer within 5000 ms|there was no time left to ask)"/,
    // Others may wait for it, too.
    isDroppedLate: true,
  },
  tokenCall('the exchange of a token'),
  {
    ...tokenCall('the token of a registry'),
    before: (request) =>
      request.url?.includes('exchange') ? { headers: json, body: '{"refresh_token":"r"}' } : undefined,
  },
];

export const registryEndpointTokenCalls: readonly TokenCall[] = [
  {
    ...{ what: 'the token of a registry', ownMs: 8_000, endsRequest: true },
    says: /^NoTokenError: the app's identity got no token \(TimeoutError\)$/,
    make: (credential) => tokensAt(closed.url, credential),
  },
];

export const registryEndpointHandshakes: readonly LimitedCall[] = [
  endpointCall('the front door of an endpoint', probe),
  tokenCall('the exchange of a token'),
];
