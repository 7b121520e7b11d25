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
    expect(stdout).toMatch(/^finding {2,}container group {2,}record sets\n/);
    expect(stdout).toMatch(new RegExp(`^addressDiffers +rg-spoke-a/web +A web\\.${zone}$`, 'm'));
    expect(stdout).toMatch(new RegExp(`^aMissing +rg-spoke-a/api +A api\\.${zone}$`, 'm'));
    expect(stdout).toMatch(/^ptrDiffers +rg-spoke-a\/api +PTR 4\.0\.1\.10\.in-addr\.arpa$/m);
    expect(stdout).toMatch(/\n\n✖ \d findings; 2 container groups, /);
    expect(azure.requests.since(mark).every(({ method }) => method === 'GET')).toBe(true);
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
      findings: [{ finding: 'aMissing' }, { finding: 'ptrMissing' }],
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
