import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cron } from 'croner';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import mainParameters from '../../infra/main.parameters.json' with { type: 'json' };
import { parseConfig } from '../../src/config.ts';
import { settingValue } from '../../src/settings/setting.ts';
import { namesThatConfigReads } from '../support/names-that-config-reads.ts';
import { infraFile, propertyNames } from './bicep-text.ts';

const types = infraFile('modules/types.bicep');
const required = propertyNames(infraFile('modules/function-app.bicep'), 'var requiredSettings = {');
const optional = propertyNames(types, 'type settingsType = {');

/** Read by the host and the SDKs, not by config.ts. */
const readByOthers = [
  ...['AZURE_CLIENT_ID', 'AzureWebJobsStorage__clientId', 'AzureWebJobsStorage__credential'],
  ...['OTEL_TRACES_SAMPLER', 'OTEL_TRACES_SAMPLER_ARG', 'APPLICATION_INSIGHTS_NO_STATSBEAT'],
];

/** Other ways to say what the template says already, and what the platform itself sets. */
const notDeployed = [
  /^ARM_ENDPOINT$/,
  /^AzureWebJobsStorage(?:__accountName)?$/,
  /^(?:DEFERRAL|STATE)(?:__\w+)?$/,
  /^(?:WEBSITE_\w+|CONTAINER_NAME)$/,
];

describe('the app settings of the template', () => {
  const deployed = [...required, ...optional];

  it('are settings that the app reads', () => {
    const read = new Set([...namesThatConfigReads(), ...readByOthers]);
    expect(deployed.filter((name) => !read.has(name))).toEqual([]);
  });

  it('are all that the app reads', () => {
    const known = new Set(deployed);
    const missing = namesThatConfigReads().filter(
      (name) => !known.has(name) && !notDeployed.some((pattern) => pattern.test(name)),
    );
    expect(missing).toEqual([]);
  });

  it('are each given in one place', () => {
    expect(deployed.filter((name, index) => deployed.indexOf(name) !== index)).toEqual([]);
  });
});

describe('the parameter dnsZoneMap', () => {
  const spoke = {
    forwardZone: 'spoke-a.internal.contoso.com',
    reverseZones: ['1.10.in-addr.arpa'],
    zoneSubscriptionId: '00000000-0000-0000-0000-000000000000',
    zoneResourceGroup: 'rg-hub-dns',
    ttl: 30,
    policy: 'upsert-only',
    hostNameTag: 'dns-name',
  };

  it('has the keys of DNS_ZONE_MAP', () => {
    expect(propertyNames(types, 'type spokeType = {').sort()).toEqual(Object.keys(spoke).sort());
    const { zoneMap } = parseConfig({ DNS_ZONE_MAP: JSON.stringify({ 'rg-spoke-a': spoke }) });
    expect(settingValue(zoneMap).places).toHaveLength(1);
  });
});

describe('the parameter registries', () => {
  const registry = {
    id: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/myregistry',
    regions: ['eastus'],
    replicationSlo: 'PT10M',
    probe: 'pull',
    probeImage: 'team/app:v1',
    minimumRoutable: 2,
    endpoints: { eastus: 'https://myregistry.eastus.geo.azurecr.io' },
    policy: [
      { region: 'eastus2euap', routing: 'never' },
      { region: 'westus', routing: 'off', from: '2026-12-01T00:00:00Z', to: '2026-12-01T04:00:00Z' },
    ],
    review: { raise: '3/5', clear: 5 },
    hosts: ['images.contoso.com'],
  };

  it('has the keys of REGISTRIES', () => {
    expect(propertyNames(types, 'type registryType = {').sort()).toEqual(Object.keys(registry).sort());
    const { registries } = parseConfig({ REGISTRIES: JSON.stringify([registry]) });
    expect(settingValue(registries)).toMatchObject({ problems: [], all: [{ name: 'myregistry' }] });
  });
});

describe('the parameters file', () => {
  const parameters = v.parse(
    v.record(v.string(), v.object({ value: v.unknown() })),
    mainParameters.parameters,
  );

  it('gives settings that the app accepts, with schedules that can be read', () => {
    const settings = v.parse(v.record(v.string(), v.string()), parameters['settings']?.value);
    expect(Object.keys(settings).filter((name) => !optional.includes(name))).toEqual([]);
    for (const [name, text] of Object.entries(settings)) {
      if (name.endsWith('_SCHEDULE')) expect(new Cron(text, { paused: true }).nextRun()).not.toBeNull();
    }
  });

  it('gives a zone map and registries that the app accepts', () => {
    const env = {
      DNS_ZONE_MAP: JSON.stringify(parameters['dnsZoneMap']?.value),
      REGISTRIES: JSON.stringify(parameters['registries']?.value),
    };
    const { zoneMap, registries } = parseConfig(env);
    expect([settingValue(zoneMap).problems, settingValue(registries).problems]).toEqual([[], []]);
  });
});

describe('the drift table', () => {
  it('has the columns that docs/drift-table.md gives', () => {
    const docs = readFileSync(join(import.meta.dirname, '../../docs/drift-table.md'), 'utf8');
    const [, declared = ''] = /```json\n(.*?)```/s.exec(docs) ?? [];
    const column = v.object({ name: v.string(), type: v.string() });
    const stream = v.object({ columns: v.array(column) });
    const { streamDeclarations } = v.parse(
      v.object({ streamDeclarations: v.object({ 'Custom-EvenkeelDrift': stream }) }),
      JSON.parse(declared),
    );
    const text = infraFile('modules/drift-logs.bicep');
    const columns = [...text.matchAll(/\{ name: '(\w+)', type: '(\w+)' \}/g)].map(([, name, type]) => ({
      name,
      type,
    }));
    expect(columns).toEqual(streamDeclarations['Custom-EvenkeelDrift'].columns);
  });
});
