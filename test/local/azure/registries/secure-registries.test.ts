import { existsSync } from 'node:fs';
import { ManagedIdentityCredential } from '@azure/identity';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../../../local/azure/clock.ts';
import { type LocalAzure, startLocalAzure } from '../../../../local/azure/local-azure.ts';
import { call } from '../arm-call.ts';
import { type SecureAnswer, secureCall } from '../secure-call.ts';

const registry = 'myregistry';
const service = 'myregistry.azurecr.io';
const repository = 'team/app';
const image = { registry, repository, tag: 'v1' };
const scope = `repository:${repository}:pull`;
const reader = 'Container Registry Repository Reader';

describe('a secure registry', () => {
  let azure: LocalAzure;
  let clock: ManualClock;
  beforeEach(async () => {
    clock = new ManualClock(Date.now());
    azure = await startLocalAzure({
      clock,
      secureRegistries: true,
      registryBehaviour: { copyDelayMs: [100, 100], requireToken: true },
    });
    azure.registries.push(image);
    await clock.advance(100);
  });
  afterEach(() => azure.close());

  const at = (region: string, path: string) => `${azure.registries.endpoint(registry, region)}${path}`;
  const post = (region: string, path: string, form: Record<string, string>) =>
    secureCall(azure, at(region, path), { method: 'POST', form });
  const exchange = (region: string, access_token = 'any') =>
    post(region, '/oauth2/exchange', { grant_type: 'access_token', service, access_token });
  const tokenFor = (region: string, wanted: string, refresh_token: string) =>
    post(region, '/oauth2/token', { grant_type: 'refresh_token', service, scope: wanted, refresh_token });
  const fieldOf = (answer: SecureAnswer, name: string) =>
    v.parse(v.record(v.string(), v.string()), answer.json())[name] ?? '';
  const accessToken = async (region: string, wanted = scope) => {
    const refresh = fieldOf(await exchange(region), 'refresh_token');
    return fieldOf(await tokenFor(region, wanted, refresh), 'access_token');
  };
  const pull = async (region: string, token: string) =>
    secureCall(azure, at(region, `/v2/${repository}/manifests/v1`), {
      headers: { authorization: `Bearer ${token}` },
    });
  const codeOf = (answer: SecureAnswer) =>
    v.parse(v.object({ errors: v.tuple([v.object({ code: v.string() })]) }), answer.json()).errors[0].code;

  it('has an https host for each regional endpoint, which no process trusts by itself', async () => {
    const hosts = ['eastus', 'westus'].map((region) => new URL(at(region, '')));
    expect(hosts.map(({ protocol, pathname }) => [protocol, pathname])).toEqual([
      ['https:', '/'],
      ['https:', '/'],
    ]);
    expect(hosts[0]?.port).not.toBe(hosts[1]?.port);
    expect(azure.registries.setting()).toMatchObject([{ endpoints: { westus: at('westus', '') } }]);
    await expect(fetch(at('westus', '/v2/'))).rejects.toMatchObject({
      cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
    const file = azure.trustedEnvironment['NODE_EXTRA_CA_CERTS'] ?? '';
    expect(existsSync(file)).toBe(true);
    await azure.close();
    expect(existsSync(file)).toBe(false);
  });

  it('challenges with the token service of the endpoint itself, and its token opens every region', async () => {
    const refused = await secureCall(azure, at('westus', `/v2/${repository}/manifests/v1`));
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([
      401,
      `Bearer realm="${at('westus', '/oauth2/token')}",service="${service}",scope="${scope}"`,
    ]);
    const token = await accessToken('westus');
    expect([(await pull('westus', token)).status, (await pull('eastus', token)).status]).toEqual([200, 200]);
  });

  it('knows only its own service, and gives no token for another', async () => {
    azure.registries.create({ name: 'another', home: 'eastus' });
    const form = { grant_type: 'access_token', service: 'another.azurecr.io', access_token: 'any' };
    expect((await post('westus', '/oauth2/exchange', form)).status).toBe(400);
  });

  it('redirects to a secure data host', async () => {
    const digest = azure.registries.resolve(registry, 'eastus', 'team/app:v1') ?? '';
    const { config } = azure.registries.partsOf(registry, repository, digest);
    const authorization = `Bearer ${await accessToken('eastus')}`;
    const blob = at('eastus', `/v2/${repository}/blobs/${config}`);
    const redirected = await secureCall(azure, blob, { headers: { authorization } });
    const location = String(redirected.headers['location']);
    expect([redirected.status, location.startsWith('https://127.0.0.1:')]).toEqual([307, true]);
    expect((await secureCall(azure, location)).json()).toMatchObject({ os: 'linux' });
  });

  it('opens hosts for replicas that are added later when asked to', async () => {
    azure.registries.addReplica(registry, 'japaneast');
    expect(at('japaneast', '')).toMatch(/^http:/);
    await azure.registries.openSecureEndpoints();
    expect((await secureCall(azure, at('japaneast', '/v2/'))).status).toBe(401);
  });

  describe('takes the tokens of the managed identity', () => {
    afterEach(() => vi.unstubAllEnvs());

    // Once: the SDK keeps the first endpoint that it has met in a process.
    it('that its SDK gets from the environment', async () => {
      for (const [name, value] of Object.entries(azure.trustedEnvironment)) vi.stubEnv(name, value);
      const { token } = await new ManagedIdentityCredential().getToken(
        'https://containerregistry.azure.net/.default',
      );
      expect((await exchange('westus', token)).status).toBe(200);
      expect(azure.requests.totals()['ManagedIdentity_GetToken']).toBe(1);
      await clock.advance(25 * 3_600_000);
      expect((await exchange('westus', token)).status).toBe(401);
    });

    it('unless they are for something else', async () => {
      const url = `${azure.armEndpoint}/identity/token?api-version=2019-08-01&resource=https://vault.azure.net`;
      const answer = await fetch(url, { headers: { 'x-identity-header': azure.identity.header } });
      const { access_token } = v.parse(v.object({ access_token: v.string() }), await answer.json());
      expect((await exchange('westus', access_token)).status).toBe(401);
    });

    it.each([
      ['without the header', {}, 'resource=https://containerregistry.azure.net', 401],
      ['without a resource', { 'x-identity-header': 'own' }, '', 400],
      ['for another identity', { 'x-identity-header': 'own' }, 'resource=https://a.example&client_id=b', 400],
    ])('and gives none %s', async (_what, headers, query, status) => {
      const url = `${azure.armEndpoint}/identity/token?api-version=2019-08-01&${query}`;
      const own = { 'x-identity-header': azure.identity.header };
      const answer = await fetch(url, { headers: 'x-identity-header' in headers ? own : {} });
      expect(answer.status).toBe(status);
    });
  });

  describe('whose token service is throttled', () => {
    it('at one endpoint, lets the others give tokens', async () => {
      azure.registries.degrade(registry, 'westus', { status: 429, retryAfterSeconds: 30 }, 'tokens');
      const throttled = await exchange('westus');
      expect([throttled.status, throttled.headers['retry-after']]).toEqual([429, '30']);
      const token = await accessToken('eastus');
      expect((await pull('westus', token)).status).toBe(200);
      azure.registries.restore(registry, 'westus', 'tokens');
      expect((await exchange('westus')).status).toBe(200);
    });

    it('gives none at any endpoint or at the root, but to other registries', async () => {
      azure.registries.create({ name: 'another', home: 'eastus' });
      azure.registries.degradeTokenService(registry, { status: 429, retryAfterSeconds: 5 });
      const atRoot = async (name: string) =>
        (
          await fetch(`${azure.armEndpoint}/oauth2/exchange`, {
            method: 'POST',
            body: new URLSearchParams({ grant_type: 'access_token', service: name, access_token: 'a' }),
          })
        ).status;
      expect([
        (await exchange('westus')).status,
        (await exchange('eastus')).status,
        await atRoot(service),
        await atRoot('another.azurecr.io'),
      ]).toEqual([429, 429, 429, 200]);
      azure.registries.restoreTokenService(registry);
      expect([(await exchange('westus')).status, await atRoot(service)]).toEqual([200, 200]);
    });
  });

  describe('that the identity may not read', () => {
    it('gives a token that opens nothing, and challenges again', async () => {
      azure.registries.permit(registry, { roles: [] });
      const refused = await pull('westus', await accessToken('westus'));
      expect([refused.status, refused.headers['www-authenticate']]).toEqual([
        401,
        expect.stringContaining('error="insufficient_scope"'),
      ]);
      azure.registries.change({ lackingScope: 403 });
      const denied = await pull('westus', await accessToken('westus'));
      expect([denied.status, codeOf(denied)]).toEqual([403, 'DENIED']);
    });

    it('refuses the exchange, or the scope, when told so', async () => {
      azure.registries.permit(registry, { roles: [], refusedAt: 'exchange' });
      const exchanged = await exchange('westus');
      expect([exchanged.status, codeOf(exchanged)]).toEqual([401, 'UNAUTHORIZED']);
      azure.registries.permit(registry, { roles: ['AcrPull'], repositories: ['other'], refusedAt: 'scope' });
      const refresh = fieldOf(await exchange('westus'), 'refresh_token');
      expect([
        (await tokenFor('westus', scope, refresh)).status,
        (await tokenFor('westus', 'repository:other:pull', refresh)).status,
      ]).toEqual([401, 200]);
    });

    it.each([
      ['LegacyRegistryPermissions', 'AcrPull', 200],
      ['LegacyRegistryPermissions', reader, 401],
      ['AbacRepositoryPermissions', 'AcrPull', 401],
      ['AbacRepositoryPermissions', reader, 200],
      ['AbacRepositoryPermissions', 'Container Registry Repository Catalog Lister', 401],
    ] as const)('with %s honours %s: %i', async (mode, role, status) => {
      azure.registries.permit(registry, { mode, roles: [role] });
      expect((await pull('westus', await accessToken('westus'))).status).toBe(status);
      const shown = await call(azure, 'GET', azure.registries.id(registry));
      expect(shown.body).toMatchObject({ properties: { roleAssignmentMode: mode } });
    });

    it('but for some repositories, whose tokens it cuts down to pulling', async () => {
      const mode = 'AbacRepositoryPermissions';
      azure.registries.permit(registry, { mode, roles: [reader], repositories: [repository] });
      const token = await accessToken('westus', `repository:${repository}:pull,push repository:other:pull`);
      const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
      expect(payload.scope).toBe(scope);
      expect((await pull('westus', token)).status).toBe(200);
    });

    it('is set by /_sim too', async () => {
      const sim = async (path: string, body: unknown) =>
        (await call(azure, 'POST', `/_sim/registries/${path}`, { body })).status;
      expect(await sim('permit', { mode: 'AbacRepositoryPermissions' })).toBe(204);
      expect((await pull('westus', await accessToken('westus'))).status).toBe(401);
      expect(await sim('permit', { roles: ['Owner'] })).toBe(400);
      expect(await sim('degrade-tokens', { status: 429, retryAfterSeconds: 3 })).toBe(204);
      expect((await exchange('westus')).status).toBe(429);
      expect(await sim('restore-tokens', {})).toBe(204);
      expect((await exchange('westus')).status).toBe(200);
    });
  });

  it('keeps a client out by its firewall, at the token service as well', async () => {
    azure.registries.degrade(registry, 'westus', { firewall: true });
    const answers = [await secureCall(azure, at('westus', '/v2/')), await exchange('westus')];
    expect(answers.map((answer) => [answer.status, codeOf(answer)])).toEqual([
      [403, 'DENIED'],
      [403, 'DENIED'],
    ]);
  });
});
