import { describe, expect, it } from 'vitest';
import { divergedRegions } from '../../src/replication/tag-history.ts';
import { anImage, aReference, at, d1, d2, d3, fact, idOf } from './fixtures.ts';

const reference = aReference({ facts: [fact('eastus', 5)] });
const newest = anImage({ id: idOf(d2), references: [reference] });
const older = (digest: string, facts: readonly ReturnType<typeof fact>[], parts = {}) =>
  anImage({ id: idOf(digest), references: [aReference({ facts })], ...parts });
const expected = ['eastus', 'westus'];
const silent = { answered: new Set<string>(), otherDigests: new Map<string, string>() };

const diverged = (images: readonly ReturnType<typeof older>[], asked = silent, regions = expected) =>
  Object.fromEntries(divergedRegions(newest, reference, images, regions, asked));

describe('a region resolves a tag to another digest', () => {
  const shownBefore = [older(d1, [fact('eastus', 1), fact('westus', 1)])];

  it('when it showed an older one before, and was not asked', () => {
    expect(diverged(shownBefore)).toEqual({ westus: d1 });
  });

  it('to the one that it showed last', () => {
    expect(diverged([...shownBefore, older(d3, [fact('westus', 3)])])).toEqual({ westus: d3 });
  });

  it('when it says so, whatever it showed', () => {
    const asked = { answered: new Set(['westus']), otherDigests: new Map([['westus', d3]]) };
    expect(diverged(shownBefore, asked)).toEqual({ westus: d3 });
  });

  it.each([
    ['when it never showed any', [], silent],
    ['when it says that it has no such tag', shownBefore, { ...silent, answered: new Set(['westus']) }],
    ['when the older one was deleted', [older(d1, [fact('westus', 1)], { deletedAtMs: at(2) })], silent],
    ['when it says the newest digest', shownBefore, { ...silent, otherDigests: new Map([['westus', d2]]) }],
  ])('not %s', (_, images, asked) => {
    expect(diverged(images, asked)).toEqual({});
  });

  it('only where it is expected', () => {
    expect(diverged(shownBefore, silent, ['eastus'])).toEqual({});
  });
});
