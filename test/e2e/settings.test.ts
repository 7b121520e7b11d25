import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sampleNetwork, sampleZoneMap } from '../../local/azure/sample.ts';
import { parseStatus } from '../../src/status/schema.ts';
import { appHost } from './app-host.ts';
import { resourceEvent } from './events.ts';
import { type Installation, install, never } from './installation.ts';
import { records, recordsOf, removeEverything } from './records.ts';

let installation: Installation | undefined;
afterEach(async () => {
  await installation?.close();
  installation = undefined;
});

const sentences = {
  zoneMap: 'DNS_ZONE_MAP["rg-spoke-a"].ttl: expected number, found "soon"',
  tools: 'MCP_TOOLS: expected one of off, on, found "yes"',
  arm: 'ARM_ENDPOINT: expected https (plain http is accepted on loopback only), found "http://arm.example.com"',
  topic: 'SIGNAL_TOPIC__topicEndpointUri: expected an https URL, found text that is not repeated here',
};

describe('a bad setting', () => {
  it('lets the app load, is named once at start, and fails each invocation that needs it with the same sentence', async () => {
    const settings = {
      DNS_ZONE_MAP: '{"rg-spoke-a":{"forwardZone":"spoke-a.internal.contoso.com","ttl":"soon"}}',
      ARM_ENDPOINT: 'http://arm.example.com',
      MCP_TOOLS: 'yes',
      // A connection string in the place of a URL.
      SIGNAL_TOPIC__topicEndpointUri: 'Endpoint=https://t.example.com;AccountKey=hunter2',
    };
    installation = await install({ settings });
    const { azure, deliver, lines, host } = installation;
    for (const sentence of Object.values(sentences)) {
      expect(lines.filter((line) => line.includes(sentence))).toHaveLength(1);
    }
    const web = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
    for (const functionName of ['reconcileDns', 'trackIpDrift']) {
      const from = lines.length;
      expect(await deliver(resourceEvent(web), functionName)).toBe(500);
      expect(lines.slice(from).some((line) => line.includes(sentences.zoneMap))).toBe(true);
    }
    expect(azure.requests.since()).toEqual([]);
    const listed = await (await fetch(`${host.url}/admin/functions`)).text();
    for (const name of ['auditDns', 'reconcileDns', 'resumeDns', 'trackIpDrift'])
      expect(listed).toContain(name);
    expect(lines.join('\n')).not.toContain('hunter2');
    // Tools for assistants are off unless they are asked for in so many words.
    expect(listed).not.toContain('mcp');
    expect((await fetch(`${host.url}/runtime/webhooks/mcp`, { method: 'POST' })).status).toBe(404);
  });

  it('does not stand in the way of what does not need it', async () => {
    const id = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/one';
    const REGISTRIES = JSON.stringify([{ id }]);
    installation = await install({ settings: { ARM_ENDPOINT: 'http://arm.example.com', REGISTRIES } });
    const { deliver, lines } = installation;
    // Registries need storage, and there is none, unless the host needs it itself.
    const missing = lines.filter((line) => line.includes('STATE: expected table storage'));
    expect(missing).toHaveLength(appHost.needsStorage ? 0 : 1);
    const unmapped =
      '/subscriptions/s/resourceGroups/rg-x/providers/Microsoft.ContainerInstance/containerGroups/web';
    expect(await deliver(resourceEvent(unmapped))).toBe(202);
    const mapped = unmapped.replace('rg-x', 'rg-spoke-a');
    expect(await deliver(resourceEvent(mapped))).toBe(500);
    expect(installation.lines.join('\n')).toContain(`dns reconciling failed`);
    expect(installation.lines.join('\n')).toContain(JSON.stringify(sentences.arm).slice(1, -1));
  });
});

describe('a zone map', () => {
  const create = (resourceGroup: string, address: string, name = 'web') =>
    installation?.azure.containerGroups.create({ resourceGroup, name, address }) ?? '';

  const good = JSON.stringify(sampleZoneMap['rg-spoke-b']);
  const twin = JSON.stringify(sampleZoneMap['rg-spoke-a']);
  it('with bad entries stops only the groups of those, and names each', async () => {
    const [ttl, zone] = [{ ttl: 'soon' }, { forwardZone: 'no zone at all' }].map((bad) =>
      JSON.stringify({ ...sampleZoneMap['rg-spoke-a'], ...bad }),
    );
    const DNS_ZONE_MAP = `{"rg-spoke-c":${twin},"rg-spoke-a":${ttl},"rg-spoke-b":${good},"rg-spoke-c":${twin},"rg-spoke-d":${zone}}`;
    // Two of three settings of log ingestion are missing.
    installation = await install({ settings: { DNS_ZONE_MAP, LOGS_INGESTION_STREAM: 'Custom-Drift' } });
    const { azure, deliver, lines } = installation;
    for (const [resourceGroup, sentence] of [
      ['rg-spoke-a', sentences.zoneMap],
      [
        'rg-spoke-c',
        'DNS_ZONE_MAP["rg-spoke-c"]: found the key more than once, expected each resource group once',
      ],
      ['rg-spoke-d', 'DNS_ZONE_MAP["rg-spoke-d"].forwardZone: '],
    ] as const) {
      expect(lines.filter((line) => line.includes(sentence))).toHaveLength(1);
      const stopped = create(resourceGroup, '10.1.0.4');
      const mark = azure.requests.mark();
      const from = lines.length;
      expect(await deliver(resourceEvent(stopped))).toBe(500);
      expect(lines.slice(from).some((line) => line.includes(sentence))).toBe(true);
      expect(azure.requests.since(mark)).toEqual([]);
    }
    const other = create('rg-spoke-b', '10.1.0.5');
    expect(await deliver(resourceEvent(other))).toBe(202);
    expect(records(azure)).toEqual(recordsOf('web', 'b', '10.1.0.5'));
    // What cannot be uploaded is observed and logged all the same.
    const observed = lines.length;
    expect(await deliver(resourceEvent(other), 'trackIpDrift')).toBe(202);
    const text = lines.slice(observed).join('\n');
    expect(text).toMatch(/ip drift .*"finding":"no_change"/);
    expect(text).toMatch(/ip drift upload failed .*LOGS_INGESTION_STREAM: expected all three or none/);
  });

  it.each<[string, string, RegExp]>([
    [
      'whose quotes a shell took away',
      '{rg-spoke-a:{forwardZone:spoke-a.internal.contoso.com}}',
      /DNS_ZONE_MAP: expected JSON, .*a shell took them away/,
    ],
    [
      'that is a Key Vault reference which did not resolve',
      '@Microsoft.KeyVault(VaultName=kv;SecretName=zone-map)',
      /DNS_ZONE_MAP: .*Key Vault reference .* did not resolve; check/,
    ],
  ])('%s says so', async (_, DNS_ZONE_MAP, sentence) => {
    installation = await install({ settings: { DNS_ZONE_MAP } });
    const { deliver, lines } = installation;
    expect(lines.filter((line) => sentence.test(line))).toHaveLength(1);
    const from = lines.length;
    expect(await deliver(resourceEvent(create('rg-spoke-a', '10.1.0.4')))).toBe(500);
    expect(lines.slice(from).some((line) => sentence.test(line))).toBe(true);
  });
});

describe('an app whose schedules are bad, and one of whose zones has an underscore in its name', () => {
  const underscored = 'dev_a.internal.contoso.com';
  const zoneMap = {
    ...sampleZoneMap,
    'rg-spoke-a': { ...sampleZoneMap['rg-spoke-a'], forwardZone: underscored },
  };

  let world: Installation;
  beforeAll(async () => {
    world = await install({
      azure: { storage: {}, zones: [...sampleNetwork.zones, { name: underscored }] },
      settings: {
        DNS_ZONE_MAP: JSON.stringify(zoneMap),
        AUDIT_SCHEDULE: 'whenever',
        REVIEW_SCHEDULE: '61 * * * * *',
      },
    });
  });
  afterAll(() => world.close());
  afterEach(() => removeEverything(world.azure));

  it('names them at start and in the status, and hides nothing else there', async () => {
    const expected = [
      'AUDIT_SCHEDULE: expected six fields such as "0 */1 * * * *", found "whenever"',
      'REVIEW_SCHEDULE: expected six fields such as "0 */1 * * * *", found "61 * * * * *"',
    ];
    for (const sentence of expected) await world.line(sentence, 0);
    const response = await fetch(`${world.host.url}/api/status`);
    expect(response.status).toBe(200);
    const status = parseStatus(await response.json());
    const bad = status?.problems.filter(({ code }) => code === 'settingBad').map(({ message }) => message);
    expect(bad).toEqual(expected);
    expect(status?.dns.spokes.map(({ key }) => key)).toEqual(Object.keys(sampleZoneMap));
  });

  it('keeps that zone right', async () => {
    const { azure, deliver } = world;
    const group = (resourceGroup: string, name: string, address: string) =>
      azure.containerGroups.create({ resourceGroup, name, address });
    expect(await deliver(resourceEvent(group('rg-spoke-a', 'web', '10.1.0.4')))).toBe(202);
    expect(await deliver(resourceEvent(group('rg-spoke-b', 'api', '10.1.0.5')))).toBe(202);
    expect(records(azure)).toEqual(
      [
        `A web.${underscored} 10.1.0.4`,
        `PTR 4.0.1.10.in-addr.arpa web.${underscored}.`,
        ...recordsOf('api', 'b', '10.1.0.5'),
      ].toSorted(),
    );
  });

  it('has an incomplete audit that finds no orphan where an entry of the map is bad', async () => {
    const { azure, deliver, lines } = world;
    const gone = azure.containerGroups.create({
      resourceGroup: 'rg-spoke-a',
      name: 'web',
      address: '10.1.0.4',
    });
    expect(await deliver(resourceEvent(gone))).toBe(202);
    azure.containerGroups.delete(gone);
    const events = azure.topic('evenkeel').events.length;
    const host = await world.startHost({
      DNS_ZONE_MAP: JSON.stringify({ ...zoneMap, 'rg-spoke-a': {} }),
      AUDIT_SCHEDULE: never,
      REVIEW_SCHEDULE: never,
    });
    const from = lines.length;
    await fetch(`${host.url}/admin/functions/auditDns`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"input":""}',
    });
    expect(await world.line('dns audited', from)).toMatch(/"complete":false,"findings":0/);
    expect(lines.slice(from).join('\n')).toMatch(
      /dns audit incomplete .*"scope":"DNS_ZONE_MAP","reason":"DNS_ZONE_MAP\[\\"rg-spoke-a\\"\]\.forwardZone: expected/,
    );
    expect(azure.topic('evenkeel').events).toHaveLength(events);
  });
});
