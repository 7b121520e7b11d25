import { describe, expect, it } from 'vitest';
import type { Registry } from '../../src/registries/registry.ts';
import { listOpenImages } from '../../src/replication/open-images.ts';
import {
  anImage,
  aReference,
  at,
  d1,
  d2,
  digestNumber,
  fact,
  idOf,
  minuteMs,
  noDeadline,
  push,
  registry,
} from './fixtures.ts';
import { InMemoryApp } from './in-memory-app.ts';

const regions = ['eastus', 'westus'];

async function list(app: InMemoryApp, findRegistry = async (): Promise<Registry | undefined> => registry) {
  const { ledger } = app.ledger.process();
  const now = () => new Date(app.nowMs);
  return listOpenImages({ ledger, directory: app.directory, findRegistry, now }, noDeadline);
}

describe('the list of open images', () => {
  it('has the oldest first, each with the state of its regions', async () => {
    const app = new InMemoryApp(regions);
    await app.process().record(push(1, { digest: d1 }));
    app.nowMs += minuteMs;
    await app.process().record(push(60, { digest: d2, tag: 'v2' }));
    app.nowMs += minuteMs;
    await app.process().record(push(60, { digest: digestNumber(1), tag: 'v3' }));
    app.nowMs += 9 * minuteMs;
    const { images: all, total } = await list(app);
    expect(total).toBe(3);
    // In the index the last one comes first.
    expect(all.map(({ ageMs }) => ageMs / minuteMs)).toEqual([11, 10, 9]);
    const images = all.slice(0, 2);
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

  it('looks for no registry of an image that is finished', async () => {
    const app = new InMemoryApp(regions);
    for (const region of regions) await app.process().record(push(1, { region }));
    const findRegistry = () => Promise.reject(new Error('nobody asks for this registry'));
    expect(await list(app, findRegistry)).toMatchObject({ images: [], total: 1, unpublished: 0 });
  });

  it('leaves out the images of a registry that is no longer configured', async () => {
    const app = new InMemoryApp(regions);
    await app.process().record(push(1));
    expect(await list(app, async () => undefined)).toMatchObject({ images: [], total: 1 });
  });

  it('names three repairs of an image that is late, and none before', async () => {
    const app = new InMemoryApp(['eastus', 'westus', 'uksouth', 'northeurope', 'westeurope']);
    await app.process().record(push(1, { tag: undefined }));
    app.nowMs += registry.replicationSloMs;
    expect((await list(app)).images).toMatchObject([
      { tag: null, state: 'pending', diverged: false, repairs: [] },
    ]);
    app.nowMs += 1;
    const [image] = (await list(app)).images;
    expect(image?.repairs).toHaveLength(3);
  });

  it('has 200 images, and counts the others', async () => {
    const app = new InMemoryApp(regions);
    const { open } = app.ledger.process().ledger;
    const pushed = { references: [aReference({ facts: [fact('eastus', 1)] })], expected: regions };
    for (let index = 0; index < 250; index += 1) {
      const image = anImage({ ...pushed, id: idOf(digestNumber(index)) });
      app.ledger.put(image);
      await open.add(image.id, 1, noDeadline);
    }
    const { images, total } = await list(app);
    expect([images.length, total]).toEqual([200, 250]);
  });
});
