import { afterAll, beforeAll, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { sampleSubscriptionId, sampleZoneMap } from '../../../local/azure/sample.ts';
import type { DryRunPorts } from '../../../src/dns/dry-run.ts';
import type { RecordSetReader, RecordSetWriter } from '../../../src/dns/ports.ts';
import { records, recordsOf, removeEverything } from '../../e2e/records.ts';
import { runCommand } from '../run-command.ts';

const zone = 'spoke-a.internal.contoso.com';

describe('a container group on the command line', () => {
  let azure: LocalAzure;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    azure = await startLocalAzure();
    env = { ARM_ENDPOINT: azure.armEndpoint, DNS_ZONE_MAP: JSON.stringify(sampleZoneMap) };
  });
  afterAll(() => azure.close());
  beforeEach(() => removeEverything(azure));

  const create = (name = 'web') => azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name });
  const plan = (group: string, ...args: readonly string[]) => runCommand(['plan', group, ...args], { env });
  const reconcile = (group: string, ...args: readonly string[]) =>
    runCommand(['reconcile', group, '--yes', ...args], { env });
  const writesSince = (mark: number) =>
    azure.requests.since(mark).filter(({ method }) => method !== 'GET').length;

  describe('evenkeel plan', () => {
    it('takes ports that cannot write, and no others', () => {
      expectTypeOf<RecordSetReader>().toExtend<DryRunPorts['recordSets']>();
      expectTypeOf<RecordSetReader & RecordSetWriter>().not.toExtend<DryRunPorts['recordSets']>();
    });

    it('shows what would be created, with 4, and writes nothing', async () => {
      const id = create();
      const mark = azure.requests.mark();
      const { exitCode, stdout, stderr } = await plan(id);
      expect({ exitCode, stderr }).toEqual({ exitCode: 4, stderr: '' });
      expect(stdout).toContain(`${id.toLowerCase()} has the address 10.1.0.4\n`);
      expect(stdout).toContain(`create A web.${zone}\n  + values 10.1.0.4\n  + ttl 30 s\n  + evenkeelOwner `);
      expect(stdout).toContain(`create PTR 4.0.1.10.in-addr.arpa\n  + values web.${zone}.\n`);
      expect(stdout).toMatch(/\n2 changes\n$/);
      expect(writesSince(mark)).toBe(0);
      expect(records(azure)).toEqual([]);
    });

    it('breaks sentences at the width of a terminal', async () => {
      const group = azure.containerGroups.id('rg-spoke-a', 'wbe');
      const { stdout } = await runCommand(['plan', group], { env, terminal: { columns: 60, rows: 24 } });
      expect(stdout).toMatch(
        /\nThere is no such container group, and it has no record set:\ncheck its name\.\n$/,
      );
    });

    it('shows before and after of what would be updated and deleted', async () => {
      const id = create();
      await reconcile(id);
      azure.containerGroups.move(id, '10.1.0.9');
      const { exitCode, stdout } = await plan(id);
      expect(exitCode).toBe(4);
      expect(stdout).toContain(
        `update A web.${zone}\n  - values 10.1.0.4\n  + values 10.1.0.9\n    ttl 30 s\n`,
      );
      expect(stdout).toContain('create PTR 9.0.1.10.in-addr.arpa\n');
      expect(stdout).toContain(`delete PTR 4.0.1.10.in-addr.arpa\n  - values web.${zone}.\n`);
    });

    it('has nothing to do, with 0, once the records are right, and says that they are', async () => {
      const id = create();
      await reconcile(id);
      const { exitCode, stdout } = await plan(id);
      expect(exitCode).toBe(0);
      expect(stdout).toContain(`A web.${zone} 10.1.0.4: it is correct\n`);
      expect(stdout).toMatch(/\nNothing to do\.\n$/);
    });

    it('fails, with 1, where there is neither the group nor a record set of its name', async () => {
      const { exitCode, stdout } = await plan(azure.containerGroups.id('rg-spoke-a', 'wbe'));
      expect(exitCode).toBe(1);
      expect(stdout).toContain('/wbe does not exist\n');
      expect(stdout).toMatch(
        /\nThere is no such container group, and it has no record set: check its name\.\n$/,
      );
    });

    it('fails there with --json, too: with an error in the one document, and on stderr', async () => {
      const { exitCode, stdout, stderr } = await plan(
        azure.containerGroups.id('rg-spoke-a', 'wbe'),
        '--json',
      );
      const message = 'There is no such container group, and it has no record set: check its name.';
      expect(exitCode).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({
        error: { code: 'groupMissing', message },
        live: { reason: 'gone' },
        changes: [],
      });
      expect(stderr).toBe(`✖ ${message}\n`);
    });

    it.each([
      [
        'no zone map',
        {},
        /^✖ DNS_ZONE_MAP: expected an entry for each spoke, found nothing; set it, or give /,
      ],
      [
        'a bad entry alone',
        { DNS_ZONE_MAP: '{"rg-spoke-a":{}}' },
        /^✖ DNS_ZONE_MAP\["rg-spoke-a"\]\.forwardZone: /,
      ],
    ])('fails, with 1, with %s, as reconcile and audit do', async (_, settings, sentence) => {
      const id = create();
      for (const args of [['plan', id], ['reconcile', id, '--yes'], ['audit']]) {
        const result = await runCommand(args, { env: { ARM_ENDPOINT: azure.armEndpoint, ...settings } });
        expect(result).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringMatching(sentence) });
      }
    });

    it('says what it would leave alone, and why', async () => {
      const id = create();
      azure.zones.put(zone, 'A', 'web', { values: ['10.9.9.9'], isAutoRegistered: true });
      const { exitCode, stdout } = await plan(id);
      expect(exitCode).toBe(3);
      expect(stdout).toContain(
        `! A web.${zone} 10.9.9.9: the platform registered it for a virtual machine\n`,
      );
      const document = JSON.parse((await plan(id, '--json')).stdout);
      expect(document.leftAlone).toMatchObject([
        { type: 'A', isObstacle: true, why: 'the platform registered it for a virtual machine' },
      ]);
    });

    it.each([
      ['foreign, under refuse', { DNS_FOREIGN_RECORDS: 'refuse' }, {}, /DNS_FOREIGN_RECORDS is refuse/],
      [
        "another live group's",
        {},
        { metadata: { evenkeelOwner: 'db' } },
        /belongs to the live container group \/subscriptions\/.*\/web$/m,
      ],
    ])('names a record that is in the way: %s', async (_, settings, set, why) => {
      const owner = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
      const contender = azure.containerGroups.create({ resourceGroup: 'rg-spoke-b', name: 'web' });
      const metadata: Record<string, string> = 'metadata' in set ? { evenkeelOwner: owner } : {};
      azure.zones.put(zone, 'A', 'web', { values: ['10.1.0.4'], metadata });
      const shared = { ...sampleZoneMap, 'rg-spoke-b': sampleZoneMap['rg-spoke-a'] };
      const { exitCode, stdout } = await runCommand(['plan', contender], {
        env: { ...env, ...settings, DNS_ZONE_MAP: JSON.stringify(shared) },
      });
      expect(exitCode).toBe(3);
      expect(stdout).toMatch(why);
      expect(stdout).toMatch(/Nothing would be written/);
    });

    it('tells of an address that no reverse zone covers', async () => {
      const id = azure.containerGroups.create({
        resourceGroup: 'rg-spoke-a',
        name: 'web',
        address: '10.1.0.7',
      });
      const map = { 'rg-spoke-a': { ...sampleZoneMap['rg-spoke-a'], reverseZones: ['2.10.in-addr.arpa'] } };
      const { stdout } = await runCommand(['plan', id], {
        env: { ...env, DNS_ZONE_MAP: JSON.stringify(map) },
      });
      expect(stdout).toContain('no reverse zone of DNS_ZONE_MAP covers 10.1.0.7');
    });

    it('takes RESOURCE_GROUP/NAME with --subscription, and prints one document with --json', async () => {
      create();
      const { exitCode, stdout } = await plan(
        'rg-spoke-a/web',
        '--subscription',
        sampleSubscriptionId,
        '--json',
      );
      expect(exitCode).toBe(4);
      expect(JSON.parse(stdout)).toMatchObject({
        live: { kind: 'addressed', address: '10.1.0.4' },
        changes: [
          { action: 'create', type: 'A', name: `web.${zone}`, before: null, after: { values: ['10.1.0.4'] } },
          { action: 'create', type: 'PTR', after: { values: [`web.${zone}.`] } },
        ],
        leftAlone: [],
        uncoveredAddress: null,
        exitCode: 4,
      });
    });

    it('goes by the settings of a file rather than those of the environment', async () => {
      const id = create();
      const list = Object.entries(env).map(([name, value]) => ({ name, value, slotSetting: false }));
      const other = { DNS_ZONE_MAP: '{}' };
      const files = { 'prod.json': `\uFEFF${JSON.stringify(list)}` };
      const args = ['plan', id, '--settings', 'prod.json'];
      expect((await runCommand(args, { env: other, files })).exitCode).toBe(4);
    });

    it('takes from local.settings.json what the environment lacks', async () => {
      const id = create();
      const { ARM_ENDPOINT, ...rest } = env;
      const files = {
        'local.settings.json': JSON.stringify({ Values: { ARM_ENDPOINT, DNS_ZONE_MAP: '[]' } }),
      };
      expect((await runCommand(['plan', id], { env: rest, files })).exitCode).toBe(4);
    });

    it.each<[string, readonly string[], Readonly<Record<string, string>>, RegExp]>([
      ['something else', ['web'], {}, /^✖ expected the ARM id of a container group/],
      ['a group without its subscription', ['rg-spoke-a/web'], {}, /^✖ --subscription: expected the id/],
      [
        'an unmapped group',
        ['rg-x/web', '--subscription', 's'],
        {},
        /^✖ DNS_ZONE_MAP: .*rg-x, found rg-spoke-a, rg-spoke-b/,
      ],
      [
        'a name without records',
        ['rg-spoke-a/my_app', '--subscription', 's'],
        {},
        /^✖ my_app cannot be a host name/,
      ],
      [
        'a group whose entry of the zone map is bad',
        ['rg-spoke-a/web', '--subscription', 's'],
        { DNS_ZONE_MAP: '{"rg-spoke-a":{},"rg-spoke-b":{"forwardZone":"b.b"}}' },
        /^✖ DNS_ZONE_MAP\["rg-spoke-a"\]\.forwardZone: expected a value, found nothing/,
      ],
      [
        'a bad setting',
        ['rg-spoke-a/web', '--subscription', 's'],
        { DNS_ZONE_MAP: '[' },
        /^✖ DNS_ZONE_MAP: expected JSON/,
      ],
      [
        'a missing file',
        ['rg-spoke-a/web', '--subscription', 's', '--settings', 'no.json'],
        {},
        /^✖ no\.json cannot be read: there is no such file/,
      ],
    ])('refuses %s in one line, with 1', async (_, args, more, line) => {
      const { exitCode, stdout, stderr } = await runCommand(['plan', ...args], { env: { ...env, ...more } });
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
      expect(stderr).toMatch(line);
      expect(stderr.split('\n')).toHaveLength(2);
    });

    it('says so, with 1, when the state of the group is not known', async () => {
      const id = create();
      azure.faults.add({ kind: 'status', status: 503, match: 'ContainerGroups_Get' });
      const { exitCode, stderr } = await plan(id);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/^✖ read container group on .* did not succeed: 503/);
    });
  });

  describe('evenkeel reconcile', () => {
    const at = (typed: readonly string[] | undefined, id: string, ...args: readonly string[]) =>
      runCommand(['reconcile', id, ...args], { env, ...(typed === undefined ? {} : { typed }) });

    it('shows the plan, asks, writes, and prints what it wrote', async () => {
      const id = create();
      const { exitCode, stdout, stderr } = await at(['y'], id);
      expect(exitCode).toBe(0);
      expect(stderr).toBe('Write these changes? [y/N] ');
      expect(stdout).toMatch(
        new RegExp(
          `\\n2 changes\\n\\nWritten:\\n  create A web\\.${zone} 10\\.1\\.0\\.4\\n  create PTR .*\\n✔ The records are correct\\.\\n$`,
        ),
      );
      expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.4'));
    });

    it.each([['n'], [''], ['yup']])('writes nothing after the answer "%s", with 2', async (answer) => {
      const { exitCode, stderr } = await at([answer], create());
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/nothing was written\n$/);
      expect(records(azure)).toEqual([]);
    });

    it('refuses where nobody can be asked, before it calls anything, and says --yes', async () => {
      const id = create();
      const mark = azure.requests.mark();
      const { exitCode, stderr } = await at(undefined, id);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/^✖ stdin is not a terminal, so nobody can confirm: .*--yes\n$/);
      expect(azure.requests.since(mark)).toEqual([]);
    });

    it('does not ask with --yes, nor when there is nothing to write', async () => {
      const id = create();
      expect(await reconcile(id)).toMatchObject({ exitCode: 0, stderr: '' });
      const again = await at([], id);
      expect(again).toMatchObject({ exitCode: 0, stderr: '' });
      expect(again.stdout).toMatch(/✔ The records were correct already\.\n$/);
    });

    it('removes the records of a group that is gone', async () => {
      const id = create();
      await reconcile(id);
      azure.containerGroups.delete(id);
      expect((await reconcile(id)).exitCode).toBe(0);
      expect(records(azure)).toEqual([]);
    });

    it('ends with 3 where something was in the way', async () => {
      const id = create();
      azure.zones.put(zone, 'A', 'web', { values: ['10.9.9.9'], isAutoRegistered: true });
      const { exitCode, stdout } = await reconcile(id);
      expect(exitCode).toBe(3);
      expect(stdout).toMatch(/! Some record sets are in the way and were not changed\.\n$/);
    });

    it('tells what it wrote before it failed', async () => {
      const owner = azure.containerGroups.create({
        resourceGroup: 'rg-spoke-b',
        name: 'db',
        address: '10.2.0.8',
      });
      const id = azure.containerGroups.create({
        resourceGroup: 'rg-spoke-a',
        name: 'web',
        address: '10.1.0.8',
      });
      // The owner that the PTR names lives, and its own PTR would be there.
      azure.containerGroups.move(owner, '10.1.0.8');
      azure.zones.put('1.10.in-addr.arpa', 'PTR', '8.0', {
        values: ['db.spoke-b.internal.contoso.com.'],
        metadata: { evenkeelOwner: owner },
      });
      const { exitCode, stderr } = await reconcile(id);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/^Written before the failure:\n {2}create A web\./);
      expect(stderr).toMatch(/✖ the record set .* belongs to the live container group/);
    });

    it('prints the plan and what was written as one document with --json', async () => {
      const { exitCode, stdout, stderr } = await reconcile(create(), '--json');
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(JSON.parse(stdout)).toMatchObject({
        plan: { changes: [{ action: 'create' }, { action: 'create' }] },
        result: 'created',
        written: [
          { action: 'create', type: 'A' },
          { action: 'create', type: 'PTR' },
        ],
        exitCode: 0,
      });
    });
  });
});
