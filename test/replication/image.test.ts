import { describe, expect, it } from 'vitest';
import {
  digestFacts,
  isDeleted,
  isFinished,
  isLive,
  lateReferences,
  openReferences,
  pushesOf,
  referenceFacts,
  wasRead,
  withKnownEpisode,
} from '../../src/replication/image.ts';
import { anImage, aReference, at, deletedAt, fact, minuteMs } from './fixtures.ts';

const secondsOf = (facts: readonly { readonly atMs: number }[]) => facts.map(({ atMs }) => atMs - at(0));

describe('the facts that count', () => {
  const facts = [4, 5, 6].map((seconds) => fact('eastus', seconds));
  const verified = [fact('westus', 7, 'verified'), { ...fact('westus', 8), isWithdrawn: true as const }];
  const image = anImage({ deletions: deletedAt(4), references: [aReference({ facts })], verified });

  it('of a digest are newer than its deletion, and not withdrawn, under whichever reference', () => {
    expect(secondsOf(digestFacts(image)).toSorted()).toEqual([5_000, 6_000, 7_000]);
  });
  it.each<[string, Parameters<typeof aReference>[0], number[]]>([
    ['a tag: its own', {}, [5_000, 6_000]],
    ['… from the revert of the tag on', { revertedAtMs: at(6) }, [6_000]],
    ['a push by digest: all of the digest', { tag: undefined }, [5_000, 6_000, 7_000]],
  ])('of %s', (_, changes, expected) => {
    const reference = aReference({ facts, ...changes });
    expect(secondsOf(referenceFacts(image, reference)).toSorted()).toEqual(expected);
  });
  it('were read where an endpoint answered', () => {
    const all = (['webhook', 'event', 'verified', 'pullable'] as const).map((one) => fact('eastus', 1, one));
    expect(all.map(wasRead)).toEqual([false, false, true, true]);
  });
});

describe('a reference', () => {
  it.each<[string, Parameters<typeof aReference>[0], boolean]>([
    ['a region told of it since', { facts: [fact('eastus', 4), fact('eastus', 6)] }, true],
    ['none did', { facts: [fact('eastus', 4)] }, false],
    ['it was pushed since, in no region that is known', { regionlessPushAtMs: at(6) }, true],
    ['… before that', { regionlessPushAtMs: at(5) }, false],
    ['nobody told of it', {}, false],
  ])('is live after a deletion, or not: %s', (_, changes, expected) => {
    const image = anImage({ deletions: deletedAt(5), references: [aReference(changes)] });
    expect(isLive(image, aReference(changes))).toBe(expected);
    expect(isDeleted(image)).toBe(!expected);
  });
  it('is not deleted where nobody told of a deletion', () => {
    expect(isDeleted(anImage())).toBe(false);
  });
  it('lists every push that is known of it', () => {
    const reference = aReference({ facts: [fact('eastus', 1)], regionlessPushAtMs: at(2) });
    expect(pushesOf(reference)).toMatchObject([
      { region: 'eastus', atMs: at(1) },
      { region: undefined, atMs: at(2) },
    ]);
    expect(pushesOf(aReference())).toEqual([]);
  });
  it('belongs to the episode in which its first verdict was given', () => {
    const image = { deletions: deletedAt(5) };
    expect(withKnownEpisode(aReference(), image).episodeMs).toBe(at(5));
    expect(withKnownEpisode(aReference({ episodeMs: at(1) }), image).episodeMs).toBe(at(1));
    expect(withKnownEpisode(aReference(), anImage()).episodeMs).toBe(0);
  });
});

describe('an image', () => {
  const pushed = { facts: [fact('eastus', 0)] };
  const open = aReference(pushed);
  const replicated = aReference({ ...pushed, tag: 'v2', replicatedAtMs: at(1) });
  const superseded = aReference({ ...pushed, tag: 'v3', supersededAtMs: at(1) });
  const signal = { id: '1', type: 'evenkeel.image.replicated', source: '', subject: '', data: {} } as const;

  it('has open references as long as somebody may wait for them', () => {
    const image = anImage({ references: [open, replicated, superseded, aReference({ tag: 'v4' })] });
    expect(openReferences(image)).toEqual([open]);
  });
  it('is late when the objective is over, and not at its end', () => {
    const image = anImage({ references: [open] });
    expect(lateReferences(image, minuteMs, at(60))).toEqual([]);
    expect(lateReferences(image, minuteMs, at(60) + 1)).toEqual([open]);
  });
  it('is finished when nothing is left to wait for, nor to publish', () => {
    expect(isFinished(anImage({ references: [replicated, superseded] }))).toBe(true);
    expect(isFinished(anImage({ references: [replicated, open] }))).toBe(false);
    expect(isFinished(anImage({ references: [replicated], outbox: [signal] }))).toBe(false);
  });
});
