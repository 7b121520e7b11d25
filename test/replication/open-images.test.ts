import { describe, expect, it } from 'vitest';
import { listOpenImages } from '../../src/replication/open-images.ts';
import { at, d1, d2, idOf, minuteMs, noDeadline, push, registry } from './fixtures.ts';
import { InMemoryApp } from './in-memory-app.ts';

const regions = ['eastus', 'westus'];

async function list(app: InMemoryApp) {
  const { ledger } = app.ledger.process();
  const now = () => new Date(app.nowMs);
  return listOpenImages(
    { ledger, directory: app.directory, findRegistry: async () => registry, now },
    noDeadline,
  );
}

describe('the list of open images', () => {
  it('has the oldest first, each with the state of its regions', async () => {
    const app = new InMemoryApp(regions);
    await app.process().record(push(1));
    app.nowMs += minuteMs;
    await app.process().record(push(60, { digest: d2, tag: 'v2' }));
    app.nowMs += 10 * minuteMs;
    const { images, total } = await list(app);
    expect(total).toBe(2);
    expect(images).toMatchObject([
      { digest: d1, tag: 'v1', state: 'stalled', ageMs: 11 * minuteMs },
      { digest: d2, tag: 'v2', state: 'pending', ageMs: 10 * minuteMs },
    ]);
    expect(images[0]?.regions).toMatchObject([
      { region: 'eastus', state: 'available' },
      { region: 'westus', state: 'waiting' },
    ]);
  });

  it('has an image once, however many processes recorded it at the same moment', async () => {
    const app = new InMemoryApp(regions);
    await app.process().record(push(1));
    await app.ledger.process().ledger.open.add(idOf(), at(9), noDeadline);
    expect(await list(app)).toMatchObject({ total: 1, images: [{ digest: d1 }] });
  });

  it('leaves out an image that is everywhere, but counts its unpublished signals', async () => {
    const app = new InMemoryApp(regions);
    app.onPublish = () => {
      throw new Error('the topic is out of order');
    };
    for (const region of regions) await app.process().record(push(1, { region }));
    expect(await list(app)).toMatchObject({ images: [], unpublished: 1 });
  });
});
