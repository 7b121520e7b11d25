import { afterEach, describe, expect, it } from 'vitest';
import { containerGroupAdapters } from '../../../src/azure/arm/container-groups.ts';
import { parseContainerGroupId } from '../../../src/dns/container-group.ts';
import type { GroupScope, ListedGroup } from '../../../src/dns/ports.ts';
import { deadlineIn } from '../../../src/lib/deadline.ts';
import { RefusedCallError } from '../../../src/lib/errors.ts';
import { type RecordingServer, type SeenRequest, serveRecorded } from '../../support/recording-server.ts';

let server: RecordingServer | undefined;
afterEach(async () => server?.close());

async function adaptersFor(answer: (request: SeenRequest) => Response) {
  server = await serveRecorded(answer);
  return containerGroupAdapters({ endpoint: server.url, audience: 'unused', credential: undefined });
}

const id = parseContainerGroupId(
  '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerInstance/containerGroups/web',
);
if (id === undefined) throw new Error('the id is one of a container group');

/** A group that runs and shows no address. */
const group = (properties: object) => ({
  id: id.key,
  name: 'web',
  location: 'westeurope',
  properties: { provisioningState: 'Succeeded', containers: [], osType: 'Linux', ...properties },
});
const profile = { id: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkProfiles/p' };

async function list(
  adapters: Awaited<ReturnType<typeof adaptersFor>>,
  scope: GroupScope = { subscriptionId: 's' },
): Promise<ListedGroup[]> {
  const groups: ListedGroup[] = [];
  for await (const page of adapters.lister.list(scope, deadlineIn(5_000))) groups.push(...page);
  return groups;
}

describe('a container group without an address', () => {
  it.each<[string, object, object]>([
    ['a network profile of the old kind', { networkProfile: profile }, { kind: 'notReady' }],
    ['a subnet', { subnetIds: [{ id: '/subnet' }] }, { kind: 'notReady' }],
    ['no network', {}, { kind: 'unaddressed', reason: 'noNetwork' }],
    ['a network profile of null', { networkProfile: null }, { kind: 'unaddressed', reason: 'noNetwork' }],
    ['an IP configuration of null', { ipAddress: null }, { kind: 'unaddressed', reason: 'noNetwork' }],
  ])('and %s, read and listed on every page', async (_, properties, expected) => {
    const { reader, lister } = await adaptersFor(({ path }) => {
      if (path.includes('/containerGroups/web')) return Response.json(group(properties));
      if (path.includes('page=2')) return Response.json({ value: [group(properties)] });
      return Response.json({ value: [group(properties)], nextLink: `${server?.url}/next?page=2` });
    });
    expect(await reader.read(id, deadlineIn(5_000))).toMatchObject(expected);
    expect(await list({ reader, lister })).toEqual([
      { id, live: expect.objectContaining(expected) },
      { id, live: expect.objectContaining(expected) },
    ]);
  });

  it('keeps all else beside a network profile', async () => {
    const { reader } = await adaptersFor(() =>
      Response.json(
        group({ networkProfile: profile, ipAddress: { type: 'Private', ip: '10.1.0.4', ports: [] } }),
      ),
    );
    expect(await reader.read(id, deadlineIn(5_000))).toMatchObject({
      kind: 'addressed',
      address: '10.1.0.4',
    });
  });

  it('and without containers in the answer is no reason to fail', async () => {
    const { reader } = await adaptersFor(() => Response.json({ id: id.key, properties: {} }));
    expect(await reader.read(id, deadlineIn(5_000))).toMatchObject({ kind: 'unknown' });
  });
});

describe('a list of container groups', () => {
  const refusal = (status: number, code: string) =>
    Response.json({ error: { code, message: 'as the test wants it' } }, { status });

  it('is empty after 404 ResourceGroupNotFound, but for that of a subscription', async () => {
    const adapters = await adaptersFor(() => refusal(404, 'ResourceGroupNotFound'));
    expect(await list(adapters, { subscriptionId: 's', resourceGroup: 'rg' })).toEqual([]);
    await expect(list(adapters)).rejects.toThrow(RefusedCallError);
  });

  it.each([
    [404, 'SubscriptionNotFound'],
    [409, 'MissingSubscriptionRegistration'],
    [409, 'Conflict'],
  ])('is unread after %s %s, and the error tells the code', async (status, code) => {
    const listing = list(await adaptersFor(() => refusal(status, code)));
    await expect(listing).rejects.toThrow(RefusedCallError);
    await expect(listing).rejects.toMatchObject({ code });
  });
});
