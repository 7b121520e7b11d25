import { describe, expect, it } from 'vitest';
import { expectedAfterDeletion, withLaterExpectation } from '../../src/replication/later-expectations.ts';
import { anImage, aReference, at, deletion, fact, push, referenceOf, registry, viewOf } from './fixtures.ts';

const later = (seconds: number, ...regions: string[]) => ({
  atMs: at(seconds),
  learnedAtMs: at(seconds + 10),
  regions,
});
const noticed = (notification: ReturnType<typeof push> | ReturnType<typeof deletion>) => ({
  notification,
  receivedAtMs: at(20),
});

describe('what a later push would wait for', () => {
  const image = anImage({ references: [aReference({ expected: ['eastus'] })] });
  const withPush = (notification: ReturnType<typeof push>, before = image) =>
    withLaterExpectation(before, noticed(notification), registry, viewOf('eastus', 'westus'));

  it('is remembered with both times of the push', () => {
    expect(referenceOf(withPush(push(9))).expectedLater).toEqual([
      { atMs: at(9), learnedAtMs: at(20), regions: ['eastus', 'westus'] },
    ]);
  });

  it('is remembered where its own facts are there already, and those of older pushes', () => {
    const facts = [fact('westus', 8), fact('eastus', 9), fact('eastus', 9, 'event')];
    const known = anImage({ references: [aReference({ expected: ['eastus'], facts })] });
    expect(referenceOf(withPush(push(9), known)).expectedLater).toHaveLength(1);
  });

  it('is remembered once, and the newest three at most', () => {
    const known = [later(1, 'eastus'), later(2), later(3, 'westus')];
    const full = anImage({ references: [aReference({ expected: ['eastus'], expectedLater: known })] });
    const { expectedLater } = referenceOf(withPush(push(9), full));
    expect(expectedLater.map(({ regions }) => regions)).toEqual([[], ['westus'], ['eastus', 'westus']]);
    const once = withPush(push(9), full);
    expect(withPush(push(10), once)).toBe(once);
  });

  it.each([
    [
      'it is what the reference waits for',
      anImage({ references: [aReference({ expected: ['eastus', 'westus'] })] }),
    ],
    ['nothing is known of the replicas at its first fact', anImage({ references: [aReference()] })],
    [
      'another region told of the push before',
      anImage({
        references: [aReference({ expected: ['eastus'], facts: [fact('westus', 9), fact('eastus', 9)] })],
      }),
    ],
    [
      'the region told of a later push before',
      anImage({
        references: [aReference({ expected: ['eastus'], facts: [fact('eastus', 10), fact('eastus', 9)] })],
      }),
    ],
    [
      'the reference is another one',
      anImage({ references: [aReference({ tag: 'v2', expected: ['eastus'] })] }),
    ],
  ])('is not remembered where %s', (_, before) => {
    expect(withPush(push(9), before)).toBe(before);
  });

  it('does not follow from a deletion', () => {
    expect(withLaterExpectation(image, noticed(deletion(9)), registry, viewOf('eastus', 'westus'))).toBe(
      image,
    );
  });
});

describe('after a deletion a reference waits for', () => {
  const reference = aReference({
    expected: ['eastus'],
    expectedLater: [later(100, 'eastus', 'westus'), later(200, 'westus')],
  });
  const left = (atSeconds: number, learnedSeconds: number) => ({
    atMs: at(atSeconds),
    learnedAtMs: at(learnedSeconds),
  });
  it.each<
    [what: string, left: Parameters<typeof expectedAfterDeletion>[1], regions: string[], remembered: number]
  >([
    ['what it waited for while an earlier push is left', [left(50, 60), left(250, 260)], ['eastus'], 2],
    [
      'what the first push that is left would wait for',
      [left(100, 110), left(250, 260)],
      ['eastus', 'westus'],
      1,
    ],
    ['the same when a region told that push earlier by its clock', [left(99, 115)], ['eastus', 'westus'], 1],
    [
      'the same when it was learned at the same moment as that push',
      [left(99, 110)],
      ['eastus', 'westus'],
      1,
    ],
    [
      'the same when another process learned it, whose clock is behind',
      [left(100, 90)],
      ['eastus', 'westus'],
      1,
    ],
    ['the newest set when only newer pushes are left', [left(200, 210)], ['westus'], 0],
    ['the same for a push that named no region', [{ atMs: at(200) }], ['westus'], 0],
    ['what it waited for when no push is left', [], ['eastus'], 2],
  ])('%s', (_, pushes, regions, remembered) => {
    const after = expectedAfterDeletion(reference, pushes);
    expect(after.expected).toEqual(regions);
    expect(after.expectedLater).toHaveLength(remembered);
  });
});
