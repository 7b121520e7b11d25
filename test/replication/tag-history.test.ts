import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noDeletions, withDeletion } from '../../src/replication/deletions.ts';
import type { Fact } from '../../src/replication/image.ts';
import { divergedRegions, meaningOfRevert, tagPushes } from '../../src/replication/tag-history.ts';
import { anImage, aReference, at, d1, d2, d3, deletedAt, fact, idOf } from './fixtures.ts';

const imageWith = (digest: string, facts: readonly Fact[], deletedSeconds?: number) =>
  anImage({
    id: idOf(digest),
    references: [aReference({ facts })],
    deletions: deletedSeconds === undefined ? noDeletions : deletedAt(deletedSeconds),
  });
const pushes = (...images: Parameters<typeof tagPushes>[1]) => tagPushes('v1', images);
const order = (...images: Parameters<typeof tagPushes>[1]) => pushes(...images).map(({ digest }) => digest);

const noRevert = { revertedAtMs: undefined, revertedFromMs: undefined };
const revert = (seconds: number, fromSeconds: number) => ({
  revertedAtMs: at(seconds),
  revertedFromMs: at(fromSeconds),
});

describe('tagPushes', () => {
  it('has the newest push first', () => {
    expect(pushes(imageWith(d1, [fact('a', 1)]), imageWith(d2, [fact('a', 2)]))).toEqual([
      { digest: d2, pushedAtMs: at(2), ...noRevert },
      { digest: d1, pushedAtMs: at(1), ...noRevert },
    ]);
  });

  it('breaks ties by digest, in whatever order the images come', () => {
    const images = [d1, d2, d3].map((digest) => imageWith(digest, [fact('a', 1)]));
    expect(order(...images)).toEqual([d3, d2, d1]);
    expect(order(...images.toReversed())).toEqual([d3, d2, d1]);
  });

  it('dates a push by its oldest notification, because that of a copy may carry a time of its own', () => {
    const late = imageWith(d1, [fact('a', 1), fact('b', 9)]);
    expect(order(late, imageWith(d2, [fact('a', 2), fact('b', 5)]))).toEqual([d2, d1]);
  });

  it('does not take a copy that comes after the deletion of its push for a later push', () => {
    const told = { deletions: withDeletion(noDeletions, 'a', at(2)) };
    const again = { ...imageWith(d1, [fact('a', 1), fact('b', 4), fact('a', 9)]), ...told };
    const between = imageWith(d2, [fact('a', 5)]);
    expect(pushes(again, between)).toMatchObject([{ digest: d1, pushedAtMs: at(9) }, { digest: d2 }]);
    const onlyCopied = { ...imageWith(d1, [fact('a', 1), fact('b', 9)]), ...told };
    expect(pushes(onlyCopied, between)).toMatchObject([{ digest: d1, pushedAtMs: at(9) }, { digest: d2 }]);
  });

  it('takes as many copies of a region for late ones as were pushed before the deletion', () => {
    const facts = [fact('a', 1), fact('a', 1.5), fact('a', 9), fact('b', 4), fact('b', 5)];
    const again = { ...imageWith(d1, facts), deletions: withDeletion(noDeletions, 'a', at(2)) };
    expect(pushes(again)).toMatchObject([{ pushedAtMs: at(9) }]);
  });

  it('takes no push to a region that told the deletion for a late copy', () => {
    const facts = [fact('a', 1), fact('a', 1.5), fact('a', 9), fact('b', 1), fact('b', 8)];
    const deletions = withDeletion(withDeletion(noDeletions, 'a', at(2)), 'b', at(2.5));
    expect(pushes({ ...imageWith(d1, facts), deletions })).toMatchObject([{ pushedAtMs: at(8) }]);
  });

  it('orders copies that carry the time of the push', () => {
    const first = imageWith(d1, [fact('a', 1), fact('b', 1)]);
    expect(order(first, imageWith(d2, [fact('a', 2), fact('b', 2)]))).toEqual([d2, d1]);
  });

  it('finds a revert when a region reported a digest, another one, and the first again', () => {
    const back = imageWith(d1, [fact('a', 1), fact('a', 3)]);
    expect(pushes(back, imageWith(d2, [fact('a', 2)]))).toEqual([
      { digest: d1, pushedAtMs: at(3), ...revert(3, 2) },
      { digest: d2, pushedAtMs: at(2), ...noRevert },
    ]);
  });

  it('dates a revert by the first region that reported it', () => {
    const back = imageWith(d1, [fact('a', 1), fact('b', 1.5), fact('b', 3.5), fact('a', 3)]);
    const between = imageWith(d2, [fact('a', 2), fact('b', 2.5)]);
    expect(pushes(back, between)[0]).toEqual({ digest: d1, pushedAtMs: at(3), ...revert(3, 2) });
  });

  it('has the last of several reverts', () => {
    const back = imageWith(d1, [fact('a', 1), fact('a', 3), fact('a', 5)]);
    const between = imageWith(d2, [fact('a', 2), fact('a', 4)]);
    expect(pushes(back, between)).toEqual([
      { digest: d1, pushedAtMs: at(5), ...revert(5, 4) },
      { digest: d2, pushedAtMs: at(4), ...revert(4, 3) },
    ]);
  });

  it('does not take a late copy for a revert', () => {
    const late = imageWith(d1, [fact('a', 1), fact('b', 9)]);
    const [newest, older] = pushes(late, imageWith(d2, [fact('a', 2), fact('b', 5)]));
    expect([newest?.digest, newest?.revertedAtMs, older?.revertedAtMs]).toEqual([d2, undefined, undefined]);
  });

  it('does not take a late copy of a second push in a row for a revert', () => {
    const twice = imageWith(d1, [fact('a', 1), fact('b', 1.5), fact('a', 2), fact('b', 3.9)]);
    expect(pushes(twice, imageWith(d2, [fact('a', 3), fact('b', 3.5)]))).toEqual([
      { digest: d2, pushedAtMs: at(3), ...noRevert },
      { digest: d1, pushedAtMs: at(1), ...noRevert },
    ]);
  });

  it('does not take a late copy of an older push for a push in between', () => {
    const older = imageWith(d2, [fact('a', 0), fact('b', 2)]);
    const [newest] = pushes(imageWith(d1, [fact('a', 1), fact('b', 1), fact('a', 3), fact('b', 3)]), older);
    expect(newest).toEqual({
      digest: d1,
      pushedAtMs: at(1),
      ...noRevert,
    });
  });

  it('finds no revert when the other digest was pushed at the same time as the first push', () => {
    const back = imageWith(d1, [fact('a', 1), fact('a', 3)]);
    expect(pushes(back, imageWith(d2, [fact('b', 1)])).map(({ revertedAtMs }) => revertedAtMs)).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('finds no revert when the other digest was pushed at the same time as the second push', () => {
    expect(order(imageWith(d2, [fact('a', 1), fact('a', 3)]), imageWith(d1, [fact('a', 3)]))).toEqual([
      d1,
      d2,
    ]);
  });

  it('finds no revert when the other digest was reported at the same time as the second push', () => {
    const late = imageWith(d3, [fact('a', 2), fact('b', 2.5), fact('a', 3), fact('b', 5)]);
    const back = imageWith(d1, [fact('a', 1), fact('b', 1), fact('a', 4), fact('b', 5)]);
    expect(pushes(back, late)).toEqual([
      { digest: d1, pushedAtMs: at(4), ...revert(4, 3) },
      { digest: d3, pushedAtMs: at(2), ...noRevert },
    ]);
  });

  it('does not take two pushes of a digest in a row for a revert', () => {
    const [, older] = pushes(imageWith(d1, [fact('a', 1), fact('a', 2)]), imageWith(d2, [fact('a', 3)]));
    expect(older).toEqual({
      digest: d1,
      pushedAtMs: at(1),
      ...noRevert,
    });
  });

  it('ignores verified facts, which may be from before a push', () => {
    const read = imageWith(d1, [fact('a', 1), fact('a', 3, 'verified')]);
    expect(order(read, imageWith(d2, [fact('a', 2)]))).toEqual([d2, d1]);
  });

  it('counts a push that names no region', () => {
    const withoutRegion = anImage({ id: idOf(d2), references: [aReference({ regionlessPushAtMs: at(2) })] });
    expect(order(imageWith(d1, [fact('a', 1)]), withoutRegion)).toEqual([d2, d1]);
  });

  it.each([
    ['not that from before the deletion, beside one since', 1, 4, 4],
    ['that since the deletion, and not one before', 4, 1, 4],
  ])('counts of a push that names no region %s', (_, regionless, inRegion, pushed) => {
    const reference = aReference({ facts: [fact('a', inRegion)], regionlessPushAtMs: at(regionless) });
    const again = anImage({ references: [reference], deletions: deletedAt(3) });
    expect(pushes(again)).toEqual([{ digest: d1, pushedAtMs: at(pushed), ...noRevert }]);
  });

  it('has the latest episode of an image that was deleted and pushed again', () => {
    const again = imageWith(d1, [fact('a', 1), fact('b', 4)], 3);
    expect(pushes(again, imageWith(d2, [fact('a', 2), fact('b', 2)]))).toEqual([
      { digest: d1, pushedAtMs: at(4), ...noRevert },
      { digest: d2, pushedAtMs: at(2), ...noRevert },
    ]);
  });

  it('keeps the push of an image that is deleted', () => {
    expect(order(imageWith(d1, [fact('a', 1)]), imageWith(d2, [fact('a', 2)], 3))).toEqual([d2, d1]);
  });

  it('leaves out images that the tag never pointed at', () => {
    const other = anImage({ references: [aReference({ tag: 'v2', facts: [fact('a', 1)] })] });
    expect(pushes(other, imageWith(d2, []))).toEqual([]);
  });

  const aFact = fc
    .tuple(
      fc.constantFrom('a', 'b', 'c'),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom('webhook' as const, 'event' as const, 'verified' as const),
    )
    .map(([region, seconds, evidence]) => fact(region, seconds, evidence));
  const someFacts = fc.uniqueArray(aFact, {
    maxLength: 8,
    selector: ({ region, atMs, evidence }) => `${region} ${atMs} ${evidence}`,
  });

  it('does not depend on the order of images and facts', () => {
    const shuffled = <T>(items: readonly T[]) =>
      fc.shuffledSubarray([...items], { minLength: items.length, maxLength: items.length });
    const twoOrders = fc.tuple(someFacts, someFacts, someFacts).chain((all) => {
      const images = all.map((facts, index) => ({ digest: [d1, d2, d3][index] ?? d1, facts }));
      const other = fc.tuple(
        ...images.map(({ digest, facts }) =>
          fc.record({ digest: fc.constant(digest), facts: shuffled(facts) }),
        ),
      );
      return fc.tuple(fc.constant(images), other.chain(shuffled));
    });
    fc.assert(
      fc.property(twoOrders, ([one, other]) => {
        const of = (images: typeof one) =>
          pushes(...images.map(({ digest, facts }) => imageWith(digest, facts)));
        expect(of(other)).toEqual(of(one));
      }),
      { numRuns: 500 },
    );
  });
});

describe('a revert that was found', () => {
  it.each<[known: number | undefined, found: number, from: number, hasVerdict: boolean, means: string]>([
    [undefined, 12, 11, false, 'new'],
    [12, 12, 11, true, 'known'],
    [12, 14, 13, true, 'new'],
    [12, 14, 12, true, 'known'],
    [12, 11.9, 11, true, 'moved'],
    [12, 12.1, 11, false, 'moved'],
    [12, 12.1, 11, true, 'known'],
  ])(
    'of %s, when %s is found with a push at %s in between, and a verdict: %s, is %s',
    (known, found, from, hasVerdict, means) => {
      const reference = {
        revertedAtMs: known === undefined ? undefined : at(known),
        replicatedAtMs: hasVerdict ? at(20) : undefined,
      };
      expect(meaningOfRevert(reference, revert(found, from))).toBe(means);
    },
  );
});

describe('a region resolves a tag to another digest', () => {
  const reference = aReference({ facts: [fact('eastus', 5)] });
  const newest = anImage({ id: idOf(d2), references: [reference] });
  const older = (digest: string, facts: readonly ReturnType<typeof fact>[], parts = {}) =>
    anImage({ id: idOf(digest), references: [aReference({ facts })], ...parts });
  const expected = ['eastus', 'westus'];
  const nothingObserved = { answered: new Set<string>(), otherDigests: new Map<string, string>() };

  const diverged = (
    images: readonly ReturnType<typeof older>[],
    observed = nothingObserved,
    regions = expected,
  ) => Object.fromEntries(divergedRegions(newest, reference, images, regions, observed));
  const reportedBefore = [older(d1, [fact('eastus', 1), fact('westus', 1)])];

  it('when it reported an older one before, and was not asked', () => {
    expect(diverged(reportedBefore)).toEqual({ westus: d1 });
  });

  it('which is the one that it reported last', () => {
    expect(diverged([...reportedBefore, older(d3, [fact('westus', 3)])])).toEqual({ westus: d3 });
  });

  it('when it answers so, whatever it reported before', () => {
    const observed = { answered: new Set(['westus']), otherDigests: new Map([['westus', d3]]) };
    expect(diverged(reportedBefore, observed)).toEqual({ westus: d3 });
  });

  it.each([
    ['when it never reported any', [], nothingObserved],
    [
      'when it reported the older one under another tag',
      [anImage({ references: [aReference({ tag: 'v2', facts: [fact('westus', 1)] })] })],
      nothingObserved,
    ],
    [
      'when it answers that it has no such tag',
      reportedBefore,
      { ...nothingObserved, answered: new Set(['westus']) },
    ],
    [
      'when the older one was deleted',
      [older(d1, [fact('westus', 1)], { deletions: deletedAt(2) })],
      nothingObserved,
    ],
    [
      'when it answers with the newest digest',
      reportedBefore,
      { ...nothingObserved, otherDigests: new Map([['westus', d2]]) },
    ],
  ])('not %s', (_, images, observed) => {
    expect(diverged(images, observed)).toEqual({});
  });

  it('only when it is expected', () => {
    expect(diverged(reportedBefore, nothingObserved, ['eastus'])).toEqual({});
  });
});
