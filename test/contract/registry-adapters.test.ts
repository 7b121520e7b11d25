import { afterEach, describe, expect, it } from 'vitest';
import { type LocalAzure, type LocalAzureOptions, startLocalAzure } from '../../local/azure/local-azure.ts';
import { registryAdapters } from '../../src/azure/arm/registries.ts';
import { regionalEndpoints } from '../../src/azure/registry-endpoint/endpoint.ts';
import { deadlineIn } from '../../src/lib/deadline.ts';
import { RefusedCallError } from '../../src/lib/errors.ts';
import { replicaDirectory } from '../../src/registries/directory.ts';
import { parseRegistries } from '../../src/registries/settings.ts';
import { settingValue } from '../../src/settings/setting.ts';
import { InMemoryMemberships } from '../registries/in-memory-memberships.ts';

let azure: LocalAzure | undefined;
afterEach(async () => azure?.close());

/** The sample registry as a deployed app sees it, by its setting. */
async function open(options: LocalAzureOptions = {}) {
  const local = await startLocalAzure(options);
  azure = local;
  const adapters = registryAdapters({
    endpoint: local.armEndpoint,
    audience: 'unused',
    credential: undefined,
  });
  let aheadMs = 0;
  const now = () => new Date(Date.now() + aheadMs);
  const pass = (ms: number) => {
    aheadMs += ms;
  };
  const directory = replicaDirectory({ reader: adapters.reader, memory: new InMemoryMemberships(), now });
  const endpoints = regionalEndpoints({
    loginServerOf: async (of, deadline) => (await directory.view(of, deadline))?.loginServer,
    roleAssignmentModeOf: async (of, deadline) =>
      (await directory.view(of, deadline))?.roleAssignmentMode ?? 'unknown',
    credential: () => Promise.reject(new Error('a credential was asked for')),
    now,
  });
  const settings = parseRegistries(JSON.stringify(local.registries.setting()));
  const registry = settingValue(settings).all.find(({ name }) => name === 'myregistry');
  if (registry === undefined) throw new Error('the sample registry is not configured');
  return { ...adapters, pass, directory, endpoints, registry, local, registries: local.registries };
}

const soon = () => deadlineIn(5_000);

describe('the adapters to registries, against the local Azure', () => {
  it('see the registry, and a replica as soon as it is added', async () => {
    const { directory, local, pass, registries, registry } = await open();
    const view = await directory.view(registry, soon());
    expect(view).toMatchObject({ loginServer: 'myregistry.azurecr.io', home: 'eastus', isCurrent: true });
    expect(view?.replicas.map(({ region }) => region).toSorted()).toEqual([
      'eastus',
      'southeastasia',
      'westeurope',
      'westus',
    ]);
    registries.addReplica('myregistry', 'UK South', { name: 'london' });
    pass(6_000);
    expect(await directory.has(registry, 'uksouth', soon())).toBe('yes');
    expect(local.requests.totals()).toMatchObject({ Registries_Get: 2, Replications_List: 2 });
  });

  it('read a replica by its id where the list lies', async () => {
    const { reader, registries, registry } = await open({ registryBehaviour: { pageSize: 2 } });
    registries.freezeList('myregistry');
    registries.setReplica('myregistry', 'westus', { globalRouting: 'disabled', by: 'someone' });
    const listed = await reader.listReplicas(registry, soon());
    expect(listed).toHaveLength(4);
    expect(listed.find(({ region }) => region === 'westus')?.globalRouting).toBe('enabled');
    expect(await reader.readReplica(registry, 'westus', soon())).toMatchObject({
      globalRouting: 'disabled',
      lastModifiedBy: 'someone',
    });
    registries.setReplica('myregistry', 'westus', { omitRoutingFlag: true });
    expect(await reader.readReplica(registry, 'westus', soon())).toMatchObject({ globalRouting: 'unknown' });
    expect(await reader.readReplica(registry, 'absent', soon())).toBeUndefined();
  });

  it.each([true, false])('take a replica out of global routing (long-running: %s)', async (isLong) => {
    const behaviour = { updateIsLongRunning: isLong, updateMs: 10 };
    const { reader, registries, registry, writer } = await open({ registryBehaviour: behaviour });
    registries.setReplica('myregistry', 'westus', { tags: { team: 'a' } });
    const tags = { team: 'a', 'evenkeel:globalRouting': 'disabled' };
    const change = { enabled: false, tags };
    expect(await writer.setGlobalRouting(registry, 'westus', change, soon())).toBe('done');
    expect(await reader.readReplica(registry, 'westus', soon())).toMatchObject({
      globalRouting: 'disabled',
      tags,
    });
  });

  it('say when a change that was accepted fails, and when its end was not seen', async () => {
    const { registries, registry, writer } = await open({ registryBehaviour: { updateMs: 0 } });
    registries.failUpdates('myregistry', 'westus');
    const change = { enabled: false, tags: {} };
    await expect(writer.setGlobalRouting(registry, 'westus', change, soon())).rejects.toThrowError(
      RefusedCallError,
    );
    registries.change({ updateMs: 60_000 });
    expect(await writer.setGlobalRouting(registry, 'westus', change, deadlineIn(500))).toBe('running');
  });

  it('find an image where it is, and its children', async () => {
    const { endpoints, registries, registry } = await open({
      registryBehaviour: { copyDelayMs: [60_000, 60_000] },
    });
    const image = { registry: 'myregistry', region: 'eastus', repository: 'team/app', tag: 'v1' };
    const digest = registries.push({ ...image, platforms: ['linux/amd64', 'linux/arm64'] });
    const { head, contents } = endpoints;
    expect(await head(registry, 'eastus', 'team/app', 'v1', soon())).toMatchObject({
      kind: 'present',
      digest,
    });
    expect(await head(registry, 'westus', 'team/app', digest, soon())).toEqual({ kind: 'absent' });
    const found = await contents(registry, 'eastus', 'team/app', digest, soon());
    const children = found?.kind === 'index' ? found.children : [];
    expect(children).toHaveLength(2);
    const [child = ''] = children;
    expect(await head(registry, 'eastus', 'team/app', child, soon())).toMatchObject({ kind: 'present' });
  });

  it('tell an endpoint that is well from one that is throttled, failing or not to be entered', async () => {
    const { endpoints, registries, registry } = await open();
    registries.degrade('myregistry', 'westus', { status: 429, retryAfterSeconds: 7 });
    registries.degrade('myregistry', 'westeurope', { status: 503 });
    registries.degrade('myregistry', 'southeastasia', { refuse: true });
    const probe = (region: string) => endpoints.probe(registry, region, soon());
    expect(await probe('eastus')).toMatchObject({ kind: 'alive' });
    expect(await probe('westus')).toEqual({ kind: 'throttled', retryAfterMs: 7_000 });
    expect(await probe('westeurope')).toMatchObject({ kind: 'failing', reason: 'answered 503' });
    expect(await probe('southeastasia')).toMatchObject({ kind: 'failing' });
    registries.change({ requireToken: true });
    expect(await probe('eastus')).toMatchObject({ kind: 'alive' });
    expect(await endpoints.head(registry, 'eastus', 'app', 'v1', soon())).toMatchObject({
      kind: 'unverified',
      reason: 'it asks for a token, and none is sent over plain http',
    });
  });
});
