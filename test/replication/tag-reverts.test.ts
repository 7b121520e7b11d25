import { expect, it } from 'vitest';
import { withTagRevert } from '../../src/replication/tag-reverts.ts';
import { anImage, aReference, at, fact, referenceOf } from './fixtures.ts';

const facts = [fact('eastus', 1), fact('eastus', 5)];
const before = (reverted: number | undefined) =>
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

it.each<[what: string, known: number | undefined, found: number, firstSeenMs: number, verdict: boolean]>([
  ['the first revert is a new episode', undefined, 5, at(20), false],
  ['a later revert is a new episode', 5, 9, at(20), false],
  ['an older notification of the same revert keeps the episode', 5, 4, at(0), true],
])('%s', (_, known, found, firstSeenMs, hasVerdict) => {
  const image = withTagRevert(before(known), 'v1', at(found), at(20));
  const { revertedAtMs, replicatedAtMs, ...reference } = referenceOf(image);
  expect(revertedAtMs).toBe(at(found));
  expect(reference.firstSeenMs).toBe(firstSeenMs);
  expect(replicatedAtMs).toBe(hasVerdict ? at(6) : undefined);
  expect(image.verificationAttempts).toBe(hasVerdict ? 2 : 0);
});

it.each([
  ['no revert was found', undefined, 'v1'],
  ['the revert is known', 5, 'v1'],
  ['it has no such tag', 9, 'v2'],
])('the image stays the same when %s', (_, found, tag) => {
  const image = before(5);
  expect(withTagRevert(image, tag, found === undefined ? undefined : at(found), at(20))).toBe(image);
});
