import { describe, expect, it } from 'vitest';
import type { ManifestAnswer, ManifestReader } from '../../src/registries/ports.ts';
import { noDeletions, withDeletion } from '../../src/replication/deletions.ts';
import { digestFacts, type Image, isDeleted, referenceFacts } from '../../src/replication/image.ts';
import { doubtsIn, withoutWithdrawn, withWithdrawn } from '../../src/replication/withdrawn.ts';
import {
  anImage,
  aReference,
  at,
  d1,
  d2,
  deletion,
  fact,
  hourMs,
  idOf,
  minuteMs,
  noDeadline,
  push,
  referenceOf,
  registry,
  secondMs,
  viewOf,
} from './fixtures.ts';
import { InMemoryApp } from './in-memory-app.ts';

const expected = ['eastus', 'westeurope', 'westus'];
/** Deleted in eastus at 10 s; a copy came to westus at 15 s. */
const late: Image = anImage({
  deletions: withDeletion(noDeletions, 'eastus', at(10)),
  expected,
  references: [aReference({ expected, facts: [fact('eastus', 0), fact('westus', 15)] })],
});
const afterwardsMs = at(0) + hourMs;
const everywhere = new Set(expected);

describe('a region that told of an image after its deletion', () => {
  it.each<[when: string, image: Image, answered: ReadonlySet<string>, nowMs: number, doubted: string[]]>([
    ['is doubted once all that lack it have answered', late, everywhere, afterwardsMs, ['westus']],
    ['is not doubted before the objective', late, everywhere, at(60), []],
    [
      'is doubted when one that lacks it cannot be asked, and told the deletion',
      late,
      new Set(['westeurope']),
      afterwardsMs,
      ['westus'],
    ],
    ['is not doubted while one that lacks it is silent', late, new Set(['eastus']), afterwardsMs, []],
    [
      'is not doubted for what it told within the objective',
      {
        ...late,
        references: late.references.map((one) => ({ ...one, facts: [...one.facts, fact('westus', 3000)] })),
      },
      everywhere,
      afterwardsMs,
      [],
    ],
    ['is not doubted without a deletion', { ...late, deletions: noDeletions }, everywhere, afterwardsMs, []],
  ])('%s', (_, image, answered, nowMs, doubted) => {
    const doubts = doubtsIn(image, answered, () => expected, registry, nowMs);
    expect(doubts.map(({ regions }) => regions)).toEqual(doubted.length === 0 ? [] : [doubted]);
  });
});

describe('what is withdrawn', () => {
  it('no longer counts, and is kept for the order of pushes', () => {
    const after = withWithdrawn(late, 'v1', new Set(['westus']));
    expect(digestFacts(after)).toEqual([]);
    expect(isDeleted(after)).toBe(true);
    expect(referenceOf(after).facts.map(({ region }) => region)).toEqual(['eastus', 'westus']);
  });

  it('is of the regions that have it no more, and of no other', () => {
    const references = late.references.map((one) => ({
      ...one,
      facts: [...one.facts, fact('westeurope', 16)],
    }));
    const after = withWithdrawn({ ...late, references }, 'v1', new Set(['westus']));
    expect(digestFacts(after)).toEqual([fact('westeurope', 16)]);
  });

  it.each([
    ['what was read of the digest, with it', undefined, []],
    ['nothing that was read of the digest, with a tag', 'v1', [fact('westus', 16, 'verified')]],
  ])('is %s', (_, tag, verified) => {
    const read = { ...late, verified: [fact('westus', 16, 'verified')] };
    expect(withWithdrawn(read, tag, new Set(['westus'])).verified).toEqual(verified);
  });

  it('is of one tag, unless it is of the digest', () => {
    const two = {
      ...late,
      references: [...late.references, aReference({ tag: 'v2', facts: [fact('westus', 16)] })],
    };
    const left = ({ references }: Image) =>
      references.map((one) => referenceFacts({ ...late, references }, one).length);
    expect(left(withWithdrawn(two, 'v1', new Set(['westus'])))).toEqual([0, 1]);
    expect(left(withWithdrawn(two, undefined, new Set(['westus'])))).toEqual([0, 0]);
  });

  it('leaves nothing of what was read there, which would be read again', () => {
    const read = {
      ...late,
      references: [aReference({ facts: [fact('westus', 15), fact('westus', 20, 'verified')] })],
    };
    expect(referenceOf(withWithdrawn(read, 'v1', new Set(['westus']))).facts).toHaveLength(1);
  });
});

describe('a region that is doubted', () => {
  const there = (digest: string) => ({ kind: 'present', digest, mediaType: '', sizeBytes: 1 }) as const;
  const absent = { kind: 'absent' } as const;
  const silent = { kind: 'unverified', reason: 'no answer' } as const;
  const v2 = aReference({ tag: 'v2', facts: [fact('westeurope', 20)] });

  /** The regions that count for the reference after westus answered. */
  async function leftAfter(tag: string | undefined, answers: Readonly<Record<string, ManifestAnswer>>) {
    const reference = aReference({ tag, expected, facts: [fact('westus', 15)] });
    const image = { ...late, references: [reference, v2] };
    const asked: string[] = [];
    const confirmAbsence = async (...[, , , one]: Parameters<ManifestReader['confirmAbsence']>) => {
      asked.push(one);
      return answers[one] ?? absent;
    };
    const doubts = [{ reference, regions: ['westus'] }];
    const after = await withoutWithdrawn(
      image,
      doubts,
      registry,
      viewOf(...expected),
      { confirmAbsence },
      noDeadline,
    );
    const [own, other] = after.references;
    expect(other).toEqual(v2);
    return { asked, isLeft: own?.facts.some(({ isWithdrawn }) => isWithdrawn === undefined) };
  }

  it.each<
    [
      what: string,
      tag: string | undefined,
      answers: Readonly<Record<string, ManifestAnswer>>,
      asked: readonly string[],
      isLeft: boolean,
    ]
  >([
    ['has it while it shows the tag', 'v1', { v1: there(d1), [d1]: there(d1) }, ['v1'], true],
    ['has it while it cannot be asked for the tag', 'v1', { v1: silent }, ['v1'], true],
    [
      'has the tag no more where it shows it elsewhere',
      'v1',
      { v1: there(d2), [d1]: there(d1) },
      ['v1', d1],
      false,
    ],
    ['has it while it cannot be asked for the digest', 'v1', { [d1]: silent }, ['v1', d1], true],
    ['has nothing without the digest', 'v1', {}, ['v1', d1], false],
    ['has a push by digest while it shows the digest', undefined, { [d1]: there(d1) }, [d1], true],
    ['has no push by digest without it', undefined, {}, [d1], false],
  ])('%s', async (_, tag, answers, asked, isLeft) => {
    expect(await leftAfter(tag, answers)).toEqual({ asked, isLeft });
  });

  it('withdraws a push that named no region under its own tag alone', async () => {
    const references = ['v1', 'v2'].map((tag) => aReference({ tag, regionlessPushAtMs: at(15) }));
    const [reference = v2] = references;
    const confirmAbsence = async () => absent;
    const doubts = [{ reference, regions: expected }];
    const image = { ...late, references };
    const after = await withoutWithdrawn(
      image,
      doubts,
      registry,
      viewOf(...expected),
      { confirmAbsence },
      noDeadline,
    );
    expect(after.references.map((one) => one.regionlessPushAtMs)).toEqual([undefined, at(15)]);
  });
});

describe('an image whose copy came to a region after its deletion, where the notice of that one is lost,', () => {
  async function appWithLateCopy() {
    const app = new InMemoryApp(expected);
    const process = app.process();
    for (const one of [push(0), deletion(10, d1, 'eastus'), push(15, { region: 'westus' })])
      await process.record(one);
    for (const region of expected) app.manifests.has(region, {});
    return { app, process };
  }
  const reviewAfter = async (app: InMemoryApp, ms: number) => {
    app.nowMs = at(0) + ms;
    await app.process().review();
  };

  it('ends as deleted, without a word of a stall', async () => {
    const { app, process } = await appWithLateCopy();
    await reviewAfter(app, 11 * minuteMs);
    expect((await process.ask('v1'))?.state).toBe('deleted');
    expect(app.ledger.openEntries).toEqual([]);
    expect(app.signals('evenkeel.registry.replicationStalled')).toEqual([]);
    // The same copy is told of once more.
    await process.record(push(15, { region: 'westus', evidence: 'event' }));
    expect((await process.ask('v1'))?.state).toBe('deleted');
  });

  it('is stalled while that region has it, or does not answer', async () => {
    const { app, process } = await appWithLateCopy();
    app.manifests.has('westus', { v1: d1 });
    await reviewAfter(app, 11 * minuteMs);
    expect((await process.ask('v1'))?.state).toBe('stalled');
    app.manifests.regions.set('westus', { kind: 'unverified', reason: 'no answer' });
    await reviewAfter(app, hourMs);
    expect((await process.ask('v1'))?.state).toBe('stalled');
  });

  it('ends as deleted when the replica of that region is gone, too', async () => {
    const { app, process } = await appWithLateCopy();
    app.manifests.regions.set('westus', { kind: 'unverified', reason: 'no such endpoint' });
    app.directory.hold('eastus', 'westeurope');
    await reviewAfter(app, 11 * minuteMs);
    expect((await process.ask('v1'))?.state).toBe('deleted');
    expect(app.manifests.requests.filter((one) => one.startsWith('westus'))).toEqual([]);
  });

  it('gives its tag back to the digest that was pushed since', async () => {
    const { app, process } = await appWithLateCopy();
    for (const region of expected) app.manifests.has(region, { v1: d2 });
    await process.record(push(12, { digest: d2 }));
    await reviewAfter(app, 11 * minuteMs);
    await reviewAfter(app, 12 * minuteMs);
    expect(await process.ask('v1')).toMatchObject({ state: 'replicated', image: { id: { digest: d2 } } });
    expect((await process.ask(d1))?.state).toBe('deleted');
    expect(app.ledger.openEntries).toEqual([]);
  });

  it('is not deleted where its digest is, though the tag is not', async () => {
    const { app, process } = await appWithLateCopy();
    app.manifests.has('westus', { v1: d2 }, [d1]);
    await reviewAfter(app, 11 * minuteMs);
    expect((await process.ask(d1))?.state).toBe('stalled');
  });

  it('begins anew with its next push', async () => {
    const { app, process } = await appWithLateCopy();
    await reviewAfter(app, 11 * minuteMs);
    for (const region of expected) await process.record(push(12 * 60, { region }));
    expect((await process.ask('v1'))?.state).toBe('replicated');
    expect(app.ledger.image(idOf())?.firstSeenMs).toBe(at(0) + 11 * minuteMs);
  });

  it.each([
    ['the region has no such tag any more', {}],
    ['the region resolves the tag to another digest', { v1: d2 }],
  ])('is deleted though its digest is pushed again under another tag, where %s', async (_, left) => {
    const { app, process } = await appWithLateCopy();
    await process.record(push(30, { tag: 'v2' }));
    for (const region of expected) app.manifests.has(region, { v2: d1, ...left });
    await reviewAfter(app, 11 * minuteMs);
    await reviewAfter(app, 11 * minuteMs + 45 * secondMs);
    expect((await process.ask('v1'))?.state).toBe('deleted');
    expect((await process.ask('v2'))?.state).toBe('replicated');
    expect(app.ledger.openEntries).toEqual([]);
  });
});
