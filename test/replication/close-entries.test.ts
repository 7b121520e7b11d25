import { describe, expect, it } from 'vitest';
import { closeEntries } from '../../src/replication/close-entries.ts';
import type { Image } from '../../src/replication/image.ts';
import type { NewestImage } from '../../src/replication/newest-images.ts';
import { anImage, aReference, at, d1, d2, fact, idOf, loginServer, noDeadline } from './fixtures.ts';
import { type Hooks, InMemoryLedger } from './in-memory-ledger.ts';

const facts = [fact('eastus', 1), fact('westus', 20)];
const replicated = anImage({
  references: [aReference({ facts })],
  replicatedAtMs: at(20),
  finishedAtMs: at(20),
});
const superseded = anImage({
  ...{ id: idOf(d2), references: [aReference({ facts: [fact('eastus', 1)] })], finishedAtMs: at(30) },
});

/** What becomes of finished images, and of an entry without an image. */
async function closed(images: readonly Image[], hooks: Hooks = {}, failing?: 'read' | 'write') {
  const all = new InMemoryLedger(() => new Date(at(60)));
  const { ledger } = all.process(hooks);
  const { open } = all.process().ledger;
  for (const { id } of images) await open.add(id, 1, noDeadline);
  await open.add(idOf(d1), 7, noDeadline);
  const [orphans, entries] = [
    all.openEntries.filter(({ generation }) => generation === 7),
    all.openEntries.filter(({ generation }) => generation === 1),
  ];
  const done = images.flatMap((image) =>
    entries.filter(({ id }) => id.digest === image.id.digest).map((entry) => ({ entry, image })),
  );
  const copied: [region: string, ms: number][] = [];
  const newest: NewestImage[] = [];
  const ports = {
    ledger,
    newest: {
      read: async () => {
        if (failing === 'read') throw new Error('storage is busy');
        return newest;
      },
      write: async (_: string, written: readonly NewestImage[]) => void newest.push(...written),
    },
    onCopied: (_: string, region: string, ms: number) => void copied.push([region, ms]),
    now: () => new Date(at(60)),
  };
  const failures = await closeEntries(ports, done, orphans, noDeadline);
  const known = await all.process().ledger.copyTimes.read(loginServer, noDeadline);
  return { all, failures, copied, newest, known };
}

describe('the entries of finished images', () => {
  it('leave one index for the other, and what was learned of them is kept', async () => {
    const { all, failures, copied, newest, known } = await closed([replicated, superseded]);
    expect([all.openEntries, failures]).toEqual([[], []]);
    expect(all.finishedEntries.map(({ finishedAtMs }) => finishedAtMs)).toEqual([at(20), at(30)]);
    expect(copied).toEqual([
      ['eastus', 1_000],
      ['westus', 20_000],
      ['eastus', 1_000],
    ]);
    expect(newest.map(({ digest }) => digest)).toEqual([d1]);
    expect(known?.times['westus']?.['all']).toEqual([20_000]);
    expect(known?.times['eastus']?.['all']).toEqual([1_000]);
  });

  it('write no newest images where there are none', async () => {
    expect((await closed([superseded])).newest).toEqual([]);
  });

  it('stay where the other index does not take them, and orphans go', async () => {
    const { all, failures, copied } = await closed([replicated], {
      before: ({ name }) => {
        if (name === 'finished.add') throw new Error('storage is busy');
      },
    });
    expect(all.openEntries.map(({ generation }) => generation)).toEqual([1]);
    expect(failures).toMatchObject([{ image: `${loginServer}/team/app@${d1}` }]);
    expect(copied).toEqual([]);
  });

  it('go though nobody can store what was learned of them', async () => {
    const { all, failures } = await closed(
      [replicated],
      {
        before: ({ name }) => {
          if (name === 'copyTimes.write') throw new Error('storage is busy');
        },
      },
      'read',
    );
    expect([all.openEntries, failures]).toEqual([[], []]);
  });
});
