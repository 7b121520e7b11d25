import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { sampleZoneMap } from '../../../local/azure/sample.ts';
import { records, recordsOf, removeEverything } from '../../e2e/records.ts';
import { runCommand } from '../run-command.ts';

const zoneA = 'spoke-a.internal.contoso.com';
const oldZone = 'old.internal.contoso.com';
const reverse = '1.10.in-addr.arpa';

describe('evenkeel prune', () => {
  let azure: LocalAzure;
  let oldZoneId: string;
  beforeAll(async () => {
    azure = await startLocalAzure();
    oldZoneId = azure.zones.create({ name: oldZone });
  });
  afterAll(() => azure.close());
  beforeEach(() => removeEverything(azure));

  /** Hooks of a test, which end with it. */
  const hooks: (() => void)[] = [];
  afterEach(() => {
    for (const remove of hooks.splice(0)) remove();
  });

  const { 'rg-spoke-a': spokeA, 'rg-spoke-b': spokeB } = sampleZoneMap;
  const both: object = sampleZoneMap;
  const onlyB: object = { 'rg-spoke-b': spokeB };
  const envOf = (zoneMap: object) => ({
    ARM_ENDPOINT: azure.armEndpoint,
    DNS_ZONE_MAP: JSON.stringify(zoneMap),
  });
  const prune = (zoneMap: object, args: readonly string[] = ['--yes'], typed?: readonly string[]) =>
    runCommand(['prune', ...args], { env: envOf(zoneMap), ...(typed === undefined ? {} : { typed }) });
  /** A container group with its records, at 10.1.0.4 unless there are others. */
  async function reconciled(name = 'web'): Promise<string> {
    const id = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name });
    await runCommand(['reconcile', id, '--yes'], { env: envOf(both) });
    return id;
  }
  const writes = (mark: number) =>
    azure.requests.since(mark).flatMap(({ method, id }) => (method === 'GET' ? [] : `${method} ${id}`));

  describe('finds', () => {
    it('nothing where every owner is mapped and lives, with 0', async () => {
      await reconciled();
      expect(await prune(both)).toEqual({ exitCode: 0, stdout: '✔ nothing to prune\n', stderr: '' });
      expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
    });

    it('nothing in record sets of others, of the platform, and without a mark', async () => {
      const owner = azure.containerGroups.id('rg-spoke-a', 'web');
      azure.zones.put(zoneA, 'A', 'mail', { values: ['10.1.0.8'] });
      azure.zones.put(zoneA, 'A', 'vm', {
        values: ['10.1.0.9'],
        metadata: { evenkeelOwner: owner },
        isAutoRegistered: true,
      });
      azure.zones.put(zoneA, 'A', 'odd', { values: ['10.1.0.7'], metadata: { evenkeelOwner: 'me' } });
      expect(await prune(onlyB, ['--yes', '--zone', oldZoneId])).toMatchObject({ exitCode: 0 });
      expect(records(azure)).toHaveLength(3);
    });

    it('a spoke that was taken out of the map, in zones that stand in it and in those that are named', async () => {
      await reconciled();
      const zone = azure.zones.create({ name: zoneA });
      const { exitCode, stdout } = await prune(onlyB, ['--zone', zone]);
      expect(exitCode).toBe(3);
      expect(stdout).toBe(
        [
          'record set                          values                             owner           why',
          `PTR 4.0.1.10.in-addr.arpa           web.${zoneA}.  rg-spoke-a/web  no entry of DNS_ZONE_MAP covers its owner; it still exists`,
          `A web.${zoneA}  10.1.0.4                           rg-spoke-a/web  no entry of DNS_ZONE_MAP covers its owner; it still exists`,
          '',
          '! 2 record sets to prune',
          '  nothing was removed; run this on a terminal, or give --yes',
          '',
        ].join('\n'),
      );
      expect(records(azure)).toHaveLength(2);
      // The forward zone stands in the map no more, so it has to be named.
      const { stdout: unnamed } = await prune(onlyB, []);
      expect(unnamed).toContain('! 1 record set to prune');
    });

    it('the records of a mapped group that is gone, and says who else removes them', async () => {
      azure.containerGroups.delete(await reconciled());
      const why = async (zoneMap: object) => (await prune(zoneMap, [])).stdout;
      expect(await why(both)).toContain('its owner is gone; the app removes it by itself\n');
      const cautious = { ...sampleZoneMap, 'rg-spoke-a': { ...spokeA, policy: 'upsert-only' } };
      expect(await why(cautious)).toContain(
        'its owner is gone; under the policy upsert-only the app removes nothing\n',
      );
      expect(await why(onlyB)).toContain('no entry of DNS_ZONE_MAP covers its owner; it is gone\n');
    });

    it('records that the map wants elsewhere, in a zone that stands in it no more', async () => {
      const owner = await reconciled();
      azure.zones.put(oldZone, 'A', 'web', { values: ['10.1.0.4'], metadata: { evenkeelOwner: owner } });
      expect((await prune(both, [])).stdout).toBe('✔ nothing to prune\n');
      const { exitCode, stdout } = await prune(both, ['--yes', '--zone', oldZoneId]);
      expect(exitCode).toBe(0);
      expect(stdout).toContain(`A web.${oldZone}  10.1.0.4  rg-spoke-a/web  DNS_ZONE_MAP does not name`);
      expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
    });

    it('leaves what is misplaced in a mapped zone to the app', async () => {
      const owner = await reconciled();
      azure.zones.put(zoneA, 'A', 'www', { values: ['10.1.0.4'], metadata: { evenkeelOwner: owner } });
      expect((await prune(both)).stdout).toBe('✔ nothing to prune\n');
    });

    it('leaves a record set to the live group that wants it, whatever its mark', async () => {
      await reconciled();
      const metadata = { evenkeelOwner: azure.containerGroups.id('rg-old', 'web') };
      azure.zones.put(zoneA, 'A', 'web', { values: ['10.1.0.4'], metadata });
      expect((await prune(both)).stdout).toBe('✔ nothing to prune\n');
    });

    it.each([
      ['a refusal', { kind: 'status', status: 403 }],
      ['another 404', { kind: 'status', status: 404, code: 'SubscriptionNotFound' }],
      ['a failure', { kind: 'status', status: 503 }],
    ] as const)('nobody gone by %s', async (_, fault) => {
      azure.containerGroups.delete(await reconciled());
      azure.faults.add({ ...fault, match: 'ContainerGroups_Get' });
      expect(await prune(both)).toMatchObject({ exitCode: 0, stdout: '✔ nothing to prune\n' });
      expect(records(azure)).toHaveLength(2);
    });

    it('names a zone that could not be read, with 1, and keeps A as long as its PTR may be there', async () => {
      azure.containerGroups.delete(await reconciled());
      azure.faults.add({ kind: 'status', status: 403, match: /GET .*\/1\.10\.in-addr\.arpa\/PTR/i });
      const { exitCode, stdout } = await prune(both);
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(/^✖ not read completely: \/subscriptions\/.*\/1\.10\.in-addr\.arpa: .*Reader/m);
      expect(stdout).toContain(
        `! left: A web.${zoneA}: its PTR may be in ${reverse}, which could not be read`,
      );
      expect(records(azure)).toHaveLength(2);
      azure.faults.clear();
      expect(await prune(both)).toMatchObject({ exitCode: 0 });
      expect(records(azure)).toEqual([]);
    });

    it('says that a named zone is not there, with 1', async () => {
      const { exitCode, stdout } = await prune(both, ['--zone', oldZoneId.replace(oldZone, 'typo.example')]);
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(/typo\.example: there is no such zone$/m);
      expect(stdout).toMatch(/✖ incomplete: nothing to prune in what could be read\n$/);
    });
  });

  describe('removes', () => {
    it('the PTR first and A last, each on the condition of its ETag', async () => {
      azure.containerGroups.delete(await reconciled());
      const mark = azure.requests.mark();
      const { exitCode, stdout } = await prune(both);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/\n! 2 record sets to prune\n✔ 2 record sets removed\n$/);
      expect(writes(mark).map((line) => line.replace(/ .*\/privateDnsZones\//i, ' '))).toEqual([
        `DELETE ${reverse}/PTR/4.0`,
        `DELETE ${zoneA}/A/web`,
      ]);
      expect(records(azure)).toEqual([]);
    });

    it('its own name only where a PTR holds others, and the mark with it', async () => {
      const owner = await reconciled();
      const values = [`web.${zoneA}.`, 'mail.example.'];
      azure.zones.put(reverse, 'PTR', '4.0', { values, metadata: { evenkeelOwner: owner, team: 'blue' } });
      const zone = azure.zones.create({ name: zoneA });
      expect(await prune(onlyB, ['--yes', '--zone', zone])).toMatchObject({ exitCode: 0 });
      expect(records(azure)).toEqual(['PTR 4.0.1.10.in-addr.arpa mail.example.']);
      expect(azure.zones.get(reverse, 'PTR', '4.0')?.metadata).toEqual({ team: 'blue' });
    });

    it('asks on a terminal, and removes after a yes', async () => {
      azure.containerGroups.delete(await reconciled());
      const { exitCode, stdout, stderr } = await prune(both, [], ['y']);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: 'Remove these record sets? [y/N] ' });
      expect(stdout.match(/^A web/gm)).toHaveLength(1);
      expect(records(azure)).toEqual([]);
    });

    it.each([['n'], [''], ['yup']])('nothing after the answer "%s", with 2', async (answer) => {
      azure.containerGroups.delete(await reconciled());
      const mark = azure.requests.mark();
      const { exitCode, stderr } = await prune(both, [], [answer]);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/nothing was removed\n$/);
      expect(writes(mark)).toEqual([]);
    });

    it('no record set that changed after it was listed, nor the A whose PTR that is, with 3', async () => {
      const owner = await reconciled();
      azure.containerGroups.delete(owner);
      hooks.push(
        azure.onRequest(({ method }) => {
          if (method !== 'DELETE') return;
          const values = [`web.${zoneA}.`];
          azure.zones.put(reverse, 'PTR', '4.0', { values, metadata: { evenkeelOwner: owner } });
        }),
      );
      const { exitCode, stdout } = await prune(both);
      expect(exitCode).toBe(3);
      expect(stdout).toContain('! left: PTR 4.0.1.10.in-addr.arpa: it changed meanwhile\n');
      expect(stdout).toContain(`! left: A web.${zoneA}: a PTR record set of its owner has to go first\n`);
      expect(stdout).toMatch(/\n! 0 removed, 2 left; run this again\n$/);
      expect(records(azure)).toHaveLength(2);
    });

    it('nothing of a group that is there again, with 3', async () => {
      azure.containerGroups.delete(await reconciled());
      let reads = 0;
      hooks.push(
        azure.onRequest(({ operation }) => {
          if (operation !== 'ContainerGroups_Get') return;
          reads += 1;
          if (reads === 2) azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
        }),
      );
      const { exitCode, stdout } = await prune(both);
      expect(exitCode).toBe(3);
      expect(stdout).toContain('its container group is there again');
      expect(records(azure)).toHaveLength(2);
    });

    it('what it may where Azure refuses a part, with 3', async () => {
      for (const id of [await reconciled('web'), await reconciled('api')]) azure.containerGroups.delete(id);
      azure.faults.add({ kind: 'status', status: 403, match: /DELETE .*\/PTR\/4\.0$/i });
      const { exitCode, stdout } = await prune(both);
      expect(exitCode).toBe(3);
      expect(stdout).toMatch(/! left: PTR 4\..*assign the role Private DNS Zone Contributor/);
      expect(stdout).toMatch(/\n! 2 removed, 2 left; run this again\n$/);
      expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
    });

    it('everything, after the wait that a quota asks for', async () => {
      azure.containerGroups.delete(await reconciled());
      azure.faults.add({
        kind: 'status',
        status: 429,
        retryAfterSeconds: 7,
        match: 'RecordSets_Delete',
        times: 1,
      });
      expect(await prune(both)).toMatchObject({ exitCode: 0 });
      expect(records(azure)).toEqual([]);
    });
  });

  describe('prints one document with --json', () => {
    it('of what it only listed', async () => {
      azure.containerGroups.delete(await reconciled());
      const { exitCode, stdout, stderr } = await prune(both, ['--json']);
      expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: '' });
      expect(JSON.parse(stdout)).toMatchObject({
        recordSets: [
          { type: 'PTR', name: '4.0.1.10.in-addr.arpa', values: [`web.${zoneA}.`], reason: 'gone' },
          { type: 'A', reason: 'gone', ownerState: 'gone' },
        ],
        removed: [],
        left: [],
        unread: [],
        exitCode: 3,
      });
    });

    it('of what it removed, with the list and the question on stderr', async () => {
      azure.containerGroups.delete(await reconciled());
      const { exitCode, stdout, stderr } = await prune(both, ['--json'], ['yes']);
      expect(exitCode).toBe(0);
      expect(stderr).toMatch(/^record set .*\n(.*\n)+! 2 record sets to prune\nRemove these .*$/);
      expect(JSON.parse(stdout)).toMatchObject({
        removed: [
          { action: 'delete', type: 'PTR' },
          { action: 'delete', type: 'A' },
        ],
        exitCode: 0,
      });
    });
  });

  describe('refuses in one line, with 1,', () => {
    it.each<[string, readonly string[], Readonly<Record<string, string>>, RegExp]>([
      ['a zone by its name', ['--zone', oldZone], {}, /^✖ --zone: expected the ARM id of a private DNS zone/],
      ['to go by no zone map', [], { DNS_ZONE_MAP: '' }, /^✖ DNS_ZONE_MAP: expected the zone map of the app/],
      [
        'to go by a part of the zone map',
        [],
        { DNS_ZONE_MAP: JSON.stringify({ ...sampleZoneMap, 'rg-x': { forwardZone: 'x' } }) },
        /^✖ DNS_ZONE_MAP\["rg-x"\]\.forwardZone: .*; correct it first/,
      ],
      ['a bad zone map', [], { DNS_ZONE_MAP: '[' }, /^✖ DNS_ZONE_MAP: expected JSON/],
    ])('%s', async (_, args, settings, line) => {
      const mark = azure.requests.mark();
      const { exitCode, stdout, stderr } = await runCommand(['prune', '--yes', ...args], {
        env: { ...envOf(both), ...settings },
      });
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
      expect(stderr).toMatch(line);
      expect(azure.requests.since(mark)).toEqual([]);
    });
  });

  it('goes by an empty map that somebody wrote on purpose', async () => {
    await reconciled();
    const zones = [zoneA, reverse].flatMap((name) => ['--zone', azure.zones.create({ name })]);
    expect(await prune({}, ['--yes', ...zones])).toMatchObject({ exitCode: 0 });
    expect(records(azure)).toEqual([]);
  });

  it('ends at an interruption with its code', async () => {
    const interrupted = AbortSignal.abort(130);
    expect(await runCommand(['prune', '--yes'], { env: envOf(both), interrupted })).toMatchObject({
      exitCode: 130,
      stdout: '',
      stderr: 'interrupted\n',
    });
  });
});
