import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../src/replication/image.ts';
import { tagPushes } from '../../src/replication/tag-history.ts';
import { anImage, aReference, at, d1, d2, d3, fact, idOf } from './fixtures.ts';

const shown = (digest: string, facts: readonly Fact[], deletedAtMs?: number) =>
  anImage({ id: idOf(digest), references: [aReference({ facts })], deletedAtMs });
const timeline = (...images: Parameters<typeof tagPushes>[1]) => tagPushes('v1', images);
const order = (...images: Parameters<typeof tagPushes>[1]) => timeline(...images).map(({ digest }) => digest);

describe('tagTimeline', () => {
  it('has the newest push first', () => {
    expect(timeline(shown(d1, [fact('a', 1)]), shown(d2, [fact('a', 2)]))).toEqual([
      { digest: d2, pushedAtMs: at(2), revertedAtMs: undefined },
      { digest: d1, pushedAtMs: at(1), revertedAtMs: undefined },
    ]);
  });

  it('decides ties by digest, in whatever order the images come', () => {
    const images = [d1, d2, d3].map((digest) => shown(digest, [fact('a', 1)]));
    expect(order(...images)).toEqual([d3, d2, d1]);
    expect(order(...images.toReversed())).toEqual([d3, d2, d1]);
  });

  it('takes a push to be as old as its oldest notice, because a copy may tell its own time', () => {
    const late = shown(d1, [fact('a', 1), fact('b', 9)]);
    expect(order(late, shown(d2, [fact('a', 2), fact('b', 5)]))).toEqual([d2, d1]);
  });

  it('takes copies with the time of the push as what they are', () => {
    const first = shown(d1, [fact('a', 1), fact('b', 1)]);
    expect(order(first, shown(d2, [fact('a', 2), fact('b', 2)]))).toEqual([d2, d1]);
  });

  it('sees a tag come back where a region showed a digest, another, and the first again', () => {
    const back = shown(d1, [fact('a', 1), fact('a', 3)]);
    expect(timeline(back, shown(d2, [fact('a', 2)]))).toEqual([
      { digest: d1, pushedAtMs: at(3), revertedAtMs: at(3) },
      { digest: d2, pushedAtMs: at(2), revertedAtMs: undefined },
    ]);
  });

  it('dates a return by the first region that saw it', () => {
    const back = shown(d1, [fact('a', 1), fact('b', 1.5), fact('b', 3.5), fact('a', 3)]);
    const between = shown(d2, [fact('a', 2), fact('b', 2.5)]);
    expect(timeline(back, between)[0]).toEqual({ digest: d1, pushedAtMs: at(3), revertedAtMs: at(3) });
  });

  it('counts the last of several returns', () => {
    const back = shown(d1, [fact('a', 1), fact('a', 3), fact('a', 5)]);
    const between = shown(d2, [fact('a', 2), fact('a', 4)]);
    expect(timeline(back, between)).toEqual([
      { digest: d1, pushedAtMs: at(5), revertedAtMs: at(5) },
      { digest: d2, pushedAtMs: at(4), revertedAtMs: at(4) },
    ]);
  });

  it('takes no late copy for a return', () => {
    const late = shown(d1, [fact('a', 1), fact('b', 9)]);
    const [newest, older] = timeline(late, shown(d2, [fact('a', 2), fact('b', 5)]));
    expect([newest?.digest, newest?.revertedAtMs, older?.revertedAtMs]).toEqual([d2, undefined, undefined]);
  });

  it('takes a late copy of a second push in a row for no return', () => {
    const twice = shown(d1, [fact('a', 1), fact('b', 1.5), fact('a', 2), fact('b', 3.9)]);
    expect(timeline(twice, shown(d2, [fact('a', 3), fact('b', 3.5)]))).toEqual([
      { digest: d2, pushedAtMs: at(3), revertedAtMs: undefined },
      { digest: d1, pushedAtMs: at(1), revertedAtMs: undefined },
    ]);
  });

  it('takes a late copy of an older push for nothing that came in between', () => {
    const older = shown(d2, [fact('a', 0), fact('b', 2)]);
    const [newest] = timeline(shown(d1, [fact('a', 1), fact('b', 1), fact('a', 3), fact('b', 3)]), older);
    expect(newest).toEqual({ digest: d1, pushedAtMs: at(1), revertedAtMs: undefined });
  });

  it('takes nothing for a return that was pushed at the same time as what was to be in between', () => {
    expect(order(shown(d2, [fact('a', 1), fact('a', 3)]), shown(d1, [fact('a', 3)]))).toEqual([d1, d2]);
  });

  it('takes nothing for a return that was shown at the same time as what was to be in between', () => {
    const late = shown(d3, [fact('a', 2), fact('b', 2.5), fact('a', 3), fact('b', 5)]);
    const back = shown(d1, [fact('a', 1), fact('b', 1), fact('a', 4), fact('b', 5)]);
    expect(timeline(back, late)).toEqual([
      { digest: d1, pushedAtMs: at(4), revertedAtMs: at(4) },
      { digest: d3, pushedAtMs: at(2), revertedAtMs: undefined },
    ]);
  });

  it('takes the same digest pushed twice in a row for no return', () => {
    const [, older] = timeline(shown(d1, [fact('a', 1), fact('a', 2)]), shown(d2, [fact('a', 3)]));
    expect(older).toEqual({ digest: d1, pushedAtMs: at(1), revertedAtMs: undefined });
  });

  it('goes by notices: what was read at an endpoint may be from before a push', () => {
    const read = shown(d1, [fact('a', 1), fact('a', 3, 'verified')]);
    expect(order(read, shown(d2, [fact('a', 2)]))).toEqual([d2, d1]);
  });

  it('counts a push that names no region', () => {
    const unplaced = anImage({ id: idOf(d2), references: [aReference({ regionlessPushAtMs: at(2) })] });
    expect(order(shown(d1, [fact('a', 1)]), unplaced)).toEqual([d2, d1]);
  });

  it('counts the latest episode of an image that was deleted and pushed again', () => {
    const again = shown(d1, [fact('a', 1), fact('b', 4)], at(3));
    expect(timeline(again, shown(d2, [fact('a', 2), fact('b', 2)]))).toEqual([
      { digest: d1, pushedAtMs: at(4), revertedAtMs: undefined },
      { digest: d2, pushedAtMs: at(2), revertedAtMs: undefined },
    ]);
  });

  it('remembers where the tag pointed when that image is deleted', () => {
    expect(order(shown(d1, [fact('a', 1)]), shown(d2, [fact('a', 2)], at(3)))).toEqual([d2, d1]);
  });

  it('knows nothing of images that the tag never pointed at', () => {
    const other = anImage({ references: [aReference({ tag: 'v2', facts: [fact('a', 1)] })] });
    expect(timeline(other, shown(d2, []))).toEqual([]);
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
          timeline(...images.map(({ digest, facts }) => shown(digest, facts)));
        expect(of(other)).toEqual(of(one));
      }),
      { numRuns: 500 },
    );
  });
});
