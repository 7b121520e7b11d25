import { describe, expect, it } from 'vitest';
import type { Notification } from '../../src/replication/notification.ts';
import { at, d1, d2, hourMs, idOf, loginServer, minuteMs, push, referenceOf, secondMs } from './fixtures.ts';
import { InMemoryApp } from './in-memory-app.ts';

const regions = ['eastus', 'westus'];
const objectiveMs = 10 * minuteMs;
const stalled = 'evenkeel.registry.replicationStalled';
const diverged = 'evenkeel.registry.tagDiverged';

/** An app that has recorded some notifications, at a time in ms after the start. */
async function appAfter(ms: number, notifications: readonly Notification[]): Promise<InMemoryApp> {
  const app = new InMemoryApp(regions);
  for (const notification of notifications) await app.process().record(notification);
  app.nowMs = at(0) + ms;
  return app;
}
const imageOf = (app: InMemoryApp, digest = d1) => app.ledger.image(idOf(digest));
const review = async (app: InMemoryApp, ms: number) => {
  app.nowMs = at(0) + ms;
  return app.process().review();
};

describe('an image that is younger than the objective', () => {
  it('is left alone', async () => {
    const app = await appAfter(objectiveMs, [push(1)]);
    const before = imageOf(app);
    const { open, finished, late } = await app.process().review();
    expect(imageOf(app)).toBe(before);
    expect(app.manifests.requests).toEqual([]);
    expect({ open, finished, late: late?.get(loginServer) }).toEqual({
      open: 1,
      finished: 0,
      late: undefined,
    });
  });

  it('is verified at once when a push named no region', async () => {
    const app = await appAfter(secondMs, [push(1, { region: undefined })]);
    for (const region of regions) app.manifests.has(region, { v1: d1 });
    await app.process().review();
    expect(app.signals().map(({ subject }) => subject)).toEqual(['team/app:v1']);
    expect(referenceOf(imageOf(app)).facts.map(({ evidence }) => evidence)).toEqual(['verified', 'verified']);
  });

  it('is replicated when the replicas of its missing regions are gone', async () => {
    const app = await appAfter(minuteMs, [push(1)]);
    app.directory.hold('eastus');
    await app.process().review();
    expect(app.signals()).toHaveLength(1);
  });

  it('is replicated by what was reported while the replicas were unknown, once they are known', async () => {
    const app = new InMemoryApp(regions);
    app.directory.current = undefined;
    for (const region of regions) await app.process().record(push(1, { region }));
    expect((await review(app, minuteMs)).failures).toEqual([]);
    expect(app.signals()).toEqual([]);
    app.directory.hold(...regions);
    await review(app, 2 * minuteMs);
    expect(app.signals()).toHaveLength(1);
  });
});

describe('an image of a registry whose list of replicas was empty', () => {
  it('waits for the replicas that the list shows later', async () => {
    const app = new InMemoryApp([]);
    await app.process().record(push(1));
    await review(app, minuteMs);
    app.directory.hold('eastus');
    await review(app, 2 * minuteMs);
    expect(app.signals()).toHaveLength(1);
    expect(imageOf(app)?.expected).toEqual(['eastus']);
  });
});

describe('an image that is older than the objective', () => {
  it('is replicated when the endpoints have what no notification reported', async () => {
    const app = await appAfter(objectiveMs + 1, [push(1)]);
    app.manifests.has('westus', { v1: d1 });
    await app.process().review();
    expect(app.signals()[0]?.data['regions']).toMatchObject([
      { region: 'eastus', evidence: 'webhook' },
      { region: 'westus', evidence: 'verified' },
    ]);
    expect(app.manifests.requests).toEqual(['westus v1']);
    expect(app.signals(stalled)).toEqual([]);
    expect(imageOf(app)).toMatchObject({ verificationAttempts: 0, nextVerificationAtMs: undefined });
  });

  it('costs no read of a tag where it was pushed by digest', async () => {
    const app = await appAfter(objectiveMs + 1, [push(1, { tag: undefined })]);
    const reviewing = app.process();
    await reviewing.review();
    expect(app.signals(stalled)).toHaveLength(1);
    expect(reviewing.operations.map(({ name }) => name)).not.toContain('tags.read');
  });

  it('is reported as stalled, once, with its missing regions', async () => {
    const app = await appAfter(objectiveMs + 1, [push(1)]);
    app.manifests.has('westus', {});
    await app.process().review();
    for (let hour = 1; hour <= 5; hour += 1) await review(app, hour * hourMs);
    expect(app.published.map(({ type }) => type)).toEqual([stalled]);
    expect(app.published[0]).toMatchObject({
      subject: 'team/app:v1',
      data: {
        digest: d1,
        missing: ['westus'],
        regions: [
          { region: 'eastus', state: 'available' },
          { region: 'westus', state: 'waiting' },
        ],
      },
    });
  });

  it('is still signalled as replicated when it arrives later', async () => {
    const app = await appAfter(objectiveMs + 1, [push(1)]);
    await app.process().review();
    expect(await app.process().record(push(1, { region: 'westus' }))).toBe('replicated');
    expect(app.published.map(({ type }) => type)).toEqual([stalled, 'evenkeel.registry.replicated']);
  });

  it('has the reason why a region could not be asked', async () => {
    const app = await appAfter(objectiveMs + 1, [push(1)]);
    app.manifests.regions.set('westus', { kind: 'unverified', reason: 'no answer in time' });
    await app.process().review();
    expect(app.published[0]?.data).toMatchObject({ unverified: { westus: 'no answer in time' } });
    const answer = await app.process().ask('v1');
    expect(answer?.regions[1]).toEqual({
      region: 'westus',
      state: 'unverified',
      reason: 'no answer in time',
    });
  });

  it('is reported when the objective passes, whatever was verified before', async () => {
    const app = await appAfter(0, [push(1, { region: undefined })]);
    for (const region of regions) app.manifests.has(region, {});
    const reportedAt: number[] = [];
    for (let minute = 0; minute <= 20; minute += 1) {
      await review(app, minute * minuteMs);
      if (app.signals(stalled).length > reportedAt.length) reportedAt.push(minute);
    }
    expect(reportedAt).toEqual([11]);
  });

  it('is reported for a tag that it got after others had been stalled for long', async () => {
    const app = await appAfter(0, [push(1)]);
    for (const region of regions) app.manifests.has(region, {});
    for (let hour = 1; hour <= 12; hour += 1) await review(app, hour * hourMs);
    await app.process().record(push(12 * 3600, { tag: 'v2' }));
    await review(app, 12 * hourMs + 11 * minuteMs);
    expect(app.signals(stalled).map(({ subject }) => subject)).toEqual(['team/app:v1', 'team/app:v2']);
  });

  it('is verified at intervals that double, up to an hour', async () => {
    const app = await appAfter(0, [push(1)]);
    app.manifests.has('westus', {});
    const minutes: number[] = [];
    for (let half = 0; half < 12 * 120; half += 1) {
      const before = app.manifests.requests.length;
      await review(app, half * 30 * secondMs);
      if (app.manifests.requests.length > before) minutes.push(half / 2);
    }
    const intervals = minutes.map((minute, index) => minute - (minutes[index - 1] ?? 0)).slice(1);
    expect(minutes[0]).toBe(10.5);
    expect(intervals).toEqual([0.5, 1, 2, 4, 8, 16, 32, ...Array.from({ length: 10 }, () => 60)]);
  });

  it('is verified anew when its tag reverts to it', async () => {
    const app = await appAfter(0, [push(1)]);
    app.manifests.has('westus', {});
    for (let hour = 1; hour <= 8; hour += 1) await review(app, hour * hourMs);
    await app.process().record(push(2, { digest: d2 }));
    await app.process().record(push(9 * 3600));
    expect(imageOf(app)).toMatchObject({ verificationAttempts: 0, nextVerificationAtMs: undefined });
    expect(referenceOf(imageOf(app))).toMatchObject({ revertedAtMs: at(9 * 3600), stalledAtMs: undefined });
  });
});

describe('a tag that points at a newer digest', () => {
  const moved = [push(1), push(5, { digest: d2 }), push(5, { digest: d2, region: 'westus' })];

  it('supersedes the older digest, which is not verified any more', async () => {
    const app = await appAfter(objectiveMs + 1, moved);
    await app.process().review();
    expect(referenceOf(imageOf(app)).supersededAtMs).toBe(app.nowMs);
    expect(app.manifests.requests).toEqual([]);
    expect(app.signals(stalled)).toEqual([]);
    expect(app.ledger.openEntries).toEqual([]);
  });

  it('is reported as diverged, once, when a region still resolves it to the older one', async () => {
    const notifications = [push(1), push(1, { region: 'westus' }), push(5, { digest: d2 })];
    const app = await appAfter(objectiveMs + 1, notifications);
    app.manifests.has('westus', { v1: d1 });
    await app.process().review();
    await review(app, 5 * hourMs);
    expect(app.published.map(({ type, data }) => [type, data['digest']])).toEqual([
      ['evenkeel.registry.replicated', d1],
      [stalled, d2],
      [diverged, d2],
    ]);
    expect(app.signals(diverged)[0]).toMatchObject({
      subject: 'team/app:v1',
      data: { diverged: { westus: d1 } },
    });
  });

  it('is reported as diverged when a region that cannot be asked reported the older one last', async () => {
    const notifications = [push(1), push(1, { region: 'westus' }), push(5, { digest: d2 })];
    const app = await appAfter(objectiveMs + 1, notifications);
    await app.process().review();
    expect(app.signals(diverged)).toHaveLength(1);
  });

  it('is not diverged when a region answers that it has no such tag', async () => {
    const notifications = [push(1), push(1, { region: 'westus' }), push(5, { digest: d2 })];
    const app = await appAfter(objectiveMs + 1, notifications);
    app.manifests.has('westus', {});
    await app.process().review();
    expect(app.signals(diverged)).toEqual([]);
  });
});
