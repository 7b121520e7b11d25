import { afterEach, describe, expect, it } from 'vitest';
import { registryAdapters, toReplica } from '../../../src/azure/arm/registries.ts';
import { deadlineIn } from '../../../src/lib/deadline.ts';
import {
  MissingPermissionError,
  RefusedCallError,
  ThrottledError,
  UncertainCallError,
} from '../../../src/lib/errors.ts';
import { registryOf } from '../../registries/registry-of.ts';
import { type RecordingServer, type SeenRequest, serveRecorded } from '../../support/recording-server.ts';

const registry = registryOf();
const replication = (name: string, properties: object = { provisioningState: 'Succeeded' }) => ({
  id: `${registry.id}/replications/${name}`,
  name,
  location: 'westus',
  properties,
});
const refusal = (status: number, code: string, headers: Record<string, string> = {}) =>
  Response.json({ error: { code, message: 'refused by the test' } }, { status, headers });

let server: RecordingServer | undefined;
afterEach(async () => server?.close());

async function adaptersFor(answer: (request: SeenRequest) => Response | undefined) {
  const serving = await serveRecorded(answer);
  server = serving;
  const access = { endpoint: serving.url, audience: 'unused', credential: undefined };
  return { ...registryAdapters(access), server: serving };
}

describe('reading a registry', () => {
  const shown = (more: object) => () =>
    Response.json({
      id: registry.id,
      location: 'East US',
      properties: { loginServer: 'MyRegistry.azurecr.io', ...more },
      sku: {},
    });

  it('gives its login server and its home region', async () => {
    const { reader } = await adaptersFor(shown({}));
    expect(await reader.read(registry, deadlineIn(5_000))).toMatchObject({
      loginServer: 'myregistry.azurecr.io',
      location: 'eastus',
    });
  });

  it.each([
    [{}, 'registryPermissions'],
    [{ roleAssignmentMode: 'LegacyRegistryPermissions' }, 'registryPermissions'],
    [{ roleAssignmentMode: 'AbacRepositoryPermissions' }, 'repositoryPermissions'],
    [{ roleAssignmentMode: 'SomethingNew' }, 'unknown'],
  ])('tells which roles it honours: %j is %s', async (more, roleAssignmentMode) => {
    const { reader } = await adaptersFor(shown(more));
    expect(await reader.read(registry, deadlineIn(5_000))).toMatchObject({ roleAssignmentMode });
  });

  it.each(['ResourceNotFound', 'ResourceGroupNotFound'])('gives nothing for a 404 %s', async (code) => {
    const { reader } = await adaptersFor(() => refusal(404, code));
    expect(await reader.read(registry, deadlineIn(5_000))).toBeUndefined();
  });

  it('does not mistake a missing subscription for a missing registry', async () => {
    const { reader } = await adaptersFor(() => refusal(404, 'SubscriptionNotFound'));
    await expect(reader.read(registry, deadlineIn(5_000))).rejects.toThrowError(RefusedCallError);
  });

  it('names the role when permission is missing', async () => {
    const { reader } = await adaptersFor(() => refusal(403, 'AuthorizationFailed'));
    const reading = reader.read(registry, deadlineIn(5_000));
    await expect(reading).rejects.toThrowError(MissingPermissionError);
    await expect(reading).rejects.toThrowError(/registries\/replications\/read; AcrPull does not/);
  });

  it('is uncertain while the registry shows no login server', async () => {
    const { reader } = await adaptersFor(() =>
      Response.json({ id: registry.id, location: 'eastus', properties: {}, sku: {} }),
    );
    await expect(reader.read(registry, deadlineIn(5_000))).rejects.toThrowError(UncertainCallError);
  });
});

describe('listing the replicas', () => {
  it('follows the pages to the end', async () => {
    const { reader, server } = await adaptersFor(({ path, headers }) =>
      path.includes('page=2')
        ? Response.json({ value: [replication('c')] })
        : Response.json({
            value: [replication('a'), replication('b')],
            nextLink: `http://${headers.get('host')}/next?page=2`,
          }),
    );
    const replicas = await reader.listReplicas(registry, deadlineIn(5_000));
    expect(replicas.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(server.seen).toHaveLength(2);
  });

  it('says how long to wait when it is throttled', async () => {
    const { reader } = await adaptersFor(() => refusal(429, 'TooManyRequests', { 'retry-after': '7' }));
    const error = await reader.listReplicas(registry, deadlineIn(5_000)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ThrottledError);
    expect(error).toMatchObject({ retryAfterMs: 7_000 });
  });
});

describe('reading a replica', () => {
  it.each(['ResourceNotFound', 'ParentResourceNotFound'])('gives nothing for a 404 %s', async (code) => {
    const { reader } = await adaptersFor(() => refusal(404, code));
    expect(await reader.readReplica(registry, 'westus', deadlineIn(5_000))).toBeUndefined();
  });

  it('names the replication in its errors', async () => {
    const { reader } = await adaptersFor(() => refusal(500, 'InternalError'));
    const reading = reader.readReplica(registry, 'westus', deadlineIn(5_000));
    await expect(reading).rejects.toThrowError(UncertainCallError);
    await expect(reading).rejects.toThrowError(/registries\/myregistry\/replications\/westus/);
  });
});

describe('a replication as a replica', () => {
  const { id } = replication('x');

  it('carries what the answer says, with the region as its short name', () => {
    expect(
      toReplica({
        id,
        name: 'x',
        location: 'West US',
        provisioningState: 'Updating',
        tags: { a: 'b' },
        status: { displayStatus: 'Provisioning', message: 'wait' },
        regionEndpointEnabled: false,
        systemData: { lastModifiedBy: 'someone' },
      }),
    ).toEqual({
      id,
      name: 'x',
      region: 'westus',
      provisioningState: 'Updating',
      tags: { a: 'b' },
      displayStatus: 'Provisioning',
      statusMessage: 'wait',
      globalRouting: 'disabled',
      lastModifiedBy: 'someone',
    });
  });

  it.each([
    [true, 'enabled'],
    [false, 'disabled'],
    [undefined, 'unknown'],
  ])('with the routing flag %s has global routing %s', (flag, globalRouting) => {
    const replication = flag === undefined ? {} : { regionEndpointEnabled: flag };
    expect(toReplica({ id, name: 'x', location: 'westus', ...replication })).toMatchObject({ globalRouting });
  });
});
