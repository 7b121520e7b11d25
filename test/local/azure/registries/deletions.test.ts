import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../local/azure/clock.ts';
import { type LocalAzure, startLocalAzure } from '../../../../local/azure/local-azure.ts';
import { call } from '../arm-call.ts';
import { startReceiver, type WebHookReceiver } from '../web-hook-receiver.ts';

const registry = 'myregistry';
const image = { registry, repository: 'team/app', tag: 'v1' };
const regions = ['eastus', 'southeastasia', 'westeurope', 'westus'];

const webhook = v.object({ action: v.string(), timestamp: v.string() });
const event = v.object({
  eventType: v.string(),
  data: v.object({ location: v.string(), timestamp: v.string() }),
});

describe('a deletion', () => {
  let azure: LocalAzure;
  let clock: ManualClock;
  let receiver: WebHookReceiver;
  beforeEach(async () => {
    clock = new ManualClock();
    azure = await startLocalAzure({ clock, registryBehaviour: { copyDelayMs: [100, 100] } });
    receiver = await startReceiver();
    for (const region of regions) {
      azure.registries.putWebhook(registry, `hook${region}`, region, {
        serviceUri: `${receiver.url}?region=${region}`,
        actions: ['push', 'delete'],
      });
    }
  });
  afterEach(async () => {
    await receiver.close();
    await azure.close();
  });

  const holding = (reference: string) =>
    regions.filter((region) => azure.registries.holds(registry, region, reference));
  /** Lets time pass, and what is sent arrive. */
  const pass = async (ms: number) => {
    await clock.advance(ms);
    await azure.registries.idle({ dueWithinMs: 0 });
    await azure.eventGrid.idle();
  };
  /** The webhooks since the last call: `region action seconds`. */
  const told = () =>
    receiver.deliveries
      .splice(0)
      .flatMap(({ url, events }) =>
        events.map((one) => {
          const { action, timestamp } = v.parse(webhook, one);
          return `${url.searchParams.get('region')} ${action} ${(Date.parse(timestamp) - start) / 1_000}`;
        }),
      )
      .toSorted();
  let start = 0;
  const pushed = async () => {
    const digest = azure.registries.push(image);
    await pass(100);
    receiver.deliveries.length = 0;
    start = clock.now();
    return digest;
  };

  it('travels: each region loses the image, and tells it, at a time of its own', async () => {
    const digest = await pushed();
    const copyAfterMs = { 'West US': 1_000, westeurope: 20_000, southeastasia: 30_000 };
    azure.registries.delete({ ...image, digest, copyAfterMs });
    await pass(1_000);
    expect(holding('team/app:v1')).toEqual(['southeastasia', 'westeurope']);
    await pass(29_000);
    expect(holding(`team/app@${digest}`)).toEqual([]);
    expect(told()).toEqual([
      'eastus delete 0',
      'southeastasia delete 30',
      'westeurope delete 20',
      'westus delete 1',
    ]);
  });

  it('is told by events of Event Grid in each region likewise', async () => {
    const digest = await pushed();
    const filter = { scope: azure.registries.id(registry), url: receiver.url };
    await azure.eventGrid.subscribe({ name: 'images', ...filter });
    azure.registries.delete({ ...image, digest, copyAfterMs: { westus: 7_000 } });
    await pass(7_000);
    const deletions = receiver.deliveries.flatMap(({ events }) =>
      events.flatMap((one) => {
        const parsed = v.safeParse(event, one);
        return parsed.success ? [parsed.output] : [];
      }),
    );
    expect(
      deletions.map(({ data }) => [data.location, Date.parse(data.timestamp) - start]).toSorted(),
    ).toEqual([
      ['eastus', 0],
      ['southeastasia', 100],
      ['westeurope', 100],
      ['westus', 7_000],
    ]);
  });

  it('that still travels is overtaken by another push, wherever that comes first', async () => {
    const digest = await pushed();
    azure.registries.delete({ ...image, digest, copyAfterMs: { westus: 10_000, westeurope: 20_000 } });
    await pass(5_000);
    azure.registries.push({ ...image, digest, copyAfterMs: { westus: 8_000, westeurope: 3_000 } });
    await pass(20_000);
    expect(holding('team/app:v1')).toEqual(regions);
    expect(told()).toEqual([
      'eastus delete 0',
      'eastus push 5',
      'southeastasia delete 0.1',
      'southeastasia push 5.1',
      // The deletion comes after the push and does nothing.
      'westeurope push 8',
      'westus delete 10',
      'westus push 13',
    ]);
  });

  it('that comes late can take the later push with it, when told so', async () => {
    azure.registries.change({ olderCopyDeletes: true });
    const digest = await pushed();
    azure.registries.delete({ ...image, digest, copyAfterMs: { westeurope: 20_000 } });
    await pass(5_000);
    azure.registries.push({ ...image, digest });
    await pass(15_000);
    expect(holding('team/app:v1')).toEqual(['eastus', 'southeastasia', 'westus']);
    expect(told().filter((one) => one.startsWith('westeurope'))).toEqual([
      'westeurope delete 20',
      'westeurope push 5.1',
    ]);
  });

  it('leaves no tag to the late copy of an older push', async () => {
    azure.registries.push({ ...image, copyAfterMs: { westus: 60_000 } });
    const newer = azure.registries.push(image);
    await pass(100);
    azure.registries.delete({ ...image, digest: newer });
    await pass(60_000);
    expect(holding('team/app:v1')).toEqual([]);
  });

  it('has the time and the host that it is given', async () => {
    const digest = await pushed();
    azure.registries.delete({ ...image, digest, at: start - 5_000, host: 'images.contoso.example' });
    await pass(0);
    expect(Object(receiver.deliveries[0]?.events[0]).request.host).toBe('images.contoso.example');
    expect(told()).toEqual(['eastus delete -5']);
  });

  it('and a push refuse a time to a region without a replica', async () => {
    const digest = await pushed();
    const copyAfterMs = { japaneast: 1 };
    expect(() => azure.registries.delete({ ...image, digest, copyAfterMs })).toThrow(RangeError);
    expect(() => azure.registries.push({ ...image, copyAfterMs })).toThrow(RangeError);
  });

  describe('of a tag alone', () => {
    it('travels and leaves the manifest, and nobody tells of it', async () => {
      const digest = await pushed();
      azure.registries.untag({ ...image, region: 'westus', copyAfterMs: { eastus: 5_000 } });
      await pass(100);
      expect([holding('team/app:v1'), holding(`team/app@${digest}`)]).toEqual([['eastus'], regions]);
      await pass(4_900);
      expect([holding('team/app:v1'), holding(`team/app@${digest}`)]).toEqual([[], regions]);
      expect(told()).toEqual([]);
      expect(() => azure.registries.untag(image)).toThrow('eastus has no team/app:v1');
    });

    it('does not touch a later push of the tag, nor let an older one bring it back', async () => {
      azure.registries.push({ ...image, copyAfterMs: { westus: 30_000 } });
      azure.registries.untag({ ...image, copyAfterMs: { westeurope: 20_000 } });
      await pass(100);
      const newer = azure.registries.push({ ...image, copyAfterMs: { westus: 60_000 } });
      await pass(40_000);
      const resolved = regions.map((region) => azure.registries.resolve(registry, region, 'team/app:v1'));
      expect(resolved).toEqual([newer, newer, newer, undefined]);
    });

    it('reaches a replica that is added later', async () => {
      const digest = await pushed();
      azure.registries.push({ ...image, tag: 'v2', digest });
      azure.registries.untag(image);
      azure.registries.addReplica(registry, 'japaneast');
      await pass(100);
      const held = ['team/app:v1', 'team/app:v2', `team/app@${digest}`].map((one) =>
        azure.registries.holds(registry, 'japaneast', one),
      );
      expect(held).toEqual([false, true, true]);
    });
  });

  it('is controlled by /_sim too', async () => {
    const sim = async (path: string, body: unknown) =>
      (await call(azure, 'POST', `/_sim/registries/${path}`, { body })).status;
    const digest = await pushed();
    expect(await sim('untag', { repository: 'team/app', tag: 'v1', copyAfterMs: { westus: 9_000 } })).toBe(
      204,
    );
    await pass(100);
    expect(holding('team/app:v1')).toEqual(['westus']);
    const body = { repository: 'team/app', digest, copyAfterMs: { eastus: 9_000 }, region: 'westus' };
    expect(await sim('delete', body)).toBe(204);
    await pass(100);
    expect(holding(`team/app@${digest}`)).toEqual(['eastus']);
    expect(await sim('untag', { repository: 'team/app', tag: 'never' })).toBe(400);
  });
});
