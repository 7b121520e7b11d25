/**
 * What a deployment would create, from the snapshots beside this file: the Bicep compiler made them, and
 * `npm run check:infra` compares them with the templates.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import hostJson from '../../host.json' with { type: 'json' };

const snapshotSchema = v.object({
  predictedResources: v.array(
    v.looseObject({
      id: v.string(),
      type: v.string(),
      name: v.string(),
      properties: v.optional(v.record(v.string(), v.unknown()), {}),
    }),
  ),
  diagnostics: v.array(v.unknown()),
  outputs: v.record(v.string(), v.unknown()),
});

function snapshot(name: string) {
  const text = readFileSync(join(import.meta.dirname, 'snapshots', `${name}.snapshot.json`), 'utf8');
  const { predictedResources, diagnostics, outputs } = v.parse(snapshotSchema, JSON.parse(text));
  return {
    resources: predictedResources,
    diagnostics,
    outputs,
    ofType: (type: string) => predictedResources.filter((each) => each.type === type),
    /** Ids of a type, without what is before the last resource group. */
    places: (type: string) =>
      predictedResources
        .filter((each) => each.type === type)
        .map(({ id }) => id.split('/resourceGroups/')[1] ?? id),
  };
}

const assignment = 'Microsoft.Authorization/roleAssignments';
const definition = 'Microsoft.Authorization/roleDefinitions';
const webhook = 'Microsoft.ContainerRegistry/registries/webhooks';
const systemTopic = 'Microsoft.EventGrid/systemTopics';
const rule = 'Microsoft.Insights/scheduledQueryRules';

describe('two spokes that share zones, one of them under two spellings', () => {
  const { places, diagnostics } = snapshot('shared-zones');

  it('deploy', () => expect(diagnostics).toEqual([]));

  it('have one system topic each', () => {
    expect(places(systemTopic).map((place) => place.split('/')[0])).toEqual(['rg-spoke-a', 'rg-spoke-b']);
  });

  it('have one role assignment each, and one on each zone', () => {
    expect(places(assignment).map((place) => place.split('/providers/Microsoft.Authorization')[0])).toEqual([
      'rg-spoke-a',
      'rg-spoke-b',
      'rg-hub-dns/providers/Microsoft.Network/privateDnsZones/10.in-addr.arpa',
      'rg-hub-dns/providers/Microsoft.Network/privateDnsZones/internal.contoso.com',
    ]);
  });
});

describe('registries', () => {
  const { places } = snapshot('registries');
  const regionsOf = (registry: string) =>
    places(webhook)
      .filter((place) => place.includes(`/registries/${registry}/`))
      .map((place) => place.split('/webhooks/')[1]?.replace(/^evenkeel.{13}/, ''));

  it('have one webhook for each region, however it is spelled', () => {
    expect(regionsOf('someregions')).toEqual(['westus', 'eastus']);
  });

  it('have a webhook in each of their replicas, with regions "all" and without', () => {
    expect(regionsOf('allregions')).toEqual(['westeurope', 'northeurope']);
    expect(regionsOf('noregions')).toEqual(['eastus']);
  });

  it('have the system topic that there is, where there is one', () => {
    const subscriptions = places('Microsoft.EventGrid/systemTopics/eventSubscriptions');
    expect(subscriptions.filter((place) => place.includes('/systemTopics/its-topic/'))).toHaveLength(1);
    expect(places(systemTopic)).toHaveLength(2);
  });
});

describe.each(['one-spoke', 'shared-zones', 'several-subscriptions', 'registries'])(
  'the roles of %s',
  (name) => {
    const { resources, ofType } = snapshot(name);
    const subscriptionOf = (id: string) => id.split('/').slice(0, 3).join('/');

    it('can be assigned in the one subscription in which they are defined', () => {
      for (const { id, properties } of ofType(definition))
        expect(properties['assignableScopes']).toEqual([subscriptionOf(id)]);
    });

    it('are assigned in that subscription, and each of them somewhere', () => {
      const defined = ofType(definition).map(({ id }) => id);
      const assigned = ofType(assignment).map(({ id, properties }) => {
        expect(subscriptionOf(String(properties['roleDefinitionId']))).toBe(subscriptionOf(id));
        return properties['roleDefinitionId'];
      });
      expect([...new Set(assigned)].sort()).toEqual(defined.sort());
    });

    it('have names that no other environment has', () => {
      const names = ofType(definition).map(({ properties }) => String(properties['roleName']));
      expect(names.filter((each) => !/^evenkeel check: [\w ]+ \([a-z0-9]{13}\)$/.test(each))).toEqual([]);
      expect(new Set(names).size).toBe(names.length);
    });

    it('and everything else are in the list by which they are removed again', () => {
      const listed = Object.values(snapshot(name).outputs).flat(2);
      expect(listed.toSorted()).toEqual(resources.map(({ id }) => id).sort());
    });
  },
);

describe.each(['main-public', 'main-private-network'])('the first deployment, %s,', (name) => {
  const { resources, ofType, outputs } = snapshot(name);
  const settings = ofType('Microsoft.Web/sites/config')[0]?.properties;

  it('names everything before it is deployed, so that a preview shows it', () => {
    // The cloud's own suffixes are known to Azure from the start, though not to the compiler.
    const unnamed = resources.map(({ id }) => id).filter((id) => id.startsWith('['));
    expect(unnamed.filter((id) => id.includes('reference(') || !id.includes('environment()'))).toEqual([]);
  });

  it('has alert rules for tables that do not exist yet', () => {
    expect(ofType(rule).length).toBeGreaterThan(2);
    for (const { properties } of ofType(rule)) expect(properties['skipQueryValidation']).toBe(true);
  });

  it('keeps every log line, because alerts count them', () => {
    expect(settings).toMatchObject({
      OTEL_TRACES_SAMPLER: 'microsoft.fixed_percentage',
      OTEL_TRACES_SAMPLER_ARG: '1',
    });
    // Has no effect in OpenTelemetry mode, and would only look as if it had.
    expect(hostJson).not.toHaveProperty('logging');
  });

  it('has a second deployment whose name is not too long, whatever the environment is called', () => {
    expect(String(outputs['EVENKEEL_CONNECTION']).length + '-20261128000000000'.length).toBeLessThanOrEqual(
      64,
    );
  });

  it('has an instance that is always ready where registries send webhooks, and none where there are none', () => {
    const { functionAppConfig } = v.parse(
      v.object({ functionAppConfig: v.looseObject({ scaleAndConcurrency: v.looseObject({}) }) }),
      ofType('Microsoft.Web/sites')[0]?.properties,
    );
    const expected = name === 'main-public' ? [] : [{ name: 'http', instanceCount: 1 }];
    expect(functionAppConfig.scaleAndConcurrency['alwaysReady']).toEqual(expected);
    expect(functionAppConfig['runtime']).toEqual({ name: 'node', version: '22' });
  });
});

describe('the alert rules', () => {
  const { ofType } = snapshot('main-private-network');
  const criteriaSchema = v.object({
    allOf: v.tuple([
      v.looseObject({ query: v.string(), dimensions: v.array(v.looseObject({ name: v.string() })) }),
    ]),
  });
  const rules = ofType(rule).map(({ id, properties }) => {
    const [{ query, dimensions }] = v.parse(criteriaSchema, properties['criteria']).allOf;
    const name = /\/evenkeel-(.*)-[a-z0-9]{13}$/.exec(id)?.[1] ?? id;
    return { name, query, dimensions: dimensions.map((each) => each.name), properties };
  });

  it('are an alert of its own for each thing that a person would look at', () => {
    expect(Object.fromEntries(rules.map(({ name, dimensions }) => [name, dimensions.join(' ')]))).toEqual({
      'state-unavailable': '',
      'permission-missing': 'job resource',
      'setting-bad': 'setting',
      'dns-repair-failing': 'containerGroup reason',
      'dns-conflict': 'containerGroup',
      'dns-audit-silent': '',
      'dns-audit-incomplete': 'scope reason',
      'dns-events-missed': '',
      'images-late': 'registry region',
      'webhook-refused': 'registry reason',
      'replica-flagged': 'registry region',
      'replica-contested': 'registry region',
      'review-silent': 'registry',
    });
  });

  it('have beside them what Azure itself reports on registries, where there are some', () => {
    const health = 'Microsoft.Insights/activityLogAlerts';
    expect(ofType(health)).toHaveLength(1);
    expect(snapshot('main-public').ofType(health)).toEqual([]);
  });

  it('about silence know when this was deployed, and which registries there are', () => {
    const silent = rules.filter(({ name }) => name.endsWith('-silent'));
    for (const { query, properties } of silent) {
      expect(query).toContain('let deployedAt = datetime(2026-11-28T00:00:00Z);');
      expect(properties['overrideQueryTimeRange']).toBe('P2D');
    }
    expect(silent.find(({ name }) => name === 'review-silent')?.query).toContain('dynamic(["myregistry"])');
  });

  it('name as dimensions what the query gives', () => {
    for (const { name, query, dimensions } of rules)
      for (const dimension of dimensions) expect(query, name).toMatch(new RegExp(`\\b${dimension}\\b`));
  });
});
