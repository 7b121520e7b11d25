import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../../local/azure/clock.ts';
import { sampleHub, sampleRegistry, sampleSubscriptionId, sampleZoneMap } from '../../local/azure/sample.ts';
import { runCommand } from '../cli/run-command.ts';
import { appId, eventTypes, groupId, installForDoctor, principal } from './doctor-installation.ts';
import { records } from './records.ts';

type World = Awaited<ReturnType<typeof installForDoctor>>;
/** Breaks one thing, and returns how to mend it and what else the command line is told. */
interface Broken {
  readonly mend?: () => unknown;
  readonly settings?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly clockAheadMs?: number;
}

const reportSchema = v.object({
  exitCode: v.number(),
  checks: v.array(
    v.object({
      check: v.string(),
      findings: v.array(
        v.object({ severity: v.string(), what: v.string(), why: v.string(), mend: v.string() }),
      ),
      skipped: v.nullable(v.string()),
      failure: v.nullable(v.string()),
    }),
  ),
});

const zone = 'spoke-a.internal.contoso.com';
const { name: registry } = sampleRegistry;

describe('evenkeel doctor', () => {
  let world: World;
  beforeAll(async () => {
    world = await installForDoctor();
  });
  afterAll(() => world.close());

  async function doctor({ settings = {}, args = [], clockAheadMs = 0 }: Broken = {}) {
    const { now, sleep } = realClock();
    const clock = { now: () => new Date(now() + clockAheadMs), sleep };
    const env = { ...world.settings, ...settings, EVENKEEL_APP: world.host.url };
    const all = ['doctor', '--principal', principal, '--app-id', appId, '--json', ...args];
    const { exitCode, stdout, stderr } = await runCommand(all, { env, clock });
    expect(stderr).toBe('');
    const report = v.parse(reportSchema, JSON.parse(stdout));
    expect(report.exitCode).toBe(exitCode);
    const findings = report.checks.flatMap(({ check, findings: found, failure }) => [
      ...found.map(({ severity, what }) => `${check}: ${severity}: ${what}`),
      ...(failure === null ? [] : [`${check}: failure: ${failure}`]),
    ]);
    return { exitCode, findings, report };
  }

  it('finds nothing in an installation that is in good order, and looks at everything', async () => {
    const mark = world.azure.requests.mark();
    const { exitCode, findings, report } = await doctor();
    expect(findings).toEqual([]);
    expect(exitCode).toBe(0);
    expect(report.checks.filter(({ skipped }) => skipped !== null)).toEqual([]);
    expect(report.checks).toHaveLength(13);
    const writes = world.azure.requests
      .since(mark)
      .filter(({ method, operation }) => method !== 'GET' && !/GetFullUrl|GetCallbackConfig/.test(operation));
    // The empty batch that the topic is tried with.
    expect(writes.map(({ operation }) => operation)).toEqual(['Topics_PublishEvents']);
  });

  it.each<[string, string, (world: World) => Broken | Promise<Broken>]>([
    [
      'a setting that is wrong',
      'settings: error: ROUTING_MODE: expected one of flag, enforce, found "on"',
      () => ({ settings: { ROUTING_MODE: 'on' } }),
    ],
    [
      'settings that are not those of the app',
      'settings: warning: DNS_ZONE_MAP here (rg-spoke-a) is not that of the app (rg-spoke-a, rg-spoke-b)',
      () => ({ settings: { DNS_ZONE_MAP: JSON.stringify({ 'rg-spoke-a': sampleZoneMap['rg-spoke-a'] }) } }),
    ],
    [
      'a resource group whose events reach nobody',
      `group-events: error: no event of ${groupId('rg-spoke-b')} reaches reconcileDns of this app`,
      ({ azure, subscribeSpoke }) => {
        azure.eventGrid.unsubscribe('reconcile-b');
        return { mend: () => subscribeSpoke('b') };
      },
    ],
    [
      'events that reach another function',
      `group-events: error: no event of ${groupId('rg-spoke-a')} reaches reconcileDns of this app`,
      async ({ subscribeSpoke }) => {
        await subscribeSpoke('a', { functionName: 'trackIpDrift' });
        return { mend: () => subscribeSpoke('a') };
      },
    ],
    [
      'events that reach another app',
      `group-events: error: no event of ${groupId('rg-spoke-a')} reaches reconcileDns of this app`,
      async ({ subscribeSpoke }) => {
        await subscribeSpoke('a', { functionAppId: `${appId}-other` });
        return { mend: () => subscribeSpoke('a') };
      },
    ],
    [
      'event types that leave out restarts',
      `group-events: error: the filter of reconcile-a keeps out of ${groupId('rg-spoke-a')}: start/action, stop/action, restart/action`,
      async ({ subscribeSpoke }) => {
        await subscribeSpoke('a', { includedEventTypes: eventTypes.slice(0, 2) });
        return { mend: () => subscribeSpoke('a') };
      },
    ],
    [
      'a filter for one container group only',
      `group-events: error: the filter of reconcile-b keeps out of ${groupId('rg-spoke-b')}: write, delete, start/action, stop/action, restart/action`,
      async ({ subscribeSpoke }) => {
        await subscribeSpoke('b', { subjectEndsWith: '/containerGroups/web' });
        return { mend: () => subscribeSpoke('b') };
      },
    ],
    [
      'a filter that lets everything through',
      'group-events: warning: the filter of reconcile-a lets through what is about no container group',
      async ({ subscribeSpoke }) => {
        await subscribeSpoke('a', { advancedFilters: undefined });
        return { mend: () => subscribeSpoke('a') };
      },
    ],
    [
      'events that are not kept when they cannot be delivered',
      'group-events: warning: the event subscription reconcile-a keeps no dead letters',
      async ({ subscribeSpoke }) => {
        await subscribeSpoke('a', { deadLetters: false });
        return { mend: () => subscribeSpoke('a') };
      },
    ],
    [
      'a mapped resource group that is nowhere',
      'group-events: error: the resource group rg-spoke-b of DNS_ZONE_MAP is in no subscription that can be seen here',
      ({ azure, subscribeSpoke }) => {
        azure.eventGrid.unsubscribe('reconcile-b');
        azure.resourceGroups.delete(sampleSubscriptionId, 'rg-spoke-b');
        return {
          mend: () => {
            azure.resourceGroups.ensure(sampleSubscriptionId, 'rg-spoke-b');
            return subscribeSpoke('b');
          },
        };
      },
    ],
    [
      'findings of the audit that nobody repairs',
      'drift-events: error: no event of the topic /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-evenkeel/providers/Microsoft.EventGrid/topics/evenkeel reaches reconcileDns of this app',
      ({ azure, subscribeDrift }) => {
        azure.eventGrid.unsubscribe('repair');
        return { mend: () => subscribeDrift() };
      },
    ],
    [
      'a topic that is not there',
      'signal-topic: error: the topic URL does not take events: it answers 404',
      ({ azure }) => ({ settings: { SIGNAL_TOPIC__topicEndpointUri: azure.topicEndpoint('nowhere') } }),
    ],
    [
      'a reverse zone that is not there',
      `zones: error: there is no zone 1.10.in-addr.arpa in ${sampleHub}`,
      ({ azure }) => {
        azure.zones.delete('1.10.in-addr.arpa');
        return { mend: () => azure.zones.create({ name: '1.10.in-addr.arpa' }) };
      },
    ],
    [
      'a zone that no network resolves',
      `zones: error: the zone ${zone} is linked to no network`,
      ({ azure }) => {
        azure.zones.delete(zone);
        azure.zones.create({ name: zone, links: [] });
        return {
          mend: () => {
            azure.zones.delete(zone);
            azure.zones.create({ name: zone });
          },
        };
      },
    ],
    [
      'a replica without a webhook',
      `webhooks: error: no webhook of ${registry} in westus tells this app`,
      async ({ azure, webhooks }) => {
        await changeWebhook(azure.armEndpoint, 'westus', 'DELETE');
        return { mend: webhooks };
      },
    ],
    ...(
      [
        ['that is disabled', 'is disabled', { status: 'disabled' }],
        ['that names another region', 'names the region eastus in its URL', { serviceUri: 'REGION' }],
        ['that goes elsewhere', 'goes to elsewhere.example', { serviceUri: 'HOST' }],
        ['without the secret', 'sends no header x-evenkeel-secret', { customHeaders: {} }],
        [
          'with another secret',
          'sends another secret in x-evenkeel-secret',
          { customHeaders: { 'x-evenkeel-secret': 'old' } },
        ],
        ['for one repository', 'is about team/app only', { scope: 'team/app' }],
        ['without deletions', 'does not tell of delete', { actions: ['push'] }],
      ] as const
    ).map(([name, what, properties]): [string, string, (world: World) => Promise<Broken>] => [
      `a webhook ${name}`,
      `webhooks: error: the webhook evenkeelwestus of ${registry} in westus ${what}`,
      async ({ azure, host, webhooks }) => {
        const uris: Readonly<Record<string, string>> = {
          REGION: `${host.url}/api/registry-webhook?region=eastus`,
          HOST: 'https://elsewhere.example/api/registry-webhook?region=westus',
        };
        const uri = 'serviceUri' in properties ? { serviceUri: uris[properties.serviceUri] } : {};
        await changeWebhook(azure.armEndpoint, 'westus', 'PATCH', { ...properties, ...uri });
        return { mend: webhooks };
      },
    ]),
    [
      'a registry whose events reach nobody',
      `registry-events: note: no event of the registry ${registry} reaches receiveRegistryEvent of this app`,
      ({ azure, subscribeRegistry }) => {
        azure.eventGrid.unsubscribe('images');
        return { mend: subscribeRegistry };
      },
    ],
    [
      'a regional endpoint that is down',
      `regional-endpoints: error: the regional endpoint of ${registry} in westeurope does not answer: answered 503`,
      ({ azure }) => {
        azure.registries.degrade(registry, 'westeurope', { status: 503 });
        return { mend: () => azure.registries.restore(registry, 'westeurope') };
      },
    ],
    [
      'a role that is missing',
      `roles: error: the app may not Microsoft.ContainerInstance/containerGroups/read on ${groupId('rg-spoke-b')}`,
      ({ azure: { authorization } }) => {
        const one = authorization.all.find(({ scope }) => scope === groupId('rg-spoke-b'));
        if (one === undefined) throw new Error('there is no such assignment');
        authorization.unassign(one.id);
        const role = one.roleDefinitionId.split('/').at(-1) ?? '';
        return { mend: () => authorization.assign(principal, role, one.scope) };
      },
    ],
    [
      'a role that allows too much',
      `roles: warning: the role Contributor lets the app do more than its jobs need: * on ${groupId(sampleHub)}`,
      ({ azure: { authorization } }) => {
        const contributor = authorization.define({ name: 'Contributor', actions: ['*'] });
        const id = authorization.assign(principal, contributor, groupId(sampleHub));
        return { mend: () => authorization.unassign(id) };
      },
    ],
    [
      'a sweep that never ran',
      'schedules: error: auditDns: no sweep has ended yet',
      async ({ azure, run }) => {
        const { BlobServiceClient } = await import('@azure/storage-blob');
        const storage = BlobServiceClient.fromConnectionString(azure.storage?.connectionString ?? '');
        await storage.getContainerClient('evenkeel').getBlobClient('dns-audit.json').delete();
        return { mend: () => run('auditDns') };
      },
    ],
    ['a clock that is wrong', "clocks: warning: this machine's clock is ", () => ({ clockAheadMs: 300_000 })],
    [
      'storage that does not answer',
      'storage: error: AzureWebJobsStorage (queue, blob, table) cannot be reached: ',
      () => ({
        settings: {
          AzureWebJobsStorage:
            'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=Zm9v;BlobEndpoint=http://127.0.0.1:1/a;QueueEndpoint=http://127.0.0.1:1/a;TableEndpoint=http://127.0.0.1:1/a;',
        },
      }),
    ],
  ])('finds %s, and nothing else', async (_, expected, breakIt) => {
    const broken = await breakIt(world);
    try {
      const { exitCode, findings } = await doctor(broken);
      const [found, ...others] = findings.map((one) => one.replace(/http:\S+/, 'URL'));
      expect(others).toEqual([]);
      expect(found?.slice(0, expected.length)).toBe(expected);
      expect(exitCode).toBe(expected.includes(': note: ') ? 0 : 3);
    } finally {
      await broken.mend?.();
    }
  });

  it('is well again once all of that is mended', async () => {
    expect((await doctor()).findings).toEqual([]);
  });

  describe('with --send-event', () => {
    const canaries = () => records(world.azure).filter((line) => line.includes('evenkeel-doctor'));

    it('sends an event through, sees it arrive, and leaves nothing behind', async () => {
      const before = records(world.azure);
      const published = world.azure.topic('evenkeel').events.length;
      const { findings, report } = await doctor({ args: ['--send-event'] });
      expect(findings).toEqual([]);
      expect(report.checks.at(-1)).toMatchObject({ check: 'event-path', skipped: null });
      expect(world.azure.topic('evenkeel').events.slice(published)).toMatchObject([
        { type: 'evenkeel.dns.driftDetected', data: { finding: 'orphan' } },
      ]);
      expect(world.lines.some((line) => /dns reconciled .*"removed".*evenkeel-doctor-/.test(line))).toBe(
        true,
      );
      expect(records(world.azure)).toEqual(before);
    });

    it('says so when it does not arrive, and leaves nothing behind all the same', async () => {
      world.azure.eventGrid.unsubscribe('repair');
      let now = Date.now();
      const sleep = async () => {
        now += 60_000;
      };
      const clock = { now: () => new Date(now), sleep };
      const env = { ...world.settings, EVENKEEL_APP: world.host.url };
      const { exitCode, stdout } = await runCommand(['doctor', '--send-event'], { env, clock });
      expect(exitCode).toBe(3);
      expect(stdout).toMatch(
        /✖ an event of the audit about evenkeel-doctor-\w+\.spoke-a\S+ led to nothing within 90 s\n/,
      );
      expect(canaries()).toEqual([]);
      await world.subscribeDrift();
    });
  });

  it('tells people what, why and how to mend it, and what it did not look at', async () => {
    const env = { ...world.settings, EVENKEEL_APP: world.host.url, ROUTING_MODE: 'on' };
    const { now, sleep } = realClock();
    const clock = { now: () => new Date(now()), sleep };
    const { exitCode, stdout } = await runCommand(['doctor', '--app-id', appId], { env, clock });
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^Settings\n {2}✖ ROUTING_MODE: .*\n {4}why: {2}.*\n {4}mend: .*az functionapp/);
    expect(stdout).toContain("- Roles of the app's identity: not looked at: give --principal");
    expect(stdout).toContain('✔ Zones\n');
    expect(stdout).toMatch(/\n\n✖ 1 error\n$/);
  });

  it('ends with 1 where something could not be looked at and there is nothing to mend', async () => {
    world.azure.faults.add({
      kind: 'status',
      status: 403,
      code: 'AuthorizationFailed',
      match: 'PrivateZones_Get',
    });
    const { exitCode, findings } = await doctor();
    world.azure.faults.clear();
    expect(exitCode).toBe(1);
    expect(findings).toEqual([expect.stringMatching(/^zones: failure: .*assign the role Reader/)]);
  });

  it('still looks at Azure when the app does not answer', async () => {
    const env = { ...world.settings, EVENKEEL_APP: 'http://127.0.0.1:1' };
    const { exitCode, stdout } = await runCommand(['doctor', '--app-id', appId], { env });
    expect(exitCode).toBe(3);
    expect(stdout).toContain('✖ the app does not tell its status: the app cannot be reached');
    expect(stdout).toContain('- Schedules: not looked at');
    expect(stdout).toContain('✔ Zones\n');
  });
});

async function changeWebhook(arm: string, region: string, method: 'PATCH' | 'DELETE', properties?: unknown) {
  const id = `${groupId('rg-registry')}/providers/Microsoft.ContainerRegistry/registries/${registry}/webhooks/evenkeel${region}`;
  const headers = { 'content-type': 'application/json' };
  const body = properties === undefined ? null : JSON.stringify({ properties });
  const answer = await fetch(`${arm}${id}?api-version=2025-11-01`, { method, headers, body });
  expect(answer.ok).toBe(true);
}
