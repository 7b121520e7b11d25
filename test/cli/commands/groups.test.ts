import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { sampleZoneMap } from '../../../local/azure/sample.ts';
import { groupRow } from '../../../src/cli/commands/groups/group-row.ts';
import type { InventoryGroup } from '../../../src/dns/audit/inventory.ts';
import { parseContainerGroupId } from '../../../src/dns/container-group.ts';
import type { ObservedRecordSet } from '../../../src/dns/record-set.ts';
import { removeEverything } from '../../e2e/records.ts';
import { runCommand } from '../run-command.ts';

const zone = 'spoke-a.internal.contoso.com';

describe('evenkeel groups', () => {
  let azure: LocalAzure;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    azure = await startLocalAzure();
    env = { ARM_ENDPOINT: azure.armEndpoint, DNS_ZONE_MAP: JSON.stringify(sampleZoneMap) };
  });
  afterAll(() => azure.close());
  beforeEach(() => removeEverything(azure));

  const create = (name: string, resourceGroup = 'rg-spoke-a') =>
    azure.containerGroups.create({ resourceGroup, name });
  const put = (name: string, address: string) => azure.zones.put(zone, 'A', name, { values: [address] });
  async function groups(...args: readonly string[]) {
    const mark = azure.requests.mark();
    const result = await runCommand(['groups', ...args], { env });
    const operations = azure.requests.since(mark).map(({ operation }) => operation);
    return { ...result, operations: operations.filter((one) => !one.startsWith('Subscriptions')).toSorted() };
  }

  it('lists each group with its address, and what DNS says', async () => {
    create('web');
    create('api');
    create('db', 'rg-spoke-b');
    put('web', '10.1.0.4');
    put('api', '10.1.0.99');
    const { exitCode, stdout, stderr } = await groups();
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: '' });
    expect(stdout.replaceAll(/ {2,}/g, '  ')).toBe(`container group  host name  live address  recorded  state
rg-spoke-a/api  api.${zone}  10.1.0.5  10.1.0.99  differs
rg-spoke-a/web  web.${zone}  10.1.0.4  10.1.0.4  right
rg-spoke-b/db  db.spoke-b.internal.contoso.com  10.2.0.4  none  no record set

✖ 2 of 3 container groups not right; evenkeel audit says what repairs them
`);
  });

  it('shows the wrong ones only with --wrong, and counts all', async () => {
    create('web');
    create('api');
    put('web', '10.1.0.4');
    const { stdout } = await groups('--wrong');
    expect(stdout).not.toContain('rg-spoke-a/web');
    expect(stdout).toContain('✖ 1 of 2 container groups not right');
  });

  it('exits with 0 where all are right', async () => {
    create('web');
    put('web', '10.1.0.4');
    const { exitCode, stdout } = await groups();
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/\n✔ 1 container group, all right\n$/);
  });

  it('reads no more than is asked for', async () => {
    for (const name of ['web', 'api', 'db']) create(name);
    create('other', 'rg-spoke-b');
    const one = await groups('--spoke', 'rg-spoke-a', '--name', 'WEB', '--json');
    expect(JSON.parse(one.stdout).groups).toMatchObject([{ hostName: `web.${zone}`, state: 'missing' }]);
    expect(one.operations).toEqual(['ContainerGroups_ListByResourceGroup', 'RecordSets_Get']);
    for (let number = 0; number < 8; number += 1) create(`many-${number}`);
    const many = await groups('--spoke', 'rg-spoke-a', '--json');
    expect(JSON.parse(many.stdout).groups).toHaveLength(11);
    expect(many.operations).toEqual(['ContainerGroups_ListByResourceGroup', 'RecordSets_ListByType']);
  });

  it('does not take what it cannot read for absent, and exits with 1', async () => {
    create('web');
    azure.faults.add({ kind: 'status', status: 403, code: 'AuthorizationFailed', match: 'RecordSets_Get' });
    const { exitCode, stdout } = await groups();
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^rg-spoke-a\/web .* 10\.1\.0\.4 +\? +not known$/m);
    expect(stdout).toMatch(/^✖ not read: .*assign the role /m);
    expect(stdout).toMatch(/\n✖ incomplete: /);
  });

  it('names the entries that there are for one that there is not', async () => {
    const { exitCode, stderr } = await groups('--spoke', 'rg-spoke-z');
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      '✖ --spoke: DNS_ZONE_MAP has no usable entry rg-spoke-z; it has rg-spoke-a, rg-spoke-b\n',
    );
  });
});

describe('a group is', () => {
  const id = parseContainerGroupId(
    '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerInstance/containerGroups/web',
  );
  const spoke = {
    key: 'rg',
    forwardZone: { subscriptionId: 's', resourceGroup: 'rg', name: zone },
    reverseZones: [],
    ttlSeconds: 60,
    policy: undefined,
    hostNameTag: undefined,
  };
  const record = (values: readonly string[], owner?: string): ObservedRecordSet => ({
    key: { zone: spoke.forwardZone, type: 'A', name: 'web' },
    values,
    ttlSeconds: 60,
    metadata: owner === undefined ? {} : { evenkeelOwner: owner },
    etag: '1',
    isAutoRegistered: false,
  });

  it.each([
    ['right', '10.1.0.4', record(['10.1.0.4'])],
    ['differs', '10.1.0.4', record(['10.1.0.4', '10.1.0.5'])],
    ['differs', '10.1.0.4', record([])],
    ['missing', '10.1.0.4', undefined],
    ['unknown', '10.1.0.4', 'unread'],
    ['unknown', undefined, record(['10.1.0.4'])],
    ['leftOver', null, record(['10.1.0.4'], id?.key)],
    ['notNeeded', null, record(['10.1.0.4'], `${id?.key}-other`)],
    ['notNeeded', null, undefined],
    ['unknown', null, 'unread'],
  ] as const)('%s with the address %s', (state, address, reading) => {
    expect.assert(id !== undefined);
    const group: InventoryGroup = { id, address, hostName: 'web', isNameFromTag: false };
    expect(groupRow(group, spoke, reading).state).toBe(state);
  });

  it('in need of no record where its name can be none', () => {
    expect.assert(id !== undefined);
    const group: InventoryGroup = { id, address: '10.1.0.4', hostName: 'a_b', isNameFromTag: true };
    expect(groupRow(group, spoke, undefined)).toMatchObject({ state: 'notNeeded', hostName: null });
  });
});
