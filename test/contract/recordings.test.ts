import { Readable } from 'node:stream';
import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { AzureNamedKeyCredential, generateAccountSas, TableClient } from '@azure/data-tables';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../local/azure/clock.ts';
import { startLocalAzure } from '../../local/azure/local-azure.ts';
import { sampleHub, sampleRegistry, sampleSubscriptionId } from '../../local/azure/sample.ts';
import { containerGroupAdapters } from '../../src/azure/arm/container-groups.ts';
import { recordSetAdapters } from '../../src/azure/arm/record-sets.ts';
import { registryAdapters } from '../../src/azure/arm/registries.ts';
import { regionalEndpoints } from '../../src/azure/registry-endpoint/endpoint.ts';
import { openTable } from '../../src/azure/storage/tables.ts';
import { ZoneMissingError } from '../../src/dns/errors.ts';
import { deadlineIn } from '../../src/lib/deadline.ts';
import { StateChangedError } from '../../src/lib/errors.ts';
import { parseRegistries } from '../../src/registries/settings.ts';
import { settingValue } from '../../src/settings/setting.ts';
import { jwt } from '../azure/registry-endpoint/jwt.ts';
import { registryOf } from '../registries/registry-of.ts';
import { serveRecorded } from '../support/recording-server.ts';
import { aStorageAccount } from '../support/storage-account.ts';
import { lifeOfAGroup } from './recordings/container-groups.ts';
import { type Answer, differences, type Exchange, type Recording } from './recordings/exchange.ts';
import { conditionalUpdate, lifeOfARecordSet, refusals, zoneName } from './recordings/private-dns.ts';
import {
  digest,
  encoded,
  images,
  layer,
  loginServer,
  manifestText,
  repository,
} from './recordings/registry-images.ts';
import { tokens } from './recordings/registry-tokens.ts';
import { registryId, replicas } from './recordings/replications.ts';
import { lifeOfAnEntity, tableName, transactionOnNoTable } from './recordings/tables.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

describe('the local Azure answers recorded requests as Azure did', () => {
  async function send(url: string, { request }: Exchange, etag: string): Promise<Answer> {
    const headers = { 'content-type': 'application/json', ...request.headers };
    if ('if-match' in headers) headers['if-match'] = etag;
    const { method, path, body } = request;
    const answer = await fetch(`${url}${path}`, {
      ...{ method, headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
  }

  it.each<[string, Recording]>([
    ['the life of a record set', lifeOfARecordSet],
    ['a conditional update', conditionalUpdate],
    ['what Private DNS refuses', refusals],
    ['the life of a container group', lifeOfAGroup],
    ['replications', replicas],
  ])('%s', async (_what, { exchanges }) => {
    const clock = new ManualClock();
    const azure = await startLocalAzure({
      clock,
      registries: [{ ...sampleRegistry, replicas: ['westus'] }],
    });
    closing.push(() => azure.close());
    for (const region of ['eastus', 'westus'])
      azure.registries.setReplica(sampleRegistry.name, region, { tags: { key1: 'value1' } });
    const found: Record<string, string[]> = {};
    let etag = '';
    for (const exchange of exchanges) {
      const answer = await send(azure.armEndpoint, exchange, etag);
      etag = answer.headers.get('etag') ?? '';
      found[exchange.what] = differences(exchange, answer);
      await clock.advance(1000);
    }
    expect(found).toEqual(
      Object.fromEntries(exchanges.map(({ what, known = [] }) => [what, known.toSorted()])),
    );
  });
});

describe('a simulated regional endpoint answers recorded requests as Azure did', () => {
  it('from a token of Entra ID to one for a repository', async () => {
    const azure = await startLocalAzure({ registryBehaviour: { requireToken: true } });
    closing.push(() => azure.close());
    const found: Record<string, string[]> = {};
    let refreshToken = '';
    for (const exchange of tokens.exchanges) {
      const { method, path, headers = {}, body } = exchange.request;
      const answer = await fetch(`${azure.registries.endpoint(sampleRegistry.name, 'eastus')}${path}`, {
        ...{ method, headers },
        body: String(body).replace(/\{refresh_token[^}]*\}/, refreshToken),
      });
      const parsed: unknown = await answer.json();
      refreshToken = String(Object(parsed).refresh_token ?? '');
      const { status } = answer;
      found[exchange.what] = differences(exchange, { status, headers: answer.headers, body: parsed });
    }
    expect(found).toEqual(
      Object.fromEntries(tokens.exchanges.map(({ what, known = [] }) => [what, known.toSorted()])),
    );
  });
});

describe('a simulated regional endpoint and its data host answer recorded requests as Azure did', () => {
  it('from the challenge to the bytes of a layer', async () => {
    const azure = await startLocalAzure({ registryBehaviour: { requireToken: true } });
    closing.push(() => azure.close());
    const { registries } = azure;
    const pushed = registries.push({ registry: sampleRegistry.name, repository, tag: 'latest', layers: 1 });
    const [ours = ''] = registries.partsOf(sampleRegistry.name, repository, pushed).layers;
    const endpoint = registries.endpoint(sampleRegistry.name, 'eastus');
    const token = await accessToken(endpoint);
    const found: Record<string, string[]> = {};
    let location = '';
    for (const exchange of images.exchanges) {
      const { method, path, headers } = exchange.request;
      const own = [
        [layer, ours],
        [digest, pushed],
      ].reduce(
        (known, [theirs = '', one = '']) => known.replace(theirs, one).replace(encoded(theirs), encoded(one)),
        path,
      );
      const answer = await fetch(path.startsWith('/') ? `${endpoint}${own}` : location, {
        method,
        redirect: 'manual',
        headers: Object.entries(headers ?? {}).map(([name, value]) => [
          name,
          value.replace('{access_token}', token),
        ]),
      });
      location = answer.headers.get('location') ?? location;
      const text = await answer.text();
      const isJson = /json/.test(answer.headers.get('content-type') ?? '');
      const body = text === '' ? undefined : isJson ? JSON.parse(text) : text;
      found[exchange.what] = differences(exchange, { status: answer.status, headers: answer.headers, body });
    }
    expect(found).toEqual(
      Object.fromEntries(images.exchanges.map(({ what, known = [] }) => [what, known.toSorted()])),
    );
  });

  async function accessToken(endpoint: string): Promise<string> {
    const ask = async (path: string, form: Readonly<Record<string, string>>) => {
      const body = new URLSearchParams({ service: loginServer, ...form });
      const answer: unknown = await (await fetch(`${endpoint}${path}`, { method: 'POST', body })).json();
      return Object(answer);
    };
    const { refresh_token } = await ask('/oauth2/exchange', {
      grant_type: 'access_token',
      access_token: 'e30.e30.made-up',
    });
    const scope = `repository:${repository}:pull`;
    const { access_token } = await ask('/oauth2/token', {
      grant_type: 'refresh_token',
      refresh_token,
      scope,
    });
    return String(access_token);
  }
});

describe('Azurite answers recorded requests as Azure did', () => {
  it('the life of an entity', async () => {
    const { connectionString } = await aStorageAccount();
    const partOf = (name: string) => new RegExp(`${name}=([^;]*)`).exec(connectionString)?.[1] ?? '';
    const credential = new AzureNamedKeyCredential(partOf('AccountName'), partOf('AccountKey'));
    const permissions = { query: true, add: true, update: true, delete: true, create: true, write: true };
    const token = generateAccountSas(credential, { permissions });
    const client = TableClient.fromConnectionString(connectionString, tableName, {
      allowInsecureConnection: true,
    });
    await client.createTable();
    const found: Record<string, string[]> = {};
    for (const exchange of lifeOfAnEntity.exchanges) {
      const { method, path, headers = {}, body } = exchange.request;
      const answer = await fetch(`${partOf('TableEndpoint')}${path}?${token}`, {
        ...{ method, headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      const { status } = answer;
      const parsed = text === '' ? undefined : JSON.parse(text);
      found[exchange.what] = differences(exchange, { status, headers: answer.headers, body: parsed });
    }
    expect(found).toEqual(
      Object.fromEntries(lifeOfAnEntity.exchanges.map(({ what, known = [] }) => [what, known.toSorted()])),
    );
  });
});

describe('the adapters of evenkeel read recorded answers', () => {
  /** Gives the recorded answers to what asks for them, each once and in their order. */
  async function replaying({ exchanges }: Recording) {
    const left = [...exchanges];
    const pathOf = (path: string) => path.split('?')[0]?.toLowerCase();
    const server = await serveRecorded((asked) => {
      const at = left.findIndex(
        ({ request }) => request.method === asked.method && pathOf(request.path) === pathOf(asked.path),
      );
      const [exchange] = at === -1 ? [] : left.splice(at, 1);
      if (exchange === undefined) return undefined;
      const { status, headers, body } = exchange.answer;
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      return new Response(body === undefined ? null : text, { status, headers });
    });
    closing.push(() => server.close());
    return { server, access: { endpoint: server.url, audience: 'unused', credential: undefined } };
  }

  async function all<One>(pages: AsyncIterable<readonly One[]>): Promise<One[]> {
    const found: One[] = [];
    for await (const page of pages) found.push(...page);
    return found;
  }

  const soon = () => deadlineIn(5_000);
  const zone = { subscriptionId: sampleSubscriptionId, resourceGroup: sampleHub, name: zoneName };
  const key = { zone, type: 'A', name: 'a8027' } as const;

  it('of a record set that comes and goes', async () => {
    const { access } = await replaying(lifeOfARecordSet);
    const { reader, lister, writer } = recordSetAdapters(access);
    const empty = { key, values: [], ttlSeconds: 3600, isAutoRegistered: false };
    const first = await reader.read(key, soon());
    expect(first).toMatchObject({ ...empty, etag: 'd572a101-bc4b-4482-87f6-bfda5ab19243' });
    expect(await all(lister.list(zone, 'A', soon()))).toMatchObject([{ ...empty, ttlSeconds: 7200 }]);
    if (first !== undefined) await writer.delete(first, soon());
    expect(await reader.read(key, soon())).toBeUndefined();
  });

  it('of a write on an ETag, which is sent as it was read', async () => {
    const { access, server } = await replaying(conditionalUpdate);
    const { writer } = recordSetAdapters(access);
    const content = { values: ['1.2.3.4'], ttlSeconds: 50, metadata: {} };
    const named = { ...key, name: 'recordname' };
    await writer.create(named, content, soon());
    const etag = '5feb493e-2882-471d-ae43-c57d3e69321a';
    await writer.update({ key: named, etag, isAutoRegistered: false, ...content }, content, soon());
    expect(server.seen.map(({ headers }) => [headers.get('if-none-match'), headers.get('if-match')])).toEqual(
      [
        ['*', null],
        [null, etag],
      ],
    );
  });

  it('of a zone that is not there, and tell it from a record set that is not', async () => {
    const { access } = await replaying(refusals);
    const { writer } = recordSetAdapters(access);
    const absent = { ...key, zone: { ...zone, name: 'absent.example.com' }, name: 'recordname' };
    const creation = writer.create(absent, { values: ['1.2.3.4'], ttlSeconds: 50, metadata: {} }, soon());
    await expect(creation).rejects.toThrow(ZoneMissingError);
  });

  it('of a container group that has no network, and of none', async () => {
    const { access } = await replaying(lifeOfAGroup);
    const { lister } = containerGroupAdapters(access);
    const scope = { subscriptionId: sampleSubscriptionId, resourceGroup: 'rg-spoke-a' };
    expect(await all(lister.list(scope, soon()))).toMatchObject([
      { live: { kind: 'unaddressed', reason: 'noNetwork' } },
    ]);
    expect(await all(lister.list(scope, soon()))).toEqual([]);
  });

  const table = ({ url }: { readonly url: string }) => {
    const key = Buffer.from('no secret').toString('base64');
    const connectionString = `DefaultEndpointsProtocol=http;AccountName=account;AccountKey=${key};TableEndpoint=${url}`;
    return openTable(tableName, { kind: 'connectionString', connectionString }, undefined);
  };

  it('of an entity that comes and goes', async () => {
    const { server } = await replaying(lifeOfAnEntity);
    const entities = table(server);
    const etag = `W/"datetime'2022-02-01T20%3A52%3A39.3170186Z'"`;
    expect(await entities.insert({ partitionKey: 'P4_node', rowKey: 'R4' }, soon())).toBe(etag);
    expect(await entities.get('P4_node', 'R4', soon())).toMatchObject({ rowKey: 'R4', etag });
    const stale = entities.delete('P4_node', 'R4', soon(), 'old');
    await expect(stale).rejects.toThrow(StateChangedError);
    await entities.delete('P4_node', 'R4', soon());
  });

  it('of a transaction on a table that is not there, which they create', async () => {
    const { server } = await replaying({
      ...transactionOnNoTable,
      exchanges: [
        ...transactionOnNoTable.exchanges,
        {
          what: 'creation of the table',
          request: { method: 'POST', path: '/Tables' },
          answer: { status: 204, headers: {} },
        },
      ],
    });
    await table(server).transact([['create', { partitionKey: 'batchTest', rowKey: '1' }]], soon());
    expect(server.seen.map(({ path }) => path.split('?')[0])).toEqual(['/$batch', '/Tables', '/$batch']);
  });

  it('of replicas, with who changed them last', async () => {
    const { access } = await replaying(replicas);
    const { reader } = registryAdapters(access);
    const setting = parseRegistries(JSON.stringify([{ id: registryId, endpoints: {} }]));
    const [registry] = settingValue(setting).all;
    if (registry === undefined) throw new Error('the registry of the recording is not configured');
    const well = {
      globalRouting: 'enabled',
      lastModifiedBy: 'ea0eddd2-3d60-47f8-b3bf-7ec8ae554d10',
      tags: { key1: 'value1' },
    };
    expect(await reader.readReplica(registry, 'westus', soon())).toMatchObject(well);
    const listed = await reader.listReplicas(registry, soon());
    expect(listed.map(({ region }) => region)).toEqual(['eastus', 'westus']);
    expect(listed).toMatchObject([well, well]);
  });

  /** The endpoint of a region, its token service and storage, as far as the recordings of both tell. */
  function registryThatAnswers() {
    const host = 'myregistry.eastus.geo.azurecr.io';
    const seen: string[] = [];
    const inAnHour = { exp: Math.floor(Date.now() / 1000) + 3_600 };
    const httpClient: HttpClient = {
      async sendRequest(request) {
        const { method, url, headers } = request;
        const { pathname, host: at } = new URL(url);
        seen.push(`${method} ${at}${pathname}`);
        const isSame = (path: string) => {
          const recorded = new URL(path, `https://${host}`);
          return (
            recorded.host === at && decodeURIComponent(recorded.pathname) === decodeURIComponent(pathname)
          );
        };
        const isAllowed =
          !at.includes('azurecr.io') || !pathname.startsWith('/v2/') || headers.has('authorization');
        const found = isAllowed
          ? [...tokens.exchanges, ...images.exchanges].find(
              ({ request: recorded, answer }) =>
                recorded.method === method && isSame(recorded.path) && answer.status !== 401,
            )
          : images.exchanges.find(
              ({ request: recorded, answer }) => recorded.method === method && answer.status === 401,
            );
        const answer = found?.answer ?? { status: 404, headers: {}, body: undefined };
        const text = bodyOf(answer.body, inAnHour);
        return {
          request,
          status: answer.status,
          headers: createHttpHeaders(Object.fromEntries(Object.entries(answer.headers).map(ofHost(host)))),
          readableStreamBody: Readable.from([Buffer.from(text)]),
        };
      },
    };
    const endpoints = regionalEndpoints({
      loginServerOf: async () => loginServer,
      roleAssignmentModeOf: async () => 'registryPermissions',
      credential: async () => ({ getToken: async () => ({ token: 'of Entra ID', expiresOnTimestamp: 0 }) }),
      now: () => new Date(),
      httpClient,
    });
    return { endpoints, seen, registry: registryOf({ probe: 'pull' }) };
  }
  /** The realm is the endpoint that is asked. */
  const ofHost =
    (host: string) =>
    ([name, value]: [string, string]): [string, string] => [
      name,
      value.replace(`realm="https://${loginServer}`, `realm="https://${host}`),
    ];
  const bodyOf = (body: unknown, claims: object): string => {
    if (body === undefined) return '';
    if (typeof body === 'string') return body;
    if (Object(body).schemaVersion !== undefined) return manifestText;
    return JSON.stringify(body).replaceAll('e30.e30.made-up', jwt(claims));
  };

  it('of an image: the challenge, the token, the manifest and the layers', async () => {
    const { endpoints, registry } = registryThatAnswers();
    const { contents, confirmAbsence, hasBlob } = endpoints;
    const found = await contents(registry, 'eastus', repository, digest, soon());
    expect(found).toMatchObject({ kind: 'image' });
    const absent = images.exchanges.find(({ what }) => what === 'digest that is not there');
    const reference = absent?.request.path.split('/').at(-1) ?? '';
    expect(await confirmAbsence(registry, 'eastus', repository, reference, soon())).toEqual({
      kind: 'absent',
    });
    expect(await hasBlob(registry, 'eastus', repository, layer, soon())).toEqual({ kind: 'present' });
  });

  it('of a pull, which follows the redirect to storage without a credential', async () => {
    const { endpoints, registry, seen } = registryThatAnswers();
    const image = { repository, reference: 'latest', regions: 'all' } as const;
    expect(await endpoints.pull(registry, 'eastus', image, soon())).toMatchObject({ kind: 'served' });
    expect(seen.at(-1)).toMatch(/^GET wusmanaged91\.blob\.core\.windows\.net/);
  });
});
