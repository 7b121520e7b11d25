import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../local/azure/clock.ts';
import { valueAt } from '../../../../local/azure/event-grid/event.ts';
import { type LocalAzure, startLocalAzure } from '../../../../local/azure/local-azure.ts';
import { subscribeWebhooks } from '../../../../local/azure/registries/subscribe-webhooks.ts';
import { call } from '../arm-call.ts';
import { registryClient } from '../sdk-clients.ts';
import { startReceiver, type WebHookReceiver } from '../web-hook-receiver.ts';

const image = { registry: 'myregistry', repository: 'team/app', tag: 'v1' };
const guid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const place = ['rg-registry', 'myregistry'] as const;

describe('native webhooks of a registry', () => {
  let azure: LocalAzure;
  let clock: ManualClock;
  let receiver: WebHookReceiver;
  beforeEach(async () => {
    clock = new ManualClock();
    azure = await startLocalAzure({ clock, registryBehaviour: { copyDelayMs: [100, 1_000] } });
    receiver = await startReceiver();
  });
  afterEach(async () => {
    await azure.close();
    await receiver.close();
  });

  const subscribe = () => subscribeWebhooks(azure.registries, { host: receiver.url, registry: 'myregistry' });
  const settle = async (ms = 1_000) => {
    await clock.advance(ms);
    await azure.registries.idle({ dueWithinMs: 0 });
  };
  const told = () =>
    receiver.deliveries.map(({ url, events }) => [url.searchParams.get('region'), ...events]);
  const regionsTold = () => told().map(([region]) => region);

  it('tell of a push from every replica, when the image is there', async () => {
    subscribe();
    const digest = azure.registries.push(image);
    await settle(0);
    expect(regionsTold()).toEqual(['eastus']);
    await settle();
    expect(regionsTold().toSorted()).toEqual(['eastus', 'southeastasia', 'westeurope', 'westus']);
    const { headers, url, events } = receiver.deliveries[0] ?? {};
    expect(url?.pathname).toBe('/api/registry-webhook');
    expect(headers?.get('x-evenkeel-secret')).toBe('local-webhook-secret');
    expect(headers?.get('content-type')).toMatch(/^application\/json/);
    expect(headers?.get('user-agent')).toMatch(/^AzureContainerRegistry/);
    const size = expect.any(Number);
    expect(events).toEqual([
      {
        id: guid,
        timestamp: expect.stringMatching(/^2026-01-01T00:00:00\.000\d{6}Z$/),
        action: 'push',
        target: {
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          size,
          digest,
          length: size,
          repository: 'team/app',
          tag: 'v1',
        },
        request: {
          id: guid,
          host: 'myregistry.azurecr.io',
          method: 'PUT',
          useragent: expect.stringMatching(/^docker\//),
        },
      },
    ]);
    expect(receiver.deliveries.map(({ text }) => text).join()).not.toMatch(/eastus|westus|asia|europe/);
    expect(new Set(receiver.ids()).size).toBe(4);
  });

  it('name no tag where the push had none, and neither size nor tag in a deletion', async () => {
    subscribe();
    const digest = azure.registries.push({ ...image, tag: undefined });
    await settle();
    azure.registries.delete({ ...image, digest });
    await settle();
    expect(regionsTold()).toHaveLength(8);
    const [first, last] = [receiver.deliveries[0], receiver.deliveries[7]].map((one) => one?.events[0]);
    expect(first).not.toHaveProperty('target.tag');
    expect(last).toMatchObject({
      action: 'delete',
      target: { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, repository: 'team/app' },
      request: { method: 'DELETE' },
    });
    expect(Object.keys(last?.['target'] ?? {})).toEqual(['mediaType', 'digest', 'repository']);
  });

  it('tell of charts without the request', async () => {
    subscribe();
    const digest = azure.registries.push({ ...image, repository: 'charts/app', chart: true });
    await settle(0);
    azure.registries.delete({ registry: 'myregistry', repository: 'charts/app', digest });
    await settle(0);
    const [pushed, deleted] = receiver.deliveries.map(({ events }) => events[0]);
    const target = {
      mediaType: 'application/vnd.acr.helm.chart',
      repository: 'charts/app',
      digest,
      name: 'app',
    };
    expect(pushed).toMatchObject({ action: 'chart_push', target: { ...target, tag: 'v1', version: 'v1' } });
    expect(deleted).toMatchObject({ action: 'chart_delete', target });
    expect(pushed).not.toHaveProperty('request');
  });

  it.each([
    ['copy', true],
    ['push', false],
  ] as const)('tell the time of the %s in copies when told so', async (copyEventTime, isOwn) => {
    azure.registries.change({ copyEventTime, copyDelayMs: [500, 500] });
    subscribe();
    azure.registries.push(image);
    await settle();
    const times = receiver.deliveries.map(({ events }) => String(events[0]?.['timestamp']));
    const own = times.filter((time) => time.startsWith('2026-01-01T00:00:00.500'));
    expect([times.length, own.length]).toEqual([4, isOwn ? 3 : 0]);
  });

  it('tell a time that a push is given', async () => {
    subscribe();
    azure.registries.push({ ...image, at: Date.UTC(2025, 4, 6) });
    await settle(0);
    expect(receiver.deliveries[0]?.events).toMatchObject([
      { timestamp: expect.stringMatching(/^2025-05-06T00:00:00\.000\d{6}Z$/) },
    ]);
  });

  it.each([
    ['', ['a', 'a:latest', 'a:v1', 'b:v1']],
    ['a:*', ['a', 'a:latest', 'a:v1']],
    ['a:v1', ['a:v1']],
    ['a', ['a:latest']],
  ])('with the scope "%s" are for what it names', async (scope, expected) => {
    const content = { serviceUri: receiver.url, scope, actions: ['push'] };
    azure.registries.putWebhook('myregistry', 'scoped', 'eastus', content);
    for (const pushed of ['a', 'a:latest', 'a:v1', 'b:v1']) {
      const [repository = '', tag] = pushed.split(':');
      azure.registries.push({ registry: 'myregistry', repository, tag });
    }
    await settle();
    const targets = receiver.deliveries.map(({ events: [event = {}] }) =>
      [valueAt(event, 'target.repository'), valueAt(event, 'target.tag')].filter(Boolean).join(':'),
    );
    expect(targets.toSorted()).toEqual(expected);
  });

  it('are silent while disabled and about other actions', async () => {
    const content = { serviceUri: receiver.url };
    azure.registries.putWebhook('myregistry', 'disabled', 'eastus', {
      ...content,
      status: 'disabled',
      actions: ['push'],
    });
    azure.registries.putWebhook('myregistry', 'deletions', 'eastus', { ...content, actions: ['delete'] });
    azure.registries.push(image);
    await settle();
    expect(receiver.deliveries).toEqual([]);
  });

  it('are sent once, whatever the answer', async () => {
    subscribe();
    receiver.answer(({ url }) => (url.searchParams.get('region') === 'westus' ? undefined : 503));
    const reports: unknown[] = [];
    azure.registries.onWebhook(({ region, status }) => reports.push([region, status]));
    azure.registries.push(image);
    await settle();
    await settle(86_400_000);
    expect(receiver.deliveries).toHaveLength(4);
    expect(reports.toSorted()).toEqual([
      ['eastus', 503],
      ['southeastasia', 503],
      ['westeurope', 503],
      ['westus', undefined],
    ]);
  });

  it('get lost, come late and come twice when told so', async () => {
    azure.registries.change({ webhookDelayMs: [50, 60], webhookDuplicateProbability: 0.9 });
    subscribe();
    azure.registries.loseWebhooks('myregistry', 'eastus', 1);
    azure.registries.push(image);
    azure.registries.push({ ...image, tag: 'v2' });
    await settle(49);
    expect(receiver.deliveries).toEqual([]);
    await settle(11);
    expect(receiver.deliveries.length).toBeGreaterThan(1);
    expect(receiver.deliveries.map(({ events }) => events[0])).toEqual(
      receiver.deliveries.map(() =>
        expect.objectContaining({ target: expect.objectContaining({ tag: 'v2' }) }),
      ),
    );
    expect(new Set(receiver.ids()).size).toBe(1);
  });

  it('of a retag come from the replicas that have the image only when told so', async () => {
    subscribe();
    const digest = azure.registries.push(image);
    await settle();
    azure.registries.change({ retagFiresOnReplicas: false });
    azure.registries.push({ ...image, tag: 'v2', digest });
    await settle();
    expect(regionsTold().slice(4)).toEqual(['eastus']);
    expect(azure.registries.resolve('myregistry', 'westus', 'team/app:v2')).toBe(digest);
  });

  it('are changed, listed and deleted by the SDK, which sees no address and no header', async () => {
    const { webhooks } = registryClient(azure);
    const serviceUri = `${receiver.url}?code=secret`;
    const customHeaders = { 'x-evenkeel-secret': 'secret' };
    const content = { serviceUri, customHeaders, actions: ['push'] };
    azure.registries.putWebhook('myregistry', 'evenkeel', 'westus', content);
    const list = async () => {
      const found: unknown[] = [];
      for await (const webhook of webhooks.list(...place)) found.push(webhook);
      return found;
    };
    const created = await list();
    expect(created).toMatchObject([
      { name: 'evenkeel', location: 'westus', status: 'enabled', scope: '', actions: ['push'] },
    ]);
    await webhooks.update(...place, 'evenkeel', { scope: 'team/app:*', tags: { a: 'b' } });
    const updated = await list();
    expect(updated).toMatchObject([{ scope: 'team/app:*', tags: { a: 'b' }, actions: ['push'] }]);
    expect(JSON.stringify([created, updated])).not.toMatch(/secret|hook\?/);
    expect(await webhooks.getCallbackConfig(...place, 'evenkeel')).toEqual({ serviceUri, customHeaders });
    await webhooks.delete(...place, 'evenkeel');
    expect(await list()).toEqual([]);
  });

  it('lead to a host with a key when there is one', async () => {
    subscribeWebhooks(azure.registries, {
      host: receiver.url,
      registry: 'myregistry',
      secret: 's',
      key: 'k',
    });
    const path = `${azure.registries.id('myregistry')}/webhooks/evenkeelwestus/getCallbackConfig`;
    expect((await call(azure, 'POST', path)).body).toEqual({
      serviceUri: `${new URL(receiver.url).origin}/api/registry-webhook?region=westus&code=k`,
      customHeaders: { 'x-evenkeel-secret': 's' },
    });
  });
});
