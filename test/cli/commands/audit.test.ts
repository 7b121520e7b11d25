import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';
import { sampleZoneMap } from '../../../local/azure/sample.ts';
import { removeEverything } from '../../e2e/records.ts';
import { runCommand } from '../run-command.ts';

const zone = 'spoke-a.internal.contoso.com';

describe('evenkeel audit', () => {
  let azure: LocalAzure;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    azure = await startLocalAzure();
    env = { ARM_ENDPOINT: azure.armEndpoint, DNS_ZONE_MAP: JSON.stringify(sampleZoneMap) };
  });
  afterAll(() => azure.close());
  beforeEach(() => removeEverything(azure));

  const audit = (...args: readonly string[]) => runCommand(['audit', ...args], { env });
  const create = (name: string) => azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name });

  it('finds nothing, with 0, where all is right', async () => {
    await runCommand(['reconcile', create('web'), '--yes'], { env });
    const { exitCode, stdout, stderr } = await audit();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toBe('✔ no findings; 1 container group, 2 managed record sets, 2 spokes\n');
  });

  it('lists what it finds as a table, with 3, and writes nothing', async () => {
    const web = create('web');
    await runCommand(['reconcile', web, '--yes'], { env });
    azure.containerGroups.move(web, '10.1.0.9');
    create('api');
    const mark = azure.requests.mark();
    const { exitCode, stdout } = await audit();
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^finding {2,}container group {2,}live address {2,}recorded {2,}record sets\n/);
    expect(stdout).toMatch(
      new RegExp(`^addressDiffers +rg-spoke-a/web +10\\.1\\.0\\.9 +10\\.1\\.0\\.4 +A web\\.${zone}$`, 'm'),
    );
    expect(stdout).toMatch(
      new RegExp(`^aMissing +rg-spoke-a/api +10\\.1\\.0\\.4 +none +A api\\.${zone}$`, 'm'),
    );
    expect(stdout).toMatch(/^ptrDiffers +rg-spoke-a\/api .* PTR 4\.0\.1\.10\.in-addr\.arpa$/m);
    expect(stdout).toMatch(/\n✖ \d findings; 2 container groups, /);
    expect(azure.requests.since(mark).every(({ method }) => method === 'GET')).toBe(true);
  });

  describe('says what becomes of a finding', () => {
    const becomes = async (settings: Readonly<Record<string, string>>) => {
      const topic = { SIGNAL_TOPIC__topicEndpointUri: azure.topicEndpoint('evenkeel') };
      const { stdout } = await runCommand(['audit'], { env: { ...env, ...topic, ...settings } });
      return stdout.split('\n').filter((line) => /repaired/.test(line));
    };
    const orphan = () => {
      const metadata = { evenkeelOwner: azure.containerGroups.id('rg-spoke-a', 'gone') };
      azure.zones.put(zone, 'A', 'gone', { values: ['10.1.0.8'], metadata });
    };

    it('by the next sweep of the app, at its time', async () => {
      create('web');
      orphan();
      // The clock of the test shows 08:00.
      expect(await becomes({ AUDIT_SCHEDULE: '0 */15 * * * *' })).toEqual([
        '  orphan, aMissing, ptrMissing: repaired by the app, at the latest after its next sweep, 08:15 UTC',
      ]);
    });

    it('by the policy of its spoke, where that forbids the repair', async () => {
      create('web');
      orphan();
      expect(await becomes({ DNS_POLICY: 'upsert-only' })).toEqual([
        '  orphan: not repaired: the policy upsert-only removes nothing',
        expect.stringMatching(/^ {2}aMissing, ptrMissing: repaired by the app, /),
      ]);
      const map = { ...sampleZoneMap, 'rg-spoke-a': { ...sampleZoneMap['rg-spoke-a'], policy: 'observe' } };
      expect(await becomes({ DNS_ZONE_MAP: JSON.stringify(map) })).toEqual([
        '  orphan, aMissing, ptrMissing: not repaired: the policy observe writes nothing',
      ]);
    });

    it('by people, where nobody covers the owner or no event is sent', async () => {
      const metadata = { evenkeelOwner: azure.containerGroups.id('rg-other', 'web') };
      azure.zones.put(zone, 'A', 'web', { values: ['10.1.0.8'], metadata });
      orphan();
      expect(await becomes({ SIGNAL_TOPIC__topicEndpointUri: '' })).toEqual(
        expect.arrayContaining([
          '  unmapped: not repaired: add its resource group to DNS_ZONE_MAP, or run evenkeel prune',
          '  orphan: not repaired by a sweep: SIGNAL_TOPIC__topicEndpointUri is not set; run evenkeel reconcile',
        ]),
      );
    });
  });

  it('ends with 1 and says what it could not read', async () => {
    azure.faults.add({
      kind: 'status',
      status: 403,
      code: 'AuthorizationFailed',
      match: 'RecordSets_ListByType',
      times: 1,
    });
    const { exitCode, stdout } = await audit();
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^✖ not read completely: \/subscriptions\/.*assign the role Reader/m);
    expect(stdout).toMatch(/^✖ incomplete: /m);
  });

  it('prints the report with --json', async () => {
    create('web');
    const { exitCode, stdout } = await audit('--json');
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      complete: true,
      findings: [
        {
          finding: 'aMissing',
          liveAddress: '10.1.0.4',
          recordAddress: null,
          repair: expect.stringMatching(/^not repaired by a sweep/),
        },
        { finding: 'ptrMissing' },
      ],
    });
  });

  it('shows how far it has come on a terminal, and leaves nothing of it behind', async () => {
    const terminal = { columns: 80, rows: 24 };
    const { stdout, stderr } = await runCommand(['audit'], { env: { ...env, NO_COLOR: '1' }, terminal });
    expect(stderr).toContain('Reading: 0 container groups, 0 record sets');
    expect(stderr.endsWith('\u001b[J\u001b[?25h')).toBe(true);
    expect(stdout).toMatch(/^✔ no findings; /);
  });

  it('names a bad setting in one line, with 1', async () => {
    const result = await runCommand(['audit'], { env: { ...env, AUDIT_SUBSCRIPTIONS: 'all' } });
    expect(result).toMatchObject({ exitCode: 1, stdout: '' });
    expect(result.stderr).toMatch(/^✖ AUDIT_SUBSCRIPTIONS: expected a JSON array/);
  });

  it('names a bad entry of the zone map, and is incomplete, with 1', async () => {
    const DNS_ZONE_MAP = JSON.stringify({ ...sampleZoneMap, 'rg-spoke-a': {} });
    const result = await runCommand(['audit'], { env: { ...env, DNS_ZONE_MAP } });
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toContain(
      'DNS_ZONE_MAP["rg-spoke-a"].forwardZone: expected a value, found nothing',
    );
  });

  it('ends at an interruption with its code', async () => {
    const interrupted = AbortSignal.abort(130);
    expect(await runCommand(['audit'], { env, interrupted })).toMatchObject({
      exitCode: 130,
      stdout: '',
      stderr: 'interrupted\n',
    });
  });
});
