import { describe, expect, it } from 'vitest';
import {
  type Deletions,
  deletionFloor,
  hasToldLast,
  isSameDeletions,
  lastDeletionMs,
  mayBeOnItsWay,
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

  it.each([
    [10, 20, 20],
    [20, 10, 20],
  ])('was told last by the later of the two: of its region at %i s, without one at %i s', (own, of, last) => {
    const told = deletionsOf([
      ['eastus', own],
      [undefined, of],
    ]);
    expect(toldDeletionMs(told, 'eastus')).toBe(at(last));
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

  it.each<[what: string, told: Told, seconds: number, may: boolean]>([
    ['to a region that has not told it', [['eastus', 10]], 70, true],
    ['no longer when it has had all its time', [['eastus', 10]], 70.001, false],
    [
      'not to one that told it',
      [
        ['eastus', 10],
        ['westus', 11],
      ],
      20,
      false,
    ],
    [
      'not to one that told it at the same moment',
      [
        ['eastus', 10],
        ['westus', 10],
      ],
      20,
      false,
    ],
    [
      'to one that told an earlier one',
      [
        ['eastus', 10],
        ['westus', 12],
        ['eastus', 50],
      ],
      60,
      true,
    ],
    [
      'where its notification named no region',
      [
        ['westus', 12],
        [undefined, 50],
      ],
      60,
      true,
    ],
    ['not where there was none', [], 20, false],
  ])('may be on its way %s', (_, told, seconds, may) => {
    expect(mayBeOnItsWay(deletionsOf(told), 'westus', at(seconds), 60_000)).toBe(may);
  });

  it.each<[what: string, told: Told, isTold: boolean]>([
    [
      'told it',
      [
        ['westus', 12],
        ['eastus', 10],
      ],
      true,
    ],
    [
      'told one before it',
      [
        ['eastus', 10],
        ['westus', 12],
        ['eastus', 50],
      ],
      false,
    ],
    ['told none', [['eastus', 10]], false],
    ['cannot, as there was none', [], false],
  ])('was the last one that a region told, or not: it %s', (_, told, isTold) => {
    expect(hasToldLast(deletionsOf(told), 'westus')).toBe(isTold);
  });
});
