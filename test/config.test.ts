import { describe, expect, it } from 'vitest';
import { appErrors, boundSchedules, configErrors, parseConfig, scheduleErrors } from '../src/config.ts';
import { settingValue } from '../src/settings/setting.ts';
import { messageOf } from './support/bad-setting.ts';

describe('ARM_ENDPOINT', () => {
  const endpointOf = (text: string) => parseConfig({ ARM_ENDPOINT: text }).armEndpoint;

  it.each([
    'http://localhost:7080',
    'http://LOCALHOST:7080',
    'http://127.0.0.1:7080',
    'http://127.1.2.3',
    'http://[::1]:7080',
  ])('may be plain http on loopback: %s', (text) => {
    expect(settingValue(endpointOf(text)).isInsecure).toBe(true);
  });

  it.each(['https://management.azure.com', 'https://localhost:7080', 'https://10.0.0.4'])(
    'may be https anywhere: %s',
    (text) => {
      expect(settingValue(endpointOf(text))).toEqual({ url: text, isInsecure: false });
    },
  );

  it.each([
    'http://management.azure.com',
    'http://10.0.0.4:7080',
    'http://localhost.contoso.com',
    'http://127.0.0.1.contoso.com',
    'http://128.0.0.1',
    'http://[::2]',
    'http://0.0.0.0:7080',
  ])('may not be plain http elsewhere: %s', (text) => {
    expect(messageOf(endpointOf(text))).toMatch(/^ARM_ENDPOINT: expected https .*, found "http:/);
  });

  it.each(['management.azure.com', 'ftp://localhost', 'nonsense', 'http://'])(
    'has to be a URL: %s',
    (text) => {
      expect(messageOf(endpointOf(text))).toBe(
        `ARM_ENDPOINT: expected an https URL, found ${JSON.stringify(text)}`,
      );
    },
  );

  it('may contain no credentials, and its error does not repeat them', () => {
    const message = messageOf(endpointOf('https://user:hunter2@management.azure.com'));
    expect(message).toMatch(/without credentials/);
    expect(message).not.toMatch(/hunter2/);
  });

  it.each([
    [
      'https://management.azure.com/?sig=hunter2',
      /^ARM_ENDPOINT: expected a URL without a query .*azure\.com\/" with one$/,
    ],
    ['http://management.azure.com#hunter2', /without a query or fragment/],
    ['ftp://me:hunter2@management.azure.com', /expected an https URL, found text that is not repeated here$/],
    ['AccountName=a;AccountKey=hunter2', /expected an https URL, found text that is not repeated here$/],
  ])('may not be %s, and its error repeats no secret', (text, problem) => {
    const message = messageOf(endpointOf(text));
    expect(message).toMatch(problem);
    expect(message).not.toMatch(/hunter2/);
  });

  it.each(['http://127.0.0.1:7080/', 'http://127.0.0.1:7080//'])(
    'is kept without slashes at its end: %s',
    (text) => {
      expect(settingValue(endpointOf(text)).url).toBe('http://127.0.0.1:7080');
    },
  );
});

describe('AZURE_CLOUD', () => {
  it.each([
    [undefined, 'https://management.azure.com'],
    ['AzurePublicCloud', 'https://management.azure.com'],
    ['AzureUSGovernment', 'https://management.usgovcloudapi.net'],
    ['AzureChinaCloud', 'https://management.chinacloudapi.cn'],
  ])('%s has its Resource Manager at %s', (AZURE_CLOUD, url) => {
    const config = parseConfig({ AZURE_CLOUD });
    expect(settingValue(config.armEndpoint)).toEqual({ url, isInsecure: false });
    expect(settingValue(config.cloud).armEndpoint).toBe(url);
  });

  it.each(['AzureGermanCloud', 'azurepubliccloud', 'constructor'])('may not be %s', (AZURE_CLOUD) => {
    expect(messageOf(parseConfig({ AZURE_CLOUD }).cloud)).toBe(
      `AZURE_CLOUD: expected one of AzurePublicCloud, AzureUSGovernment, AzureChinaCloud, found "${AZURE_CLOUD}"`,
    );
  });
});

describe('the other settings', () => {
  it('are good when nothing is set', () => {
    const config = parseConfig({});
    expect(configErrors(config)).toEqual([]);
    expect(settingValue(config.foreignRecords)).toBe('overwrite');
    expect(settingValue(config.dnsPolicy)).toBe('sync');
    expect(config.auditSchedule).toEqual({
      name: 'AUDIT_SCHEDULE',
      binding: '0 */15 * * * *',
      text: '0 */15 * * * *',
    });
    expect(config.deferral).toBeUndefined();
    expect(config.reports).toBeUndefined();
    expect(settingValue(config.auditSubscriptions)).toBeUndefined();
    expect(settingValue(config.signalTopic)).toBeUndefined();
    expect(settingValue(config.logsIngestion)).toBeUndefined();
    expect(settingValue(config.zoneMap).places).toEqual([]);
    expect(config.state).toBeUndefined();
    expect(settingValue(config.webhookSecret)).toBeUndefined();
    expect(settingValue(config.registries).all).toEqual([]);
    expect(settingValue(config.ledgerRetentionMs)).toBe(30 * 86_400_000);
    expect(config.reviewSchedule).toEqual({
      name: 'REVIEW_SCHEDULE',
      binding: '0 */1 * * * *',
      text: '0 */1 * * * *',
    });
    expect(settingValue(config.reviewRaise)).toEqual({ bad: 3, of: 5 });
    expect(settingValue(config.reviewClear)).toBe(5);
    expect(settingValue(config.routingMode)).toBe('flag');
    expect(settingValue(config.routingHoldDownMs)).toBe(600_000);
    expect(settingValue(config.routingChangesPerHour)).toBe(2);
    expect(settingValue(config.routingReenable)).toBe(true);
    expect(settingValue(config.routingContestLimit)).toBe(3);
    expect(settingValue(config.mcpTools)).toBe('off');
  });

  it('count as unset when they are empty', () => {
    const names = [
      'ARM_ENDPOINT',
      'AZURE_CLOUD',
      'DNS_ZONE_MAP',
      'DNS_FOREIGN_RECORDS',
      'DNS_POLICY',
      'AUDIT_SCHEDULE',
      'AUDIT_SUBSCRIPTIONS',
      'DEFERRAL',
      'AzureWebJobsStorage',
      'SIGNAL_TOPIC__topicEndpointUri',
      'LOGS_INGESTION_ENDPOINT',
      'LOGS_INGESTION_RULE_ID',
      'LOGS_INGESTION_STREAM',
      'REGISTRIES',
      'REGISTRY_WEBHOOK_SECRET',
      'STATE',
      'STATE__tableServiceUri',
      'LEDGER_RETENTION',
      'REVIEW_SCHEDULE',
      'REVIEW_RAISE',
      'REVIEW_CLEAR',
      'ROUTING_MODE',
      'ROUTING_HOLD_DOWN',
      'ROUTING_CHANGES_PER_HOUR',
      'ROUTING_REENABLE',
      'ROUTING_CONTEST_LIMIT',
      'MCP_TOOLS',
      'WEBSITE_SITE_NAME',
    ];
    const empty = parseConfig(Object.fromEntries(names.map((name) => [name, ' '])));
    expect(configErrors(empty)).toEqual([]);
    expect(JSON.stringify(empty)).toBe(JSON.stringify(parseConfig({})));
  });

  it.each([
    [{ DNS_FOREIGN_RECORDS: 'keep' }, 'DNS_FOREIGN_RECORDS: expected one of overwrite, refuse, found "keep"'],
    [{ DNS_POLICY: 'upsert' }, 'DNS_POLICY: expected one of sync, upsert-only, observe, found "upsert"'],
    [{ DNS_ZONE_MAP: '[]' }, 'DNS_ZONE_MAP: expected an object, found an array'],
    [{ DNS_ZONE_MAP: '"x"' }, 'DNS_ZONE_MAP: expected an object, found "x"'],
    [
      { DNS_ZONE_MAP: '{"rg-a":{"forwardZone":"a.b"},"rg-b":{"forwardZone":"b"}}' },
      'DNS_ZONE_MAP["rg-b"].forwardZone: found "b", expected the name of a private DNS zone',
    ],
    [
      { AUDIT_SUBSCRIPTIONS: 'a,b' },
      'AUDIT_SUBSCRIPTIONS: expected a JSON array of subscription ids, found text that is not',
    ],
    [{ AUDIT_SUBSCRIPTIONS: '[a]' }, 'a shell took them away'],
    [{ AUDIT_SUBSCRIPTIONS: '[""]' }, 'AUDIT_SUBSCRIPTIONS[0]: found "", expected a subscription id'],
    [
      { SIGNAL_TOPIC__topicEndpointUri: 'http://topic.contoso.com' },
      'SIGNAL_TOPIC__topicEndpointUri: expected https',
    ],
    [{ LOGS_INGESTION_ENDPOINT: 'http://logs.contoso.com' }, 'LOGS_INGESTION_ENDPOINT: expected https'],
    [{ LOGS_INGESTION_STREAM: 'Custom-Drift' }, 'expected all three or none'],
    [{ AzureWebJobsStorage: 'nonsense' }, 'AzureWebJobsStorage: expected a storage connection string'],
    [{ STATE: 'nonsense' }, 'STATE: expected a storage connection string'],
    [{ STATE: 'AccountName=a;AccountKey=' }, 'STATE: expected a storage connection string'],
    [{ REGISTRIES: '{}' }, 'REGISTRIES: expected an array, found an object'],
    [{ REGISTRIES: '[{id:/subscriptions/s}]' }, 'a shell took them away'],
    [
      { REGISTRIES: '[{"id":"x","probe":true,"probe":false}]' },
      'REGISTRIES[0].probe: found the key more than once, expected it once',
    ],
    [{ REGISTRIES: '[{}]' }, 'REGISTRIES[0].id: expected a value, found nothing'],
    [
      { LEDGER_RETENTION: '30' },
      'LEDGER_RETENTION: expected a positive ISO 8601 duration such as PT10M, found "30"',
    ],
    [
      { REVIEW_RAISE: '5/3' },
      'REVIEW_RAISE: expected bad/of such as 3/5, with 1 <= bad <= of <= 20, found "5/3"',
    ],
    [{ REVIEW_CLEAR: '0' }, 'REVIEW_CLEAR: expected a whole number from 1 to 20, found "0"'],
    [{ MCP_TOOLS: 'true' }, 'MCP_TOOLS: expected one of off, on, found "true"'],
    [{ ROUTING_MODE: 'Enforce' }, 'ROUTING_MODE: expected one of flag, enforce, found "Enforce"'],
    [{ ROUTING_HOLD_DOWN: '-PT1M' }, 'ROUTING_HOLD_DOWN: expected a positive ISO 8601 duration'],
    [{ ROUTING_CHANGES_PER_HOUR: '1.5' }, 'ROUTING_CHANGES_PER_HOUR: expected a whole number from 0 to 100'],
    [{ ROUTING_REENABLE: 'No' }, 'ROUTING_REENABLE: expected true or false, found "No"'],
    [{ ROUTING_CONTEST_LIMIT: '1e1' }, 'ROUTING_CONTEST_LIMIT: expected a whole number from 1 to 100'],
    [{ WEBSITE_INSTANCE_ID: 'i' }, 'REGISTRY_WEBHOOK_SECRET: expected the text that webhooks send'],
  ])('are each named once when bad: %j', (env, text) => {
    const errors = configErrors(parseConfig(env)).map((error) => error.message);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(text);
  });

  it('are named in the app when registries have no table storage', () => {
    const REGISTRIES = JSON.stringify([
      { id: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/one' },
    ]);
    const errorsOf = (env: Record<string, string>) =>
      appErrors(parseConfig(env)).map(({ message }) => message);
    expect(errorsOf({ REGISTRIES })).toEqual([
      'STATE: expected table storage for the replication ledger, found neither it nor AzureWebJobsStorage',
    ]);
    expect(errorsOf({ REGISTRIES, AzureWebJobsStorage: 'UseDevelopmentStorage=true' })).toEqual([]);
    expect(errorsOf({})).toEqual([]);
    // A command on one's own machine asks the app.
    expect(configErrors(parseConfig({ REGISTRIES }))).toEqual([]);
  });

  it('are named when they are no schedule', async () => {
    const bad = parseConfig({ AUDIT_SCHEDULE: 'whenever', REVIEW_SCHEDULE: '0 */1 * * *' });
    expect((await scheduleErrors(bad)).map(({ message }) => message)).toEqual([
      'AUDIT_SCHEDULE: expected six fields such as "0 */1 * * * *", found "whenever"',
      'REVIEW_SCHEDULE: expected six fields such as "0 */1 * * * *", found "0 */1 * * *"',
    ]);
    expect(await scheduleErrors(parseConfig({ AUDIT_SCHEDULE: '00:00:30' }))).toEqual([]);
  });

  it('bind no timer to what is no schedule, for the host would leave its function out', async () => {
    const config = parseConfig({ AUDIT_SCHEDULE: '0 0 * * * *', REVIEW_SCHEDULE: 'whenever' });
    const { auditSchedule, reviewSchedule } = await boundSchedules(config);
    expect(auditSchedule).toEqual(config.auditSchedule);
    expect(reviewSchedule).toEqual({ ...config.reviewSchedule, binding: '0 0 0 30 2 *' });
  });

  it('do not repeat a bad connection string in their errors', () => {
    const [error] = configErrors(parseConfig({ AzureWebJobsStorage: 'AccountKey=c2VjcmV0' }));
    expect(error?.message).not.toContain('c2VjcmV0');
  });

  it('accept subscriptions, and all three settings of log ingestion', () => {
    const config = parseConfig({
      AUDIT_SUBSCRIPTIONS: '["a","b"]',
      LOGS_INGESTION_ENDPOINT: 'http://127.0.0.1:7081/',
      LOGS_INGESTION_RULE_ID: 'dcr-1',
      LOGS_INGESTION_STREAM: 'Custom-Drift',
      DNS_FOREIGN_RECORDS: 'refuse',
      AUDIT_SCHEDULE: '0 0 * * * *',
    });
    expect(settingValue(config.auditSubscriptions)).toEqual(['a', 'b']);
    expect(settingValue(config.logsIngestion)).toEqual({
      endpoint: { url: 'http://127.0.0.1:7081', isInsecure: true },
      ruleId: 'dcr-1',
      stream: 'Custom-Drift',
    });
    expect(settingValue(config.foreignRecords)).toBe('refuse');
    expect(config.auditSchedule.binding).toBe('%AUDIT_SCHEDULE%');
  });

  it.each(['sync', 'upsert-only', 'observe'])('take the DNS policy %s', (DNS_POLICY) => {
    expect(settingValue(parseConfig({ DNS_POLICY }).dnsPolicy)).toBe(DNS_POLICY);
  });

  it('name each bad entry once', () => {
    const DNS_ZONE_MAP = '{"rg-a":{"ttl":1},"rg-b":{"forwardZone":"b.b"},"rg-c":{"forwardZone":"c"}}';
    const config = parseConfig({ DNS_ZONE_MAP, REGISTRIES: '[{}]' });
    expect(configErrors(config).map(({ message }) => message.split(':')[0])).toEqual([
      'DNS_ZONE_MAP["rg-a"].forwardZone',
      'DNS_ZONE_MAP["rg-c"].forwardZone',
      'REGISTRIES[0].id',
    ]);
    expect(settingValue(config.zoneMap).places).toHaveLength(1);
  });

  it('accept every setting of image replication and routing', () => {
    const config = parseConfig({
      REGISTRY_WEBHOOK_SECRET: ' hunter2 ',
      WEBSITE_SITE_NAME: 'evenkeel',
      LEDGER_RETENTION: 'P1Y',
      REVIEW_SCHEDULE: '*/10 * * * * *',
      REVIEW_RAISE: '1/1',
      REVIEW_CLEAR: '20',
      ROUTING_MODE: 'enforce',
      ROUTING_HOLD_DOWN: 'PT1S',
      ROUTING_CHANGES_PER_HOUR: '0',
      ROUTING_REENABLE: 'False',
      ROUTING_CONTEST_LIMIT: '1',
    });
    expect(configErrors(config)).toEqual([]);
    expect(settingValue(config.webhookSecret)).toBe('hunter2');
    expect(settingValue(config.ledgerRetentionMs)).toBe(365 * 86_400_000);
    expect(config.reviewSchedule).toEqual({
      name: 'REVIEW_SCHEDULE',
      binding: '%REVIEW_SCHEDULE%',
      text: '*/10 * * * * *',
    });
    expect(settingValue(config.reviewRaise)).toEqual({ bad: 1, of: 1 });
    expect(settingValue(config.reviewClear)).toBe(20);
    expect(settingValue(config.routingMode)).toBe('enforce');
    expect(settingValue(config.routingHoldDownMs)).toBe(1000);
    expect(settingValue(config.routingChangesPerHour)).toBe(0);
    expect(settingValue(config.routingReenable)).toBe(false);
    expect(settingValue(config.routingContestLimit)).toBe(1);
  });

  it.each(['WEBSITE_SITE_NAME', 'WEBSITE_INSTANCE_ID'])(
    'require a webhook secret in Azure, where %s is set',
    (name) => {
      expect(parseConfig({ [name]: 'x' }).webhookSecret.ok).toBe(false);
      expect(parseConfig({ [name]: 'x', REGISTRY_WEBHOOK_SECRET: 'hunter2' }).webhookSecret.ok).toBe(true);
    },
  );

  it('let one bad setting leave the others usable', () => {
    const config = parseConfig({ DNS_ZONE_MAP: 'nonsense', ARM_ENDPOINT: 'http://127.0.0.1:1' });
    expect(config.zoneMap.ok).toBe(false);
    expect(config.armEndpoint.ok).toBe(true);
  });
});

describe('storage', () => {
  it.each([
    [
      { DEFERRAL: 'UseDevelopmentStorage=true', AzureWebJobsStorage: 'x' },
      'DEFERRAL',
      { kind: 'connectionString' },
    ],
    [
      { AzureWebJobsStorage: 'UseDevelopmentStorage=true' },
      'AzureWebJobsStorage',
      { kind: 'connectionString' },
    ],
    [
      { DEFERRAL__queueServiceUri: 'https://a.queue.core.windows.net' },
      'DEFERRAL',
      { kind: 'identity', endpoint: { url: 'https://a.queue.core.windows.net', isInsecure: false } },
    ],
    [
      { AzureWebJobsStorage__accountName: 'acct', AZURE_CLOUD: 'AzureChinaCloud' },
      'AzureWebJobsStorage',
      { kind: 'identity', endpoint: { url: 'https://acct.queue.core.chinacloudapi.cn', isInsecure: false } },
    ],
    [
      {
        DEFERRAL: 'UseDevelopmentStorage=true',
        DEFERRAL__queueServiceUri: 'https://a.queue.core.windows.net',
      },
      'DEFERRAL',
      { kind: 'connectionString' },
    ],
    [
      {
        DEFERRAL__queueServiceUri: 'https://a.queue.core.windows.net',
        DEFERRAL__accountName: 'acct',
        AzureWebJobsStorage: 'x',
      },
      'DEFERRAL',
      { endpoint: { url: 'https://a.queue.core.windows.net' } },
    ],
  ])('for deferrals comes from %j', (env, name, connection) => {
    const { deferral } = parseConfig(env);
    expect(deferral?.name).toBe(name);
    expect(deferral && settingValue(deferral.connection)).toMatchObject(connection);
  });

  it.each([
    [
      { STATE: 'UseDevelopmentStorage=true', AzureWebJobsStorage: 'x' },
      'STATE',
      { kind: 'connectionString' },
    ],
    [
      { AzureWebJobsStorage: 'UseDevelopmentStorage=true' },
      'AzureWebJobsStorage',
      { kind: 'connectionString' },
    ],
    [
      { STATE__tableServiceUri: 'https://a.table.core.windows.net' },
      'STATE',
      { kind: 'identity', endpoint: { url: 'https://a.table.core.windows.net', isInsecure: false } },
    ],
  ])('for state comes from %j', (env, name, connection) => {
    const { state } = parseConfig(env);
    expect(state?.name).toBe(name);
    expect(state && settingValue(state.connection)).toMatchObject(connection);
  });

  it.each([
    [
      { STATE: 'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=hunter2' },
      /^STATE \(DefaultEndpointsProtocol\): expected https/,
    ],
    [
      {
        STATE:
          'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=hunter2;BlobEndpoint=http://127.0.0.1:1/a',
      },
      /^STATE \(DefaultEndpointsProtocol\): expected https/,
    ],
    [
      { STATE: 'TableEndpoint=https://a.example/?hunter2;SharedAccessSignature=sv=1' },
      /^STATE \(tableendpoint\): /,
    ],
    [
      { STATE__accountName: 'AccountName=a;AccountKey=hunter2' },
      /^STATE__accountName: expected the name of a storage account/,
    ],
    [
      { STATE__tableServiceUri: 'AccountName=a;AccountKey=hunter2' },
      /^STATE__tableServiceUri: expected an https URL/,
    ],
  ])('may not be %j, and its error repeats no key', (env, problem) => {
    const { state } = parseConfig(env);
    const message = state && messageOf(state.connection);
    expect(message).toMatch(problem);
    expect(message).not.toContain('hunter2');
  });

  it('may say http where its endpoints are on loopback', () => {
    const STATE =
      'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=b;TableEndpoint=http://127.0.0.1:1/a';
    expect(parseConfig({ STATE }).state?.connection.ok).toBe(true);
  });

  it('may be plain http on loopback only', () => {
    const { deferral } = parseConfig({ DEFERRAL__queueServiceUri: 'http://queue.contoso.com' });
    expect(deferral && messageOf(deferral.connection)).toMatch(/^DEFERRAL__queueServiceUri: expected https/);
  });
});
