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
  const image = withTagRevert(before(known), 'v1', foundAt(found, from), at(20));
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
  const image = before(5);
  expect(withTagRevert(image, tag, found, at(20))).toBe(image);
});

it('the time of a known revert without a verdict follows what is known of it, in the same episode', () => {
  const known = aReference({ facts, revertedAtMs: at(5), stalledAtMs: at(12) });
  const image = withTagRevert(anImage({ references: [known] }), 'v1', foundAt(6, 3), at(20));
  expect(referenceOf(image)).toEqual({ ...known, revertedAtMs: at(6) });
});
