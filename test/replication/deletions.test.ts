import { describe, expect, it } from 'vitest';
import {
  type Deletions,
  deletionFloor,
  isSameDeletions,
  lastDeletionMs,
  noDeletions,
  toldDeletionMs,
  withDeletion,
} from '../../src/replication/deletions.ts';
import { at } from './fixtures.ts';

type Told = readonly (readonly [region: string | undefined, seconds: number])[];
const deletionsOf = (told: Told): Deletions =>
  told.reduce<Deletions>((known, [region, seconds]) => withDeletion(known, region, at(seconds)), noDeletions);
const floors = (told: Told) => {
  const floorOf = deletionFloor(deletionsOf(told));
  return [floorOf('eastus'), floorOf('westus'), floorOf(undefined)].map((ms) => (ms - at(0)) / 1000);
};
const never = Number.NEGATIVE_INFINITY;

describe('pushes do not count up to', () => {
  it.each<[what: string, told: Told, eastus: number, westus: number, regionless: number]>([
    ['any time, where nothing was deleted', [], never, never, never],
    ['the deletion, in a region that has not told it', [['eastus', 10]], 10, 10, 10],
    [
      'its own deletion, in a region that told one',
      [
        ['eastus', 10],
        ['westus', 30],
      ],
      10,
      30,
      10,
    ],
    [
      'the second deletion, in a region that told only the first',
      [
        ['eastus', 10],
        ['westus', 12],
        ['eastus', 50],
      ],
      50,
      50,
      50,
    ],
    [
      'its own second deletion',
      [
        ['eastus', 10],
        ['westus', 12],
        ['eastus', 50],
        ['westus', 60],
      ],
      50,
      60,
      50,
    ],
    ['a deletion that named no region, everywhere', [[undefined, 10]], 10, 10, 10],
    [
      'the newest of several that named none',
      [
        [undefined, 10],
        [undefined, 30],
      ],
      30,
      30,
      30,
    ],
    [
      'one that named none, also in a region that told it earlier',
      [
        ['eastus', 10],
        [undefined, 11],
      ],
      11,
      11,
      11,
    ],
    [
      'the last of several times that a region gives one deletion',
      [
        ['eastus', 10],
        ['eastus', 10.5],
      ],
      10.5,
      10,
      10,
    ],
  ])('%s', (_, told, ...expected) => {
    expect(floors(told)).toEqual(expected);
    expect(floors(told.toReversed())).toEqual(expected);
  });
});

describe('a deletion', () => {
  it('that was told already changes nothing', () => {
    const told = deletionsOf([
      ['eastus', 10],
      [undefined, 10],
    ]);
    expect(withDeletion(told, 'eastus', at(10))).toBe(told);
    expect(withDeletion(told, undefined, at(9))).toBe(told);
  });

  it('is kept with the seven before it in its region, and no more', () => {
    const many = deletionsOf(Array.from({ length: 20 }, (_, index) => ['eastus', index * 10] as const));
    expect(many.byRegion['eastus']).toHaveLength(8);
    expect(lastDeletionMs(many)).toBe(at(190));
    expect(withDeletion(many, 'eastus', at(5))).toBe(many);
  });

  it('was told by a region, or by a notification that named none', () => {
    expect(toldDeletionMs(deletionsOf([['eastus', 10]]), 'eastus')).toBe(at(10));
    expect(toldDeletionMs(deletionsOf([['eastus', 10]]), 'westus')).toBeUndefined();
    expect(
      toldDeletionMs(
        deletionsOf([
          ['eastus', 10],
          [undefined, 20],
        ]),
        'westus',
      ),
    ).toBe(at(20));
  });

  it('leaves the same behind in whatever order regions tell it', () => {
    const told: Told = [
      ['eastus', 10],
      ['westus', 12],
      ['eastus', 50],
    ];
    expect(isSameDeletions(deletionsOf(told), deletionsOf(told.toReversed()))).toBe(true);
    expect(isSameDeletions(deletionsOf(told), deletionsOf(told.slice(1)))).toBe(false);
  });
});
