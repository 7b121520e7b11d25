import { describe, expect, it } from 'vitest';
import {
  answerForDigest,
  answerForGone,
  answerForTag,
  type QueryResult,
  type ReplicationAnswer,
  replicationBody,
} from '../../src/replication/answer.ts';
import type { Evidence, Fact, Image, Reference } from '../../src/replication/image.ts';
import type { PullState } from '../../src/replication/pull-progress.ts';
import type { TagPush } from '../../src/replication/tag-history.ts';
import { anImage, aReference, at, d1, d2, d3, deletedAt, fact, idOf, registry, viewOf } from './fixtures.ts';

const expected = ['eastus', 'westus'];
const sloSeconds = 600;
const circumstances = (seconds: number, regions: readonly string[] = expected) => ({
  registry,
  view: regions.length === 0 ? undefined : viewOf(...regions),
  nowMs: at(seconds),
});
const here = [fact('eastus', 1)];
const everywhere = [fact('eastus', 1), fact('westus', 2)];
const pushOf = (digest: string, seconds = 1, revertedAtMs?: number): TagPush => ({
  digest,
  pushedAtMs: at(seconds),
  revertedAtMs,
  revertedFromMs: revertedAtMs === undefined ? undefined : revertedAtMs - 1,
});

describe('the answer for a digest', () => {
  const tagged = (facts: readonly Fact[], parts: Partial<Image> = {}) =>
    anImage({ references: [aReference({ facts })], ...parts });
  const moved = new Map([['v1', pushOf(d2, 5)]]);
  const unmoved = new Map<string, TagPush>();

  it.each<
    [what: string, image: Image, newer: Map<string, TagPush>, seconds: number, status: number, state: string]
  >([
    ['pending', tagged(here), unmoved, 10, 202, 'pending'],
    ['pending until the objective has passed', tagged(here), unmoved, sloSeconds, 202, 'pending'],
    ['stalled afterwards', tagged(here), unmoved, sloSeconds + 1, 202, 'stalled'],
    ['replicated when every region has it', tagged(everywhere), unmoved, 10, 200, 'replicated'],
    ['replicated, however late that was', tagged(everywhere), unmoved, 9999, 200, 'replicated'],
    [
      'replicated once it has been, whatever is missing now',
      tagged(here, { replicatedAtMs: at(5) }),
      unmoved,
      10,
      200,
      'replicated',
    ],
    ['replicated though its tag moved on', tagged(everywhere), moved, 10, 200, 'replicated'],
    ['superseded when its tag moved on before it was replicated', tagged(here), moved, 10, 409, 'superseded'],
    ['deleted', tagged(everywhere, { deletions: deletedAt(3) }), unmoved, 10, 410, 'deleted'],
    [
      'deleted, though it was replicated',
      tagged(everywhere, { deletions: deletedAt(3), replicatedAtMs: at(2) }),
      unmoved,
      10,
      410,
      'deleted',
    ],
    [
      'pending when it was pushed again',
      tagged([...here, fact('westus', 4)], { deletions: deletedAt(3) }),
      unmoved,
      10,
      202,
      'pending',
    ],
    [
      'pending when no notification named a region',
      anImage({ references: [aReference({ regionlessPushAtMs: at(1) })] }),
      unmoved,
      10,
      202,
      'pending',
    ],
  ])('is %s', (_, image, newer, seconds, status, state) => {
    expect(answerForDigest(image, newer, circumstances(seconds))).toMatchObject({
      status,
      state,
      tag: undefined,
    });
  });

  it('names the digest that its tag points at now', () => {
    const answer = answerForDigest(tagged(everywhere), moved, circumstances(10));
    expect(answer.supersededBy).toBe(d2);
  });

  it('is wanted as long as one of its tags points at it, or it was pushed by digest', () => {
    const alsoV2 = [aReference({ facts: here }), aReference({ tag: 'v2', facts: here })];
    const alsoByDigest = [aReference({ facts: here }), aReference({ tag: undefined, facts: here })];
    for (const references of [alsoV2, alsoByDigest]) {
      const answer = answerForDigest(anImage({ references }), moved, circumstances(10));
      expect(answer).toMatchObject({ state: 'pending', supersededBy: undefined });
    }
  });

  it('names the newest digest when all its tags moved on', () => {
    const image = anImage({
      references: [aReference({ facts: here }), aReference({ tag: 'v2', facts: here })],
    });
    const newer = new Map([...moved, ['v2', pushOf(d3, 9)] as const]);
    expect(answerForDigest(image, newer, circumstances(10)).supersededBy).toBe(d3);
  });

  it('is replicated since the last region reported it, as long as no verdict is recorded', () => {
    const answer = answerForDigest(tagged(everywhere), unmoved, circumstances(10));
    expect(answer.replicatedAtMs).toBe(at(2));
    const judged = answerForDigest(tagged(everywhere, { replicatedAtMs: at(7) }), unmoved, circumstances(10));
    expect(judged.replicatedAtMs).toBe(at(7));
  });

  it('has the time since when it is stalled', () => {
    const references = [
      aReference({ facts: here, stalledAtMs: at(700) }),
      aReference({ tag: 'v2', facts: here, stalledAtMs: at(650) }),
    ];
    const stalledAtMs = (...of: readonly Reference[]) =>
      answerForDigest(anImage({ references: of }), unmoved, circumstances(800)).stalledAtMs;
    expect(stalledAtMs(...references)).toBe(at(650));
    expect(stalledAtMs(aReference({ tag: 'v3', facts: here }), ...references)).toBe(at(650));
    expect(stalledAtMs(aReference({ facts: here }))).toBeUndefined();
  });
});

describe('the answer for a tag', () => {
  interface Given {
    readonly reference?: Partial<Reference>;
    readonly image?: Partial<Image>;
    readonly push?: TagPush;
    readonly older?: readonly Image[];
    readonly seconds?: number;
    readonly regions?: readonly string[];
  }
  function answer(given: Given): ReplicationAnswer {
    const reference = aReference(given.reference);
    const image = anImage({ references: [reference], ...given.image });
    const { push = pushOf(d1), older = [], seconds = 10, regions } = given;
    return answerForTag(image, push, reference, older, circumstances(seconds, regions));
  }
  const olderShown = [anImage({ id: idOf(d2), references: [aReference({ facts: [fact('westus', 0)] })] })];

  it.each<[what: string, given: Given, status: number, state: string]>([
    ['pending', { reference: { facts: here } }, 202, 'pending'],
    [
      'pending until the objective has passed',
      { reference: { facts: here }, seconds: sloSeconds },
      202,
      'pending',
    ],
    ['stalled afterwards', { reference: { facts: here }, seconds: sloSeconds + 1 }, 202, 'stalled'],
    [
      'pending within the objective, though a region resolves the tag to an older digest',
      { reference: { facts: here }, older: olderShown },
      202,
      'pending',
    ],
    [
      'stalled with 409 after the objective when a region resolves the tag to an older digest',
      { reference: { facts: here }, older: olderShown, seconds: sloSeconds + 1 },
      409,
      'stalled',
    ],
    [
      'stalled with 409 after the objective when a review found an older digest',
      { reference: { facts: here, divergedAtMs: at(650) }, seconds: 700 },
      409,
      'stalled',
    ],
    ['replicated when every region reports the tag', { reference: { facts: everywhere } }, 200, 'replicated'],
    ['replicated once it has been', { reference: { facts: here, replicatedAtMs: at(5) } }, 200, 'replicated'],
    [
      'pending when regions have the digest only under other references',
      { reference: { facts: here }, image: { verified: [fact('westus', 3, 'verified')] } },
      202,
      'pending',
    ],
    [
      'replicated when the replica of the missing region is gone',
      { reference: { facts: here }, regions: ['eastus'] },
      200,
      'replicated',
    ],
    [
      'pending while the expected regions are unknown',
      { reference: { facts: here }, regions: [] },
      202,
      'pending',
    ],
    ['deleted', { reference: { facts: everywhere }, image: { deletions: deletedAt(3) } }, 410, 'deleted'],
    [
      'deleted, though another tag of its digest is not',
      { reference: { facts: here, replicatedAtMs: at(2) }, image: { deletions: deletedAt(1) } },
      410,
      'deleted',
    ],
  ])('is %s', (_, given, status, state) => {
    expect(answer(given)).toMatchObject({ status, state, tag: 'v1', supersededBy: undefined });
  });

  it('is about the tag since its revert, once the revert is recorded', () => {
    const back = { facts: [...everywhere, fact('eastus', 8)], revertedAtMs: at(8), firstSeenMs: at(8) };
    const pending = answer({ reference: back, push: pushOf(d1, 8, at(8)) });
    expect(pending).toMatchObject({ state: 'pending', missing: ['westus'], firstSeenMs: at(8) });
  });

  it('is about the tag since its revert, though the recorded verdict is older', () => {
    const reference = { facts: [...everywhere, fact('eastus', 8)], replicatedAtMs: at(2) };
    const pending = answer({ reference, push: pushOf(d1, 8, at(8)) });
    expect(pending).toMatchObject({ state: 'pending', missing: ['westus'], replicatedAtMs: undefined });
  });

  it('is replicated since the last region reported it, as long as no verdict is recorded', () => {
    expect(answer({ reference: { facts: everywhere } }).replicatedAtMs).toBe(at(2));
    expect(answer({ reference: { facts: everywhere, replicatedAtMs: at(7) } }).replicatedAtMs).toBe(at(7));
  });

  it('names the other digests that regions resolve the tag to', () => {
    const stalled = answer({ reference: { facts: here }, older: olderShown, seconds: sloSeconds + 1 });
    expect([...stalled.diverged]).toEqual([['westus', d2]]);
  });

  it('shows each region, and why one could not be asked', () => {
    const { regions, missing } = answer({
      reference: { facts: here },
      image: { unverified: { westus: 'throttled' } },
    });
    expect(missing).toEqual(['westus']);
    expect(regions).toMatchObject([
      { region: 'eastus', state: 'available' },
      { region: 'westus', state: 'unverified', reason: 'throttled' },
    ]);
  });

  it('shows the regions that have the image while the expected regions are unknown', () => {
    const { regions } = answer({ reference: { facts: everywhere }, regions: [] });
    expect(regions.map(({ region }) => region)).toEqual(['eastus', 'westus']);
  });
});

describe('the answer to whether an image is gone', () => {
  const given = answerForDigest(anImage({ deletions: deletedAt(3) }), new Map(), circumstances(10));

  it.each<[what: string, image: Partial<Image>, regions: readonly string[], status: number]>([
    ['200 when every region told a deletion', { deletions: deletedAt(3) }, expected, 200],
    ['202 while a region may have it', { absent: { eastus: at(5) } }, expected, 202],
    ['202 while nobody knows of any region', {}, [], 202],
  ])('is %s', (_, image, regions, status) => {
    const { view } = circumstances(10, regions);
    expect(answerForGone({ ...given, image: anImage(image) }, view).status).toBe(status);
  });
});

describe('the body of an answer', () => {
  const reference = aReference({ facts: here });
  const image = anImage({ references: [reference] });
  const pending = answerForTag(image, pushOf(d1), reference, [], circumstances(10));
  const bodyOf = (answer: Partial<ReplicationAnswer>, more: Partial<QueryResult> = {}) =>
    replicationBody(
      {
        answer: { ...pending, ...answer },
        etaMs: undefined,
        closure: undefined,
        pulls: undefined,
        reasons: undefined,
        ...more,
      },
      registry,
      new Date(at(10)),
    );
  const stalled = { state: 'stalled' } as const;
  const isTold = { region: 'eastus', state: 'gone', evidence: 'told' } as const;

  it('says no more of a pending image than what there is to say', () => {
    expect(bodyOf({})).toStrictEqual({
      registry: 'myregistry',
      loginServer: 'myregistry.azurecr.io',
      repository: 'team/app',
      tag: 'v1',
      digest: d1,
      state: 'pending',
      firstSeen: new Date(at(0)).toISOString(),
      replicatedAt: null,
      elapsedMs: 10_000,
      etaMs: null,
      regions: pending.regions,
      leftOut: [],
    });
  });

  const child = { digest: d2, available: ['eastus'], missing: ['westus'], unverified: [] };
  const closure = { complete: false, children: [child] };
  it.each<[what: string, answer: Partial<ReplicationAnswer>, more: Partial<QueryResult>, has: object]>([
    ['no tag where the question named a digest', { tag: undefined }, {}, { tag: null }],
    [
      'when it was everywhere',
      { replicatedAtMs: at(4) },
      {},
      { replicatedAt: new Date(at(4)).toISOString(), elapsedMs: 4_000 },
    ],
    ['no time below zero, though clocks differ', { firstSeenMs: at(11) }, {}, { elapsedMs: 0 }],
    ['how long it will take, in whole ms', {}, { etaMs: 1_500.4 }, { etaMs: 1_500 }],
    ['since when it is stalled', { stalledAtMs: at(9) }, {}, { stalledAt: new Date(at(9)).toISOString() }],
    ['the digest that its tag points at', { supersededBy: d3 }, {}, { supersededBy: d3 }],
    [
      'what regions resolve the tag to',
      { diverged: new Map([['westus', d2]]) },
      {},
      { diverged: { westus: d2 } },
    ],
    ['the images of an index', {}, { closure }, { closure }],
    ['what brings it to the regions that lack it', stalled, {}, { repairs: [{ region: 'westus' }] }],
    [
      'why a region cannot be asked',
      { gone: [{ region: 'eastus', state: 'present' }] },
      { reasons: new Map([['eastus', 'answered 503']]) },
      { regions: [{ region: 'eastus', state: 'present', reason: 'answered 503' }] },
    ],
  ])('says %s', (_, answer, more, has) => {
    expect(bodyOf(answer, more)).toMatchObject(has);
  });

  it.each<[what: string, answer: Partial<ReplicationAnswer>, more: Partial<QueryResult>]>([
    ['is pending', {}, { pulls: new Map() }],
    ['is replicated, as far as was asked', { state: 'replicated' }, {}],
    ['was deleted', { ...stalled, gone: [isTold] }, {}],
    ['is stalled nowhere', { ...stalled, regions: [] }, {}],
  ])('has no repairs where it %s', (_, answer, more) => {
    expect(bodyOf(answer, more)).not.toHaveProperty('repairs');
  });

  it.each([
    ['that told meanwhile that it is gone', isTold],
    ['of which there is none', { region: 'westus', state: 'present' } as const],
  ])('gives no reason for a region %s', (_, one) => {
    const reasons = new Map([['eastus', 'answered 503']]);
    expect(bodyOf({ gone: [one] }, { reasons }).regions).toStrictEqual([one]);
  });

  const known = { region: 'eastus', state: 'available', at: new Date(at(1)).toISOString() } as const;
  const whole: PullState = { checked: 2, missing: [], unchecked: 0, reason: undefined };
  const part: PullState = { ...whole, checked: 1, unchecked: 1, reason: 'throttled' };
  const { reason, unchecked, ...checked } = part;
  it.each<[what: string, evidence: Evidence, pull: PullState, of: object]>([
    [
      'pullable where all is there',
      'webhook',
      whole,
      { evidence: 'pullable', pullable: { checked: 2, missing: [] } },
    ],
    ['verified where not all is there any more', 'pullable', part, { evidence: 'verified' }],
    ['what it was where nothing is known', 'event', part, { evidence: 'event' }],
    ['what was found of it', 'webhook', part, { pullable: { ...checked, reason, unchecked } }],
  ])('says of a region that it is %s', (_, evidence, pull, of) => {
    const { regions } = bodyOf({ regions: [{ ...known, evidence }] }, { pulls: new Map([['eastus', pull]]) });
    expect(regions).toStrictEqual([{ ...known, evidence, pullable: expect.anything(), ...of }]);
  });

  it('gives a region that lacks the image no grade', () => {
    const pulls = new Map([['westus', part]]);
    const waiting = { region: 'westus', state: 'waiting' } as const;
    expect(bodyOf({ regions: [waiting] }, { pulls }).regions).toStrictEqual([
      { ...waiting, pullable: { ...checked, reason, unchecked } },
    ]);
  });
});
