import { describe, expect, it } from 'vitest';
import { at, d1, deletion, minuteMs, push } from './fixtures.ts';
import { InMemoryApp } from './in-memory-app.ts';

const regions = ['eastus', 'westus'];
const nowhere = { region: undefined, evidence: 'event' } as const;

/** Deleted at 10 s; a push at 15 s named no region, as of a copy to a replica that is gone. */
async function appAfter(notifications = [push(0), deletion(10, d1, 'eastus'), push(15, nowhere)]) {
  const app = new InMemoryApp(regions);
  for (const one of notifications) await app.process().record(one);
  for (const region of regions) app.manifests.has(region, {});
  return app;
}

async function stateAfter(app: InMemoryApp, ms: number): Promise<string | undefined> {
  app.nowMs = at(0) + ms;
  await app.process().review();
  return (await app.process().ask('v1'))?.state;
}

describe('a push without a region, newer than a deletion, that left the image nowhere,', () => {
  it('ends as deleted, without a word of a stall', async () => {
    const app = await appAfter();
    expect(await stateAfter(app, 11 * minuteMs)).toBe('deleted');
    expect(app.ledger.openEntries).toEqual([]);
    expect(app.signals('evenkeel.registry.replicationStalled')).toEqual([]);
  });

  it('waits for the objective to pass', async () => {
    expect(await stateAfter(await appAfter(), minuteMs)).toBe('pending');
  });

  it('is stalled while a region has the digest under another tag', async () => {
    const app = await appAfter();
    app.manifests.has('westus', { v2: d1 });
    expect(await stateAfter(app, 11 * minuteMs)).toBe('stalled');
  });

  it('is stalled while a region that nobody waits for has it', async () => {
    const app = await appAfter();
    await app.process().record(push(16, { region: 'northeurope' }));
    expect(await stateAfter(app, 11 * minuteMs)).toBe('stalled');
  });

  it('ends the tag as deleted where the image lives on under another one', async () => {
    const app = await appAfter();
    for (const region of regions) {
      await app.process().record(push(20, { region, tag: 'v2' }));
      app.manifests.has(region, { v2: d1 });
    }
    expect(await stateAfter(app, 11 * minuteMs)).toBe('deleted');
    expect((await app.process().ask('v2'))?.state).toBe('replicated');
    expect(app.ledger.openEntries).toEqual([]);
  });

  it('is stalled while a region cannot be asked', async () => {
    const app = await appAfter();
    app.manifests.regions.set('westus', { kind: 'unverified', reason: 'no answer' });
    expect(await stateAfter(app, 11 * minuteMs)).toBe('stalled');
  });

  it('is stalled where the image was never deleted', async () => {
    const app = await appAfter([push(15, nowhere)]);
    expect(await stateAfter(app, 11 * minuteMs)).toBe('stalled');
  });
});
