import { createServer, type Server } from 'node:https';
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { afterEach, describe, expect, it } from 'vitest';
import { regionalEndpoints } from '../../../src/azure/registry-endpoint/endpoint.ts';
import { deadlineIn } from '../../../src/lib/deadline.ts';
import type { RoleAssignmentMode } from '../../../src/registries/role-assignment-mode.ts';
import { registryOf } from '../../registries/registry-of.ts';
import { selfSigned } from '../../support/self-signed.ts';
import { jwt } from './jwt.ts';

const loginServer = 'myregistry.azurecr.io';
const regions = ['eastus', 'westus'];
const hosts = [
  loginServer,
  ...regions.map((region) => `myregistry.${region}.geo.azurecr.io`),
  'evil.example',
];
const tls = selfSigned(hosts);
const inAnHour = Math.floor(Date.now() / 1000) + 3_600;

interface Behaviour {
  realm: string;
  /** Counts up to make every token another one. */
  issued: number;
  /** Those that the registry takes. */
  readonly good: Set<string>;
  tokenStatus: number;
  exchangeStatus: number;
  exchangeBody: unknown;
  mode: RoleAssignmentMode;
}

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  server = undefined;
});

/** Every host of a registry on one TLS server, as the registry's token service describes them. */
async function registryWithTokens() {
  const behaviour: Behaviour = {
    realm: `https://${loginServer}/oauth2/token`,
    issued: 0,
    good: new Set(),
    tokenStatus: 200,
    exchangeStatus: 200,
    exchangeBody: undefined,
    mode: 'registryPermissions',
  };
  const seen: { host: string; call: string; form: Record<string, string>; authorization: string }[] = [];
  const app = new Hono();
  app.use(async (context, next) => {
    const body = await context.req.text();
    const form = Object.fromEntries(new URLSearchParams(body));
    // The port is the test's own.
    const host = context.req.header('host')?.replace(/:\d+$/, '') ?? '';
    const authorization = context.req.header('authorization') ?? '';
    seen.push({ host, call: `${context.req.method} ${context.req.path}`, form, authorization });
    await next();
  });
  app.post('/oauth2/exchange', () =>
    Response.json(behaviour.exchangeBody ?? { refresh_token: jwt({ exp: inAnHour }) }, {
      status: behaviour.exchangeStatus,
    }),
  );
  app.post('/oauth2/token', () => {
    const access_token = jwt({ exp: inAnHour, id: ++behaviour.issued });
    behaviour.good.add(access_token);
    return Response.json(
      { access_token },
      { status: behaviour.tokenStatus, headers: { 'retry-after': '9' } },
    );
  });
  app.get('/v2/*', (context) => {
    const token = context.req.header('authorization')?.replace('Bearer ', '') ?? '';
    if (behaviour.good.has(token)) return context.body(null, 404);
    const challenge = `Bearer realm="${behaviour.realm}",service="${loginServer}",scope="repository:*:*"`;
    return context.body(null, 401, { 'www-authenticate': challenge });
  });
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const listening = createServer(tls, (incoming, outgoing) => void listener(incoming, outgoing));
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new TypeError('the server has no port');

  const tokens: string[] = [];
  const ports = regionalEndpoints({
    loginServerOf: async () => loginServer,
    roleAssignmentModeOf: async () => behaviour.mode,
    credential: async () => ({
      getToken: async (scope) => {
        tokens.push(String(scope));
        return { token: 'identity', expiresOnTimestamp: Date.now() + 60_000 };
      },
    }),
    now: () => new Date(),
    httpClient: redirectedTo(address.port),
  });
  const registry = registryOf();
  const head = (region = 'eastus', repository = 'team/app') =>
    ports.head(registry, region, repository, 'v1', deadlineIn(10_000));
  const calls = () => seen.map(({ host, call }) => `${call} ${host}`);
  return { behaviour, seen, tokens, ports, registry, head, calls };
}

/** Every name resolves to the test's server, whose certificate is trusted. */
function redirectedTo(port: number): HttpClient {
  const client = createDefaultHttpClient();
  const tlsSettings = { ca: tls.cert };
  const requestOverrides = {
    port,
    lookup: (_host: string, _options: object, found: (error: null, addresses: object[]) => void) =>
      found(null, [{ address: '127.0.0.1', family: 4 }]),
  };
  return {
    sendRequest: (request) => client.sendRequest(Object.assign(request, { tlsSettings, requestOverrides })),
  };
}

const eastus = 'myregistry.eastus.geo.azurecr.io';
const westus = 'myregistry.westus.geo.azurecr.io';
const manifest = '/v2/team/app/manifests/v1';

describe('a regional endpoint that requires a token', () => {
  it('gets one that only allows to pull this repository, in exchange for a token that only registries accept', async () => {
    const { calls, head, seen, tokens } = await registryWithTokens();
    expect(await head()).toEqual({ kind: 'absent' });
    expect(calls()).toEqual([
      `HEAD ${manifest} ${eastus}`,
      `POST /oauth2/exchange ${loginServer}`,
      `POST /oauth2/token ${loginServer}`,
      `HEAD ${manifest} ${eastus}`,
    ]);
    expect(seen[1]?.form).toEqual({
      grant_type: 'access_token',
      service: loginServer,
      access_token: 'identity',
    });
    expect(seen[2]?.form).toMatchObject({ grant_type: 'refresh_token', scope: 'repository:team/app:pull' });
    expect(tokens).toEqual(['https://containerregistry.azure.net/.default']);
  });

  it('gets the same one again, in every region', async () => {
    const { calls, head, seen } = await registryWithTokens();
    await head('eastus');
    seen.length = 0;
    expect(await head('westus')).toEqual({ kind: 'absent' });
    expect(await head('eastus')).toEqual({ kind: 'absent' });
    expect(calls()).toEqual([`HEAD ${manifest} ${westus}`, `HEAD ${manifest} ${eastus}`]);
  });

  it('shares one token among concurrent calls, and gets another one for another repository', async () => {
    const { behaviour, head, tokens } = await registryWithTokens();
    await Promise.all(Array.from({ length: 8 }, () => head()));
    expect(behaviour.issued).toBe(1);
    await head('eastus', 'other');
    expect(behaviour.issued).toBe(2);
    expect(tokens).toHaveLength(1);
  });

  it('gets a new one when it refuses the cached one', async () => {
    const { behaviour, head } = await registryWithTokens();
    await head();
    behaviour.good.clear();
    expect(await head()).toEqual({ kind: 'absent' });
    expect(behaviour.issued).toBe(2);
  });

  it('may issue tokens itself', async () => {
    const { behaviour, calls, head } = await registryWithTokens();
    behaviour.realm = `https://${eastus}/oauth2/token`;
    expect(await head()).toEqual({ kind: 'absent' });
    expect(calls()).toContain(`POST /oauth2/exchange ${eastus}`);
  });

  it.each(['https://evil.example/oauth2/token', `http://${loginServer}/oauth2/token`])(
    'gets none from %s, and nothing is sent there',
    async (realm) => {
      const { behaviour, calls, head, tokens } = await registryWithTokens();
      behaviour.realm = realm;
      expect(await head()).toMatchObject({ kind: 'unverified', reason: expect.stringContaining('own host') });
      expect(calls()).toEqual([`HEAD ${manifest} ${eastus}`]);
      expect(tokens).toEqual([]);
    },
  );

  it.each([
    ['exchangeStatus', 401, 'assign the role AcrPull'],
    ['tokenStatus', 401, 'assign the role AcrPull'],
    ['tokenStatus', 503, 'answered 503'],
  ] as const)('with an %s of %i stays unverified', async (part, status, reason) => {
    const { behaviour, head } = await registryWithTokens();
    behaviour[part] = status;
    expect(await head()).toEqual({ kind: 'unverified', reason: expect.stringContaining(reason) });
    behaviour[part] = 200;
    expect(await head()).toEqual({ kind: 'absent' });
  });

  it('with a missing role names the one that the registry honours', async () => {
    const { behaviour, head } = await registryWithTokens();
    behaviour.tokenStatus = 401;
    behaviour.mode = 'repositoryPermissions';
    expect(await head()).toEqual({
      kind: 'unverified',
      reason: expect.stringContaining('assign the role Container Registry Repository Reader'),
    });
  });

  it('behind a firewall that keeps the app from its token service says so', async () => {
    const { behaviour, head } = await registryWithTokens();
    behaviour.exchangeStatus = 403;
    behaviour.exchangeBody = {
      errors: [{ code: 'DENIED', message: "client with IP '203.0.113.7' is not allowed access." }],
    };
    const answer = await head();
    expect(answer).toMatchObject({ kind: 'unverified', reason: expect.stringContaining('firewall') });
    expect(JSON.stringify(answer)).not.toContain('203.0.113.7');
  });

  it('that refuses a good token lacks the role, and gets no third call', async () => {
    const { behaviour, calls, head } = await registryWithTokens();
    behaviour.good.add = () => behaviour.good;
    expect(await head()).toMatchObject({ reason: expect.stringContaining('assign the role AcrPull') });
    expect(calls().filter((call) => call.includes(manifest))).toHaveLength(2);
  });

  it('waits for its token service, which is asked once, while its own calls go on', async () => {
    const { behaviour, calls, head, ports, registry, seen } = await registryWithTokens();
    await head('eastus', 'known');
    behaviour.tokenStatus = 429;
    seen.length = 0;
    const throttled = { kind: 'throttled', by: 'tokenService' };
    expect(await head()).toMatchObject({ ...throttled, retryAfterMs: 9_000 });
    expect(await head()).toMatchObject(throttled);
    expect(calls().filter((call) => call.startsWith('POST'))).toHaveLength(1);
    // Whoever holds a token, or needs none, gets an answer.
    expect(await head('eastus', 'known')).toEqual({ kind: 'absent' });
    expect(await ports.probe(registry, 'eastus', deadlineIn(5_000))).toMatchObject({ kind: 'alive' });
  });

  it('is alive for a probe, which needs no token', async () => {
    const { calls, ports, registry, tokens } = await registryWithTokens();
    expect(await ports.probe(registry, 'eastus', deadlineIn(5_000))).toMatchObject({ kind: 'alive' });
    expect(calls()).toEqual([`GET /v2/ ${eastus}`]);
    expect(tokens).toEqual([]);
  });
});

describe('a regional endpoint by its name', () => {
  const ports = (server: string | undefined) =>
    regionalEndpoints({
      loginServerOf: async () => server,
      roleAssignmentModeOf: async () => 'unknown',
      credential: () => Promise.reject(new Error('a credential was asked for')),
      now: () => new Date(),
      httpClient: withoutNames(),
    });

  it('is unknown when its name does not resolve', async () => {
    const one = ports(loginServer);
    const reason = 'its name does not resolve (ENOTFOUND)';
    expect(await one.probe(registryOf(), 'eastus', deadlineIn(5_000))).toEqual({ kind: 'unknown', reason });
    expect(await one.head(registryOf(), 'eastus', 'app', 'v1', deadlineIn(5_000))).toEqual({
      kind: 'unverified',
      reason,
    });
  });

  it('is unknown when the login server is not known', async () => {
    const reason = 'its login server is not known';
    expect(await ports(undefined).probe(registryOf(), 'eastus', deadlineIn(5_000))).toEqual({
      kind: 'unknown',
      reason,
    });
  });
});

/** No name resolves. */
function withoutNames(): HttpClient {
  const client = createDefaultHttpClient();
  const lookup = (_host: string, _options: object, found: (error: Error) => void) =>
    found(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
  return {
    sendRequest: (request) => client.sendRequest(Object.assign(request, { requestOverrides: { lookup } })),
  };
}
