import { describe, expect, it } from 'vitest';
import type { Image, ImageId } from '../../src/replication/image.ts';
import { imageStore } from '../../src/replication/store.ts';
import { propagateTagReverts, storeTagRevert, withTagRevert } from '../../src/replication/tag-reverts.ts';
import {
  anImage,
  aReference,
  at,
  d1,
  d2,
  deletedAt,
  FakeDirectory,
  fact,
  idOf,
  noDeadline,
  referenceOf,
  registry,
  tagOf,
} from './fixtures.ts';
import { InMemoryLedger } from './in-memory-ledger.ts';

const facts = [fact('eastus', 1), fact('eastus', 5)];
const imageWith = (reverted: number | undefined) =>
  anImage({
    references: [
      aReference({
        facts,
        replicatedAtMs: at(6),
        revertedAtMs: reverted === undefined ? undefined : at(reverted),
      }),
    ],
    verificationAttempts: 2,
  });

const foundAt = (seconds: number, from: number) => ({ revertedAtMs: at(seconds), revertedFromMs: at(from) });

it.each<
  [
    what: string,
    known: number | undefined,
    found: number,
    from: number,
    firstSeenMs: number,
    verdict: boolean,
  ]
>([
  ['the first revert is a new episode', undefined, 5, 3, at(20), false],
  ['a later revert, after a push of another digest, is a new episode', 5, 9, 7, at(20), false],
  ['an older notification of the same revert keeps the episode', 5, 4, 3, at(0), true],
])('%s', (_, known, found, from, firstSeenMs, hasVerdict) => {
  const image = withTagRevert(imageWith(known), 'v1', foundAt(found, from), at(20));
  const { revertedAtMs, replicatedAtMs, ...reference } = referenceOf(image);
  expect(revertedAtMs).toBe(at(found));
  expect(reference.firstSeenMs).toBe(firstSeenMs);
  expect(replicatedAtMs).toBe(hasVerdict ? at(6) : undefined);
  expect(image.verificationAttempts).toBe(hasVerdict ? 2 : 0);
});

it('what was read for the tag says no more than that the digest was there', () => {
  const read = [fact('westus', 4, 'verified'), fact('eastus', 9, 'pullable')];
  const reported = [fact('eastus', 1), fact('eastus', 5)];
  const known = anImage({
    references: [aReference({ facts: [...reported, ...read] }), aReference({ tag: 'v2', facts: read })],
    verified: [fact('westus', 2, 'verified'), fact('eastus', 10, 'verified')],
  });
  const image = withTagRevert(known, 'v1', foundAt(5, 3), at(20));
  expect(image.references.map(({ facts: left }) => left)).toEqual([reported, read]);
  expect(image.verified).toEqual([fact('westus', 4, 'verified'), fact('eastus', 10, 'verified')]);
});

it.each([
  ['no revert was found', undefined, 'v1'],
  ['its push has none', { revertedAtMs: undefined, revertedFromMs: undefined }, 'v1'],
  ['the revert is known', foundAt(5, 3), 'v1'],
  ['a late notice makes the known revert look later, and it has its verdict', foundAt(6, 3), 'v1'],
  ['it has no such tag', foundAt(9, 7), 'v2'],
])('the image stays the same when %s', (_, found, tag) => {
  const image = imageWith(5);
  expect(withTagRevert(image, tag, found, at(20))).toBe(image);
});

it('the time of a known revert without a verdict follows what is known of it, in the same episode', () => {
  const known = aReference({ facts, revertedAtMs: at(5), stalledAtMs: at(12) });
  const image = withTagRevert(anImage({ references: [known] }), 'v1', foundAt(6, 3), at(20));
  expect(referenceOf(image)).toEqual({ ...known, revertedAtMs: at(6) });
});

/**
 * A ledger that holds some images, and what a process works with.
 * @param forgetsAt the call before which the first digest is forgotten
 */
async function holding(images: readonly Image[], forgetsAt?: string) {
  const all = new InMemoryLedger(() => new Date(at(20)));
  for (const image of images) all.put(image);
  const { ledger, operations } = all.process({
    before: async ({ name, number }) => {
      if (`${number} ${name}` !== forgetsAt) return;
      const { ledger: other } = all.process();
      const stored = await other.images.read(idOf(d1), noDeadline);
      if (stored !== undefined) await other.images.remove(idOf(d1), stored.version, noDeadline);
    },
  });
  const now = () => new Date(at(20));
  const store = imageStore({ ledger, now, sleep: async () => {}, random: () => 0 });
  const woken: ImageId[] = [];
  const ports = {
    ledger,
    store,
    directory: new FakeDirectory('eastus', 'westus'),
    findRegistry: async () => registry as typeof registry | undefined,
    changes: { notify: (id: ImageId) => void woken.push(id), next: async () => {} },
    now,
  };
  const names = () => operations.map(({ name }) => name);
  return { all, ports, names, woken };
}

describe('a revert that is found after the image was stored', () => {
  async function storedWith(image: Image, found = foundAt(5, 3), parts: object = {}) {
    const { all, ports, names } = await holding([image]);
    const stored = await ports.store.read(image.id, noDeadline);
    if (stored === undefined) throw new Error('it is not stored');
    const after = await storeTagRevert(stored, 'v1', found, { ...ports, ...parts }, noDeadline);
    return { image: all.image(image.id), isSame: after === stored, names: names() };
  }

  it('begins an episode that waits for the replicas of now', async () => {
    const { image } = await storedWith(imageWith(undefined));
    expect(referenceOf(image)).toMatchObject({ revertedAtMs: at(5), expected: ['eastus', 'westus'] });
  });

  it.each([
    ['its registry is no longer configured', { findRegistry: async () => undefined }],
    ['the replicas are unknown', { directory: { view: async () => undefined } }],
  ])('waits for nothing yet where %s', async (_, parts) => {
    const { image } = await storedWith(imageWith(undefined), foundAt(5, 3), parts);
    expect(referenceOf(image)).toMatchObject({ revertedAtMs: at(5), expected: undefined });
  });

  it.each([
    ['is known', imageWith(5)],
    ['is of a tag that was deleted since', { ...imageWith(undefined), deletions: deletedAt(9) }],
    ['is of a tag that the image has no more', anImage()],
  ])('changes nothing when it %s', async (_, image) => {
    expect(await storedWith(image)).toMatchObject({ isSame: true, names: ['images.read'] });
  });

  it('is not looked for in the list of registries when there is none', async () => {
    const findRegistry = () => Promise.reject(new Error('there is nothing to do'));
    const none = { revertedAtMs: undefined, revertedFromMs: undefined };
    // @ts-expect-error: what is found has no times where there was no revert.
    expect(await storedWith(imageWith(5), none, { findRegistry })).toMatchObject({ isSame: true });
  });
});

describe('what follows from an image in the newest image of its tag', () => {
  const between = anImage({ id: idOf(d2), references: [aReference({ facts: [fact('eastus', 3)] })] });
  const isNewest = { digest: d1, atMs: at(5) };
  async function propagated(
    newest: Image,
    from: Image = between,
    candidates = [isNewest, { digest: d2, atMs: at(3) }],
    forgetsAt?: string,
  ) {
    const { all, ports, names, woken } = await holding([newest, from], forgetsAt);
    for (const one of candidates) await all.process().ledger.tags.add(tagOf(), one, noDeadline);
    await propagateTagReverts(from, ports, noDeadline);
    return { image: all.image(newest.id), names: names(), woken };
  }

  it('is its revert, which those learn who wait for it', async () => {
    const { image, names, woken } = await propagated(imageWith(undefined));
    expect(referenceOf(image).revertedAtMs).toBe(at(5));
    expect(names.filter((name) => name === 'images.update')).toHaveLength(1);
    expect(woken).toEqual([idOf(d1)]);
  });

  it('is nothing when that is known, and nobody is woken', async () => {
    const { names, woken } = await propagated(imageWith(5));
    expect(names).not.toContain('images.update');
    expect(woken).toEqual([]);
  });

  it('is nothing where that is neither a revert nor superseded', async () => {
    const once = anImage({ references: [aReference({ facts: [fact('eastus', 5)] })] });
    const { names } = await propagated(once);
    expect(names).toEqual(['tags.read', 'tags.read', 'images.read']);
  });

  it.each(['4 images.read', '5 images.update'])(
    'is nothing where that is forgotten before %s',
    async (call) => {
      const { names, woken } = await propagated(imageWith(undefined), between, [isNewest], call);
      expect(names.slice(3)).toEqual(
        call.startsWith('4') ? ['images.read'] : expect.arrayContaining(['images.update']),
      );
      expect(woken).toEqual([]);
    },
  );

  it('is not its own revert, which whoever records it finds', async () => {
    const copied = anImage({ references: [aReference({ facts: [fact('eastus', 3), fact('westus', 9)] })] });
    const back = anImage({
      id: idOf(d2),
      references: [aReference({ facts: [fact('eastus', 1), fact('eastus', 5)] })],
    });
    const { names } = await propagated(copied, back, [{ digest: d1, atMs: at(9) }]);
    expect(names).toEqual(['tags.read', 'tags.read', 'images.read']);
  });

  it('is that this tag is waited for again, and no other', async () => {
    const superseded = { facts: [fact('eastus', 5)], supersededAtMs: at(9) };
    const references = [aReference(superseded), aReference({ tag: 'v2', ...superseded })];
    const { image, woken } = await propagated(anImage({ references }));
    expect(image?.references.map(({ supersededAtMs }) => supersededAtMs)).toEqual([undefined, at(9)]);
    expect(woken).toEqual([idOf(d1)]);
  });

  it.each([
    ['since', { digest: d1, atMs: at(2) }],
    ['but at the same moment', { digest: d1, atMs: at(3) }],
  ])('costs one read where nothing was pushed %s', async (_, candidate) => {
    const { names } = await propagated(imageWith(undefined), between, [
      candidate,
      { digest: d2, atMs: at(3) },
    ]);
    expect(names).toEqual(['tags.read']);
  });

  it('costs nothing for a push by digest', async () => {
    const byDigest = aReference({ tag: undefined, facts: [fact('eastus', 3)] });
    const { names } = await propagated(imageWith(undefined), { ...between, references: [byDigest] });
    expect(names).toEqual([]);
  });
});
