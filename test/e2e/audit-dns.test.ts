import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseStatus } from '../../src/status/schema.ts';
import { runCommand } from '../cli/run-command.ts';
import { resourceEvent } from './events.ts';
import { type Installation, install } from './installation.ts';
import { records, recordsOf, removeEverything } from './records.ts';

let installation: Installation;

beforeAll(async () => {
  installation = await install({ azure: { storage: {} } });
  const { azure, host } = installation;
  await azure.eventGrid.subscribeFunction(host.url, 'reconcileDns', {
    topic: 'evenkeel',
    schema: 'CloudEventSchemaV1_0',
    includedEventTypes: ['evenkeel.dns.driftDetected'],
  });
});
afterAll(() => installation.close());
beforeEach(() => removeEverything(installation.azure));

async function evenGroup(name: string, address: string): Promise<string> {
  const id = installation.azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name, address });
  expect(await installation.deliver(resourceEvent(id))).toBe(202);
  return id;
}

/** Fires the sweep, and waits until it and every event that it published are done. */
async function audit(): Promise<string> {
  const { azure, host, lines } = installation;
  const from = lines.length;
  const answer = await fetch(`${host.url}/admin/functions/auditDns`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"input":""}',
  });
  expect(answer.status).toBe(202);
  const ended = () => lines.slice(from).find((line) => /Executed 'Functions.auditDns'/.test(line));
  await expect.poll(ended, { timeout: 10_000 }).toContain('Succeeded');
  await azure.eventGrid.idle();
  await installation.toldAll();
  return lines.slice(from).join('\n');
}

describe('auditDns', () => {
  it('sweeps and repairs when somebody asks for it with evenkeel audit --now', async () => {
    const { azure, host } = installation;
    const web = await evenGroup('web', '10.1.0.4');
    azure.containerGroups.move(web, '10.1.0.9');
    const clock = { now: () => new Date(), sleep: () => setTimeout(20) };
    const from = installation.lines.length;
    const { exitCode, stdout, stderr } = await runCommand(['audit', '--now', '--app', host.url], { clock });
    expect(stdout).toMatch(/^addressDiffers +rg-spoke-a\/web +10\.1\.0\.9 +10\.1\.0\.4 +A web\./m);
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: 'The app sweeps now.\n' });
    // The report is there before what it says is published.
    await installation.line("Executed 'Functions.auditDns'", from);
    await azure.eventGrid.idle();
    expect(records(azure)).toEqual(recordsOf('web', 'a', '10.1.0.9'));
    const status = parseStatus(await (await fetch(`${host.url}/api/status`)).json());
    const spoke = status?.history?.spokes.find(({ key }) => key === 'rg-spoke-a');
    // Drift was found, and repaired by event and by audit, in this half hour or the one before.
    expect(spoke?.audits).toMatch(/^\.{46}(\.[1-9]|[1-9]\.)$/);
    const repairs = (column: number) => spoke?.repairs?.reduce((sum, row) => sum + (row[column] ?? 0), 0);
    expect([repairs(1), repairs(2)]).toEqual([1, 1]);
  });

  it.each<[string, (web: string) => void, string[]]>([
    [
      'a platform move',
      (web) => void installation.azure.containerGroups.move(web, '10.1.0.9'),
      recordsOf('web', 'a', '10.1.0.9'),
    ],
    [
      'a PTR that somebody deleted',
      () => void installation.azure.zones.remove('1.10.in-addr.arpa', 'PTR', '4.0'),
      recordsOf('web', 'a', '10.1.0.4'),
    ],
    [
      'an A record set that somebody deleted',
      () => void installation.azure.zones.remove('spoke-a.internal.contoso.com', 'A', 'web'),
      recordsOf('web', 'a', '10.1.0.4'),
    ],
    [
      'a stale PTR',
      (web) =>
        void installation.azure.zones.put('1.10.in-addr.arpa', 'PTR', '77.0', {
          values: ['web.spoke-a.internal.contoso.com.'],
          metadata: { evenkeelOwner: web.toLowerCase() },
        }),
      recordsOf('web', 'a', '10.1.0.4'),
    ],
    ['an orphan', (web) => installation.azure.containerGroups.delete(web), []],
  ])('has %s healed by reconcileDns, and writes to no zone itself', async (_what, harm, expected) => {
    const { azure } = installation;
    harm(await evenGroup('web', '10.1.0.4'));
    const printed = await audit();
    expect(records(azure)).toEqual(expected);
    expect(printed).toMatch(/dns reconciled .*"trigger":"audit"/);
    expect(await audit()).toContain('"findings":0');
  });

  it('gives a finding that lasts the same id at every sweep', async () => {
    const { azure } = installation;
    azure.faults.add({ match: /PUT .*\/A\/web/, kind: 'status', status: 403 });
    await azure.eventGrid.unsubscribe('reconcileDns-evenkeel');
    azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web', address: '10.1.0.4' });
    const from = azure.topic('evenkeel').events.length;
    await audit();
    await audit();
    const ids = azure
      .topic('evenkeel')
      .events.slice(from)
      .map(({ id, data }) => `${id} ${JSON.stringify(data)}`);
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(2);
  });

  it.each<[string, (web: string) => void]>([
    [
      'an A record set that is missing',
      () => void installation.azure.zones.remove('spoke-a.internal.contoso.com', 'A', 'web'),
    ],
    ['a PTR that is missing', () => void installation.azure.zones.remove('1.10.in-addr.arpa', 'PTR', '4.0')],
    ['an orphan', (web) => installation.azure.containerGroups.delete(web)],
  ])('gives %s another id when it was repaired and is found again', async (_what, harm) => {
    const { azure } = installation;
    await azure.eventGrid.unsubscribe('reconcileDns-evenkeel');
    const from = azure.topic('evenkeel').events.length;
    for (let times = 0; times < 2; times++) {
      harm(await evenGroup('web', '10.1.0.4'));
      await audit();
    }
    const ids = azure
      .topic('evenkeel')
      .events.slice(from)
      .map(({ id }) => id);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(2);
  });
});
