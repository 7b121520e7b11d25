import { describe, expect, it } from 'vitest';
import {
  canServe,
  hasLeftSince,
  isGone,
  isSeeding,
  type Look,
  type Member,
  type Membership,
  mergedMembership,
  withLook,
} from '../../src/registries/membership.ts';
import type { Replica } from '../../src/registries/replica.ts';
import { replicaOf } from './registry-of.ts';

const gapMs = 30;
const seen = (parts: Partial<Replica> = {}): Look => ({ seen: [replicaOf('westus', parts)], absent: [] });
const absent: Look = { seen: [], absent: ['westus'] };
const nothing: Look = { seen: [], absent: [] };
const creating = seen({ provisioningState: 'Creating', displayStatus: 'Provisioning' });
const syncing = seen({ displayStatus: 'Syncing' });
const failed = (displayStatus: string, globalRouting: Replica['globalRouting']) =>
  seen({ provisioningState: 'Failed', displayStatus, globalRouting });

type Looks = readonly (readonly [atMs: number, look: Look])[];
const remembered = (looks: Looks): Membership =>
  looks.reduce<Membership>((known, [atMs, look]) => withLook(known, look, atMs, gapMs), new Map());
function memberAfter(looks: Looks): Member {
  const member = remembered(looks).get('westus');
  if (member === undefined) throw new Error('nothing is remembered of westus');
  return member;
}

describe('a replica', () => {
  it.each<[what: string, looks: Looks, isSeeded: boolean, serves: boolean]>([
    ['serves when it is ready', [[1, seen()]], true, true],
    ['is being seeded while it is created', [[1, creating]], false, false],
    [
      'is being seeded while it has done nothing but sync',
      [
        [1, creating],
        [2, syncing],
        [3, syncing],
      ],
      false,
      false,
    ],
    [
      'serves once it is ready',
      [
        [1, creating],
        [2, syncing],
        [3, seen()],
      ],
      true,
      true,
    ],
    [
      'serves when it syncs again',
      [
        [1, seen()],
        [2, syncing],
      ],
      true,
      true,
    ],
    [
      'is being seeded when it is created again',
      [
        [1, seen()],
        [2, creating],
        [3, syncing],
      ],
      false,
      false,
    ],
    ['serves when a change of it failed, and it is routed', [[1, failed('Failed', 'enabled')]], true, true],
    ['serves when a change of it failed, and it is well', [[1, failed('Ready', 'disabled')]], true, true],
    [
      'does not serve when a change of it failed otherwise',
      [
        [1, seen()],
        [2, failed('Failed', 'disabled')],
      ],
      true,
      false,
    ],
    [
      'serves when nobody has seen it for long',
      [
        [1, seen()],
        [99, nothing],
      ],
      true,
      true,
    ],
    [
      'serves after one look that did not find it',
      [
        [1, seen()],
        [2, absent],
      ],
      true,
      true,
    ],
  ])('%s', (_, looks, isSeeded, serves) => {
    const member = memberAfter(looks);
    expect([!isSeeding(member), canServe(member)]).toEqual([isSeeded, serves]);
  });

  it.each<[what: string, looks: Looks, gone: boolean]>([
    [
      'not after one look that did not find it',
      [
        [10, seen()],
        [20, absent],
      ],
      false,
    ],
    [
      'not after two that are too near',
      [
        [10, seen()],
        [20, absent],
        [49, absent],
      ],
      false,
    ],
    [
      'after two that are far enough apart',
      [
        [10, seen()],
        [20, absent],
        [50, absent],
      ],
      true,
    ],
    [
      'not when a look between them found it',
      [
        [10, seen()],
        [20, absent],
        [40, seen()],
        [60, absent],
      ],
      false,
    ],
    [
      'after a look between them that learned nothing',
      [
        [10, seen()],
        [20, absent],
        [40, nothing],
        [60, absent],
      ],
      true,
    ],
    [
      'not any more when it is back',
      [
        [10, seen()],
        [20, absent],
        [50, absent],
        [60, seen()],
      ],
      false,
    ],
  ])('is gone %s', (_, looks, gone) => {
    expect(isGone(memberAfter(looks))).toBe(gone);
  });

  it('that comes back is seeded anew, and has left what was there before', () => {
    const back = memberAfter([
      [10, seen()],
      [20, absent],
      [50, absent],
      [60, syncing],
    ]);
    expect(isSeeding(back)).toBe(true);
    expect([hasLeftSince(back, 15), hasLeftSince(back, 70)]).toEqual([true, false]);
  });

  it('that nobody saw is not remembered for its absence', () => {
    expect(remembered([[1, absent]]).size).toBe(0);
  });

  it('is the same value as long as nothing changes', () => {
    const known = remembered([[1, seen()]]);
    expect(withLook(known, seen(), 99, gapMs)).toBe(known);
  });
});

describe('what two remember', () => {
  it.each<[what: string, stored: Looks, own: Looks, serves: boolean]>([
    ['a replica that one of them saw ready', [[1, seen()]], [[2, syncing]], true],
    ['a replica that the other saw ready', [[1, syncing]], [[2, seen()]], true],
    ['none that was created again since', [[5, creating]], [[1, seen()]], false],
    ['one that was ready after it was created again', [[5, creating]], [[9, seen()]], true],
    ['one that only one of them saw', [], [[1, seen()]], true],
    [
      'none that is gone',
      [
        [1, seen()],
        [10, absent],
        [50, absent],
      ],
      [[2, seen()]],
      false,
    ],
  ])('is %s', (_, stored, own, serves) => {
    const member = mergedMembership(remembered(stored), remembered(own)).get('westus');
    expect(member !== undefined && canServe(member)).toBe(serves);
  });
});
