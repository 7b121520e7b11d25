import { describe, expect, it } from 'vitest';
import { type Image, isFinished, type Reference } from '../../src/replication/image.ts';
import type { TagHistory } from '../../src/replication/tag-history.ts';
import {
  markFinished,
  withDelayVerdicts,
  withReplicatedVerdicts,
  withSupersededVerdicts,
} from '../../src/replication/verdict.ts';
import { anImage, aReference, at, d1, d2, deletedAt, fact, idOf, referenceOf, registry } from './fixtures.ts';

const expected = ['eastus', 'westus'];
const judged = (image: Image, regions: readonly string[] = expected) =>
  withReplicatedVerdicts(image, () => regions, registry.id, at(50));
const everywhere = [fact('eastus', 1), fact('westus', 2)];
const subjects = (image: Image) => image.outbox.map(({ subject }) => subject);

describe('withReplicatedVerdicts', () => {
  it.each<[what: string, image: Image, subjects: readonly string[]]>([
    [
      'nothing where a region is missing',
      anImage({ references: [aReference({ facts: [fact('eastus', 1)] })] }),
      [],
    ],
    [
      'a tag that every region has reported',
      anImage({ references: [aReference({ facts: everywhere })] }),
      ['team/app:v1'],
    ],
    [
      'a digest that every region has',
      anImage({ references: [aReference({ tag: undefined, facts: everywhere })] }),
      [`team/app@${anImage().id.digest}`],
    ],
    [
      'a push by digest, however the regions got the digest',
      anImage({
        references: [
          aReference({ tag: undefined, facts: [fact('eastus', 1)] }),
          aReference({ facts: [fact('westus', 2)] }),
        ],
      }),
      [`team/app@${anImage().id.digest}`],
    ],
    [
      'no tag that some region did not report on this digest',
      anImage({
        references: [
          aReference({ facts: [fact('eastus', 1)] }),
          aReference({ tag: 'v2', facts: everywhere }),
        ],
      }),
      ['team/app:v2'],
    ],
    [
      'a tag that was read where no notification reported it',
      anImage({ references: [aReference({ facts: [fact('eastus', 1), fact('westus', 9, 'verified')] })] }),
      ['team/app:v1'],
    ],
    [
      'no tag where only the digest was read',
      anImage({
        references: [aReference({ facts: [fact('eastus', 1)] })],
        verified: [fact('westus', 9, 'verified')],
      }),
      [],
    ],
    [
      'nothing by facts from before a deletion',
      anImage({ deletions: deletedAt(1), references: [aReference({ facts: everywhere })] }),
      [],
    ],
    [
      'nothing by facts from before the tag reverted',
      anImage({
        references: [aReference({ facts: [...everywhere, fact('eastus', 5)], revertedAtMs: at(5) })],
      }),
      [],
    ],
    [
      'a tag that reverted everywhere',
      anImage({
        references: [
          aReference({ facts: [...everywhere, fact('eastus', 5), fact('westus', 6)], revertedAtMs: at(5) }),
        ],
      }),
      ['team/app:v1'],
    ],
  ])('gives a verdict to %s', (_, image, expectedSubjects) => {
    expect(subjects(judged(image))).toEqual(expectedSubjects);
  });

  it('gives none while the expected regions are unknown', () => {
    const image = anImage({ references: [aReference({ facts: everywhere })] });
    expect(judged(image, [])).toBe(image);
  });

  it('gives each verdict once', () => {
    const once = judged(anImage({ references: [aReference({ facts: everywhere })] }));
    expect(judged(once)).toBe(once);
    expect(once.outbox).toHaveLength(1);
  });

  it('dates the digest and the reference by the clock of evenkeel', () => {
    const image = judged(anImage({ references: [aReference({ facts: everywhere })] }));
    expect(image.replicatedAtMs).toBe(at(50));
    expect(referenceOf(image).replicatedAtMs).toBe(at(50));
  });

  it('may find the digest replicated before its tag', () => {
    const references = [aReference({ facts: [fact('eastus', 1)] })];
    const image = judged(anImage({ references, verified: [fact('westus', 9, 'verified')] }));
    expect(image.replicatedAtMs).toBe(at(50));
    expect(referenceOf(image).replicatedAtMs).toBeUndefined();
  });

  it('does not wait for a replica that is gone', () => {
    const image = anImage({ references: [aReference({ facts: [fact('eastus', 1)] })] });
    const [signal] = judged(image, ['eastus']).outbox;
    expect(signal?.data['regions']).toMatchObject([{ region: 'eastus', state: 'available' }]);
  });

  it('takes no verdict back when a region is expected again', () => {
    const image = judged(anImage({ references: [aReference({ facts: [fact('eastus', 1)] })] }), ['eastus']);
    expect(judged(image)).toBe(image);
  });

  it('gives a verdict to a superseded reference that is complete after all', () => {
    const superseded = aReference({ facts: everywhere, supersededAtMs: at(20) });
    expect(subjects(judged(anImage({ references: [superseded] })))).toEqual(['team/app:v1']);
  });
});

/** What is known of `v1`, which points at this digest. */
const historyOf = (digest: string, ...images: readonly Image[]): ReadonlyMap<string, TagHistory> => {
  const push = { digest, pushedAtMs: at(1), revertedAtMs: undefined, revertedFromMs: undefined };
  return new Map([['v1', { images, pushes: [push] }]]);
};

describe('a reference is superseded', () => {
  it.each<[when: string, reference: Reference, digest: string, isSuperseded: boolean]>([
    ['when its tag points at another digest', aReference(), d2, true],
    ['not while its tag points at it', aReference(), d1, false],
    ['not while nothing is known of its tag', aReference({ tag: 'v2' }), d2, false],
    ['never when it was pushed by digest', aReference({ tag: undefined }), d2, false],
  ])('%s', (_, reference, digest, isSuperseded) => {
    const image = anImage({ references: [reference] });
    const [after] = withSupersededVerdicts(image, historyOf(digest), at(50)).references;
    expect(after?.supersededAtMs).toBe(isSuperseded ? at(50) : undefined);
  });
});

describe('a reference that is late', () => {
  const regions = ['eastus', 'westus', 'uksouth', 'northeurope', 'westeurope'];
  const late = aReference({ facts: [fact('eastus', 1)] });
  const lateByDigest = { ...late, tag: undefined };
  const older = anImage({ id: idOf(d2), references: [aReference({ facts: [fact('westus', 0)] })] });
  function delayed(
    references: readonly Reference[],
    {
      histories = historyOf(d1),
      seconds = 601,
      others = new Map<string, ReadonlyMap<string, string>>(),
    } = {},
  ) {
    const image = anImage({ references, unverified: { westus: 'no answer' } });
    const verification = {
      facts: new Map(),
      unverified: new Map(),
      otherDigests: others,
      answered: new Set<string>(),
    };
    const context = { histories, verification, registry, expect: () => regions, nowMs: at(seconds) };
    const { outbox, references: after } = withDelayVerdicts(image, context);
    return { types: outbox.map(({ type }) => type.split('.').at(-1)), outbox, after, image };
  }

  it('is stalled, with what brings it to the first three regions that lack it', () => {
    const { types, outbox, after } = delayed([late]);
    expect(types).toEqual(['replicationStalled']);
    expect(after).toMatchObject([{ stalledAtMs: at(601), divergedAtMs: undefined, episodeMs: 0 }]);
    expect(outbox[0]?.data).toMatchObject({ missing: regions.slice(1), unverified: { westus: 'no answer' } });
    expect(outbox[0]?.data['repairs']).toHaveLength(3);
  });

  it('is said to be so once', () => {
    const { types, after } = delayed([{ ...late, stalledAtMs: at(600), episodeMs: 0 }]);
    expect(types).toEqual([]);
    expect(after).toMatchObject([{ stalledAtMs: at(600) }]);
  });

  it('is nothing before the objective has passed', () => {
    const { types, after, image } = delayed([late], { seconds: 600 });
    expect(types).toEqual([]);
    expect(after[0]).toBe(image.references[0]);
  });

  it.each<[what: string, reference: Reference, given: Parameters<typeof delayed>[1], types: string[]]>([
    [
      'diverged where a region reported an older digest last',
      late,
      { histories: historyOf(d1, older) },
      ['replicationStalled', 'tagDiverged'],
    ],
    [
      'diverged where a region shows another digest',
      late,
      { others: new Map([['v1', new Map([['westus', d2]])]]) },
      ['replicationStalled', 'tagDiverged'],
    ],
    [
      'not diverged by what its own digest told',
      late,
      { histories: historyOf(d1, anImage({ references: [{ ...late, facts: [fact('westus', 1)] }] })) },
      ['replicationStalled'],
    ],
    [
      'not diverged where nothing is known of its tag',
      late,
      { histories: new Map() },
      ['replicationStalled'],
    ],
    [
      'not diverged where it was pushed by digest',
      lateByDigest,
      { histories: historyOf(d1, older) },
      ['replicationStalled'],
    ],
    [
      'said to be diverged once',
      { ...late, stalledAtMs: at(600), divergedAtMs: at(600) },
      { histories: historyOf(d1, older) },
      [],
    ],
    [
      'said to be diverged after it was stalled',
      { ...late, stalledAtMs: at(600) },
      { histories: historyOf(d1, older) },
      ['tagDiverged'],
    ],
  ])('is %s', (_, reference, given, types) => {
    const found = delayed([reference], given);
    expect(found.types).toEqual(types);
    const divergedAtMs = types.includes('tagDiverged') ? at(601) : reference.divergedAtMs;
    expect(found.after[0]?.divergedAtMs).toBe(divergedAtMs);
  });
});

describe('an image is finished', () => {
  const signal = { id: 'a', type: 'evenkeel.test' as const, source: 's', subject: 't', data: {} };
  const open = aReference({ facts: [fact('eastus', 1)] });
  const done = aReference({ tag: 'v2', facts: [fact('eastus', 1)], replicatedAtMs: at(9) });
  const passed = aReference({ tag: 'v3', facts: [fact('eastus', 1)], supersededAtMs: at(9) });
  it.each<[when: string, image: Image, finished: boolean]>([
    [
      'when each of its references is replicated or superseded',
      anImage({ references: [done, passed] }),
      true,
    ],
    ['not while one of its references is neither', anImage({ references: [done, open] }), false],
    ['not while a signal is not published', anImage({ references: [done], outbox: [signal] }), false],
    ['when it is deleted', anImage({ references: [open], deletions: deletedAt(2) }), true],
    ['when it was deleted before it was seen', anImage({ deletions: deletedAt(2) }), true],
  ])('%s', (_, image, finished) => {
    expect(isFinished(image)).toBe(finished);
    expect(markFinished(image, at(60)).finishedAtMs).toBe(finished ? at(60) : undefined);
  });

  it('from the first time on, until something is open again', () => {
    const finished = markFinished(anImage({ references: [done] }), at(60));
    expect(markFinished(finished, at(70))).toBe(finished);
    expect(markFinished({ ...finished, references: [done, open] }, at(70)).finishedAtMs).toBeUndefined();
  });
});
