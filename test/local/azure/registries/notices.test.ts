import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../../../local/azure/clock.ts';
import { type LocalAzure, startLocalAzure } from '../../../../local/azure/local-azure.ts';
import { call } from '../arm-call.ts';
import { startReceiver, type WebHookReceiver } from '../web-hook-receiver.ts';

const registry = 'myregistry';
const image = { registry, repository: 'team/app' };

describe('the notices of a region', () => {
  let azure: LocalAzure;
  let clock: ManualClock;
  let receiver: WebHookReceiver;
  beforeEach(async () => {
    clock = new ManualClock();
    // The events of the home region, where images are pushed to, are enough.
    const registryBehaviour = { copyDelayMs: [100, 100], eventPerReplica: false } as const;
    azure = await startLocalAzure({ clock, registryBehaviour });
    receiver = await startReceiver();
    for (const region of ['eastus', 'westus']) {
      azure.registries.putWebhook(registry, `hook${region}`, region, {
        serviceUri: `${receiver.url}?region=${region}`,
        actions: ['push', 'delete'],
      });
    }
    const scope = azure.registries.id(registry);
    await azure.eventGrid.subscribe({ name: 'images', url: receiver.url, scope });
  });
  afterEach(async () => {
    await receiver.close();
    await azure.close();
  });

  const push = (...tags: string[]) => {
    for (const tag of tags) azure.registries.push({ ...image, tag });
  };
  /** What came since the last call: the tags of webhooks, by region, and of events. */
  const told = async (ms = 0) => {
    await clock.advance(ms);
    await azure.registries.idle({ dueWithinMs: 0 });
    await azure.eventGrid.idle();
    const found: Record<string, string[]> = {};
    for (const { url, events } of receiver.deliveries.splice(0)) {
      for (const event of events) {
        const target = Object('data' in event ? Object(event['data']).target : event['target']);
        const of = url.searchParams.get('region') ?? 'events';
        found[of] = [...(found[of] ?? []), target.tag];
      }
    }
    return found;
  };
  const sorted = (tags: string[] | undefined) => tags?.toSorted();

  it('are held, seen and released, those of other regions going on', async () => {
    azure.registries.notices.hold(registry, 'East US');
    push('v1');
    expect(await told(100)).toEqual({ westus: ['v1'] });
    expect(azure.registries.notices.held(registry, 'eastus')).toMatchObject([
      { kind: 'webhooks', action: 'push', repository: 'team/app', tag: 'v1' },
      { kind: 'events', tag: 'v1', digest: azure.registries.resolve(registry, 'eastus', 'team/app:v1') },
    ]);
    azure.registries.notices.release(registry, 'eastus');
    expect(await told()).toEqual({ eastus: ['v1'], events: ['v1'] });
    push('v2');
    expect(await told()).toEqual({ eastus: ['v2'], events: ['v2'] });
  });

  it('are released in any order, and one by one', async () => {
    azure.registries.notices.hold(registry, 'eastus', { of: 'webhooks' });
    push('v1', 'v2', 'v3');
    expect(sorted((await told())['events'])).toEqual(['v1', 'v2', 'v3']);
    azure.registries.notices.release(registry, 'eastus', { only: [1] });
    expect(await told()).toEqual({ eastus: ['v2'] });
    push('v4');
    expect(await told()).toEqual({ events: ['v4'] });
    azure.registries.notices.discard(registry, 'eastus', [0]);
    const waiting = azure.registries.notices.held(registry, 'eastus').map(({ tag }) => tag);
    expect(waiting).toEqual(['v3', 'v4']);
    azure.registries.notices.release(registry, 'eastus', { only: [1] });
    expect(await told()).toEqual({ eastus: ['v4'] });
    azure.registries.notices.release(registry, 'eastus');
    expect(await told()).toEqual({ eastus: ['v3'] });
    expect(() => azure.registries.notices.release(registry, 'eastus', { only: [0] })).toThrow(RangeError);
  });

  it('are released the other way round', async () => {
    azure.registries.notices.hold(registry, 'eastus', { of: 'events' });
    push('v1', 'v2', 'v3');
    await told(100);
    const published = vi.spyOn(azure.eventGrid, 'publishFrom');
    azure.registries.notices.release(registry, 'eastus', { order: 'reversed' });
    const order = published.mock.calls.map(([, event]) => Object(event).subject);
    expect(order).toEqual(['team/app:v3', 'team/app:v2', 'team/app:v1']);
    expect(sorted((await told())['events'])).toEqual(['v1', 'v2', 'v3']);
  });

  it.each([
    ['webhooks', { eastus: ['v2'], events: ['v1', 'v2'] }],
    ['events', { eastus: ['v1', 'v2'], events: ['v2'] }],
    [undefined, { eastus: ['v2'], events: ['v2'] }],
  ] as const)('are lost once: %s', async (of, expected) => {
    azure.registries.notices.lose(registry, 'eastus', 1, { of });
    push('v1', 'v2');
    const found = await told();
    expect({ eastus: sorted(found['eastus']), events: sorted(found['events']) }).toEqual(expected);
  });

  it('are sent twice with the same id', async () => {
    azure.registries.notices.duplicate(registry, 'eastus', 1);
    push('v1');
    await azure.registries.idle({ dueWithinMs: 0 });
    await azure.eventGrid.idle();
    expect(new Set(receiver.ids()).size).toBe(2);
    expect(await told()).toEqual({ eastus: ['v1', 'v1'], events: ['v1', 'v1'] });
    push('v2');
    expect(await told()).toEqual({ eastus: ['v2'], events: ['v2'] });
  });

  it('come later by the clock, so that what happens after them is told before', async () => {
    azure.registries.notices.delay(registry, 'eastus', 5_000);
    push('v1');
    expect(await told(4_999)).toEqual({ westus: ['v1'] });
    azure.registries.notices.delay(registry, 'eastus', 0);
    push('v2');
    expect(await told()).toEqual({ eastus: ['v2'], events: ['v2'] });
    expect(await told(1)).toEqual({ eastus: ['v1'], events: ['v1'] });
  });

  it('are controlled by /_sim too', async () => {
    const sim = async (path: string, body: unknown) =>
      (await call(azure, 'POST', `/_sim/registries/notices/${path}`, { body })).status;
    const region = 'eastus';
    expect(await sim('hold', { region })).toBe(204);
    expect(await sim('lose', { region, of: 'events' })).toBe(204);
    expect(await sim('duplicate', { region, of: 'webhooks', times: 2 })).toBe(204);
    push('v1', 'v2');
    expect((await call(azure, 'GET', '/_sim/registries/notices?region=eastus')).body).toMatchObject({
      value: [{ tag: 'v1' }, { tag: 'v1' }, { tag: 'v2' }, { tag: 'v2' }, { kind: 'events', tag: 'v2' }],
    });
    expect(await sim('discard', { region, positions: [0, 2] })).toBe(204);
    expect(await sim('release', { region, order: 'reversed' })).toBe(204);
    const found = await told();
    expect([sorted(found['eastus']), found['events']]).toEqual([['v1', 'v2'], ['v2']]);
    expect(await sim('delay', { region, delayMs: 10 })).toBe(204);
    push('v3');
    expect(await told()).toEqual({});
    expect(await sim('release', { region, only: [0] })).toBe(400);
    expect(await sim('hold', { region: 'nowhere' })).toBe(400);
  });
});
