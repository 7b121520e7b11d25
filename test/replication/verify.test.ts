import { describe, expect, it } from 'vitest';
import { noDeletions, withDeletion } from '../../src/replication/deletions.ts';
import { verify, withPullable, withVerified } from '../../src/replication/verify.ts';
import {
  anImage,
  aReference,
  at,
  d1,
  d2,
  deletedAt,
  fact,
  noDeadline,
  referenceOf,
  registry,
} from './fixtures.ts';
import { ScriptedManifests } from './scripted-manifests.ts';

const now = () => new Date(at(700));
const image = anImage({
  references: [aReference({ facts: [fact('eastus', 1)] })],
  unverified: { westus: 'throttled', northeurope: 'throttled' },
});
const read = (manifests: ScriptedManifests, regions = ['westus'], of = image) =>
  verify(of, regions, registry, manifests, now, noDeadline);

describe('verify', () => {
  it('takes a tag that leads to the digest as proof of both, with one request', async () => {
    const manifests = new ScriptedManifests();
    manifests.has('westus', { v1: d1 });
    const known = withVerified(image, await read(manifests));
    expect(manifests.requests).toEqual(['westus v1']);
    expect(referenceOf(known).facts.at(-1)).toEqual(fact('westus', 700, 'verified'));
    expect(known.verified).toEqual([]);
  });

  it('asks for the digest where the tag leads to none, or to another', async () => {
    const manifests = new ScriptedManifests();
    manifests.has('westus', {}, [d1]);
    manifests.has('northeurope', { v1: d2 }, [d1]);
    const found = await read(manifests, ['westus', 'northeurope']);
    const known = withVerified(image, found);
    expect(known.verified.map(({ region }) => region)).toEqual(['westus', 'northeurope']);
    expect(referenceOf(known).facts).toEqual(referenceOf(image).facts);
    expect([...(found.otherDigests.get('v1') ?? [])]).toEqual([['northeurope', d2]]);
  });

  it('learns nothing where there is nothing, and drops the reason why that region could not be asked', async () => {
    const manifests = new ScriptedManifests();
    manifests.has('westus', {});
    const known = withVerified(image, await read(manifests));
    expect(known.references[0]).toBe(image.references[0]);
    expect(known.unverified).toEqual({ northeurope: 'throttled' });
  });

  it.each([
    [{ kind: 'throttled', by: 'endpoint', retryAfterMs: 1000 } as const, 'throttled'],
    [
      { kind: 'throttled', by: 'tokenService', retryAfterMs: 1000 } as const,
      'its token service is throttled',
    ],
    [{ kind: 'unverified', reason: 'no answer in time' } as const, 'no answer in time'],
  ])(
    'keeps the reason why a region could not be asked, and sends it nothing else: %o',
    async (answer, reason) => {
      const manifests = new ScriptedManifests();
      manifests.regions.set('westus', answer);
      const known = withVerified(image, await read(manifests));
      expect(known.unverified).toMatchObject({ westus: reason });
      expect(manifests.requests).toHaveLength(1);
    },
  );

  it('asks for five tags at most, those that were seen last', async () => {
    const tags = ['t1', 't2', 't3', 't4', 't5', 't6', 't7'];
    const many = anImage({ references: tags.map((tag) => aReference({ tag, facts: [fact('eastus', 1)] })) });
    const manifests = new ScriptedManifests();
    manifests.has('westus', {});
    await read(manifests, ['westus'], many);
    expect(manifests.requests.map((line) => line.split(' ')[1])).toEqual(['t3', 't4', 't5', 't6', 't7', d1]);
  });

  it('asks for no tag that was read everywhere already, or that is deleted', async () => {
    const references = [
      aReference({ tag: 'read', facts: [fact('eastus', 5), fact('westus', 5, 'verified')] }),
      aReference({ tag: 'deleted', facts: [fact('eastus', 1)] }),
      aReference({ tag: 'reported', facts: [fact('eastus', 5), fact('westus', 5)] }),
    ];
    const manifests = new ScriptedManifests();
    manifests.has('westus', { reported: d1 });
    await read(manifests, ['westus'], anImage({ references, deletions: deletedAt(2) }));
    expect(manifests.requests).toEqual(['westus reported']);
  });

  it('asks for a tag anew that was read before the time that counts, and for none that was read since', async () => {
    const references = [
      aReference({ tag: 'before', facts: [fact('westus', 4, 'verified')] }),
      aReference({ tag: 'since', facts: [fact('westus', 5, 'verified')] }),
    ];
    const manifests = new ScriptedManifests();
    manifests.has('westus', {}, [d1]);
    const scope = { sinceMs: at(5) };
    await verify(anImage({ references }), ['westus'], registry, manifests, now, noDeadline, scope);
    expect(manifests.requests).toEqual(['westus before', `westus ${d1}`]);
  });

  it('takes no digest for a tag, and another digest than the one that was asked for as no proof', async () => {
    const byDigest = aReference({ tag: undefined, facts: [fact('eastus', 1)] });
    const pushed = anImage({ references: [byDigest] });
    const manifests = new ScriptedManifests();
    manifests.has('westus', {}, [d1]);
    manifests.has('northeurope', { [d1]: d2 });
    const found = await read(manifests, ['westus', 'northeurope'], pushed);
    const known = withVerified(pushed, found);
    expect(known.references).toEqual([byDigest]);
    expect(known.verified.map(({ region }) => region)).toEqual(['westus']);
    expect(found.otherDigests.size).toBe(0);
  });

  it('keeps one verified fact for each region, the newest', async () => {
    const manifests = new ScriptedManifests();
    manifests.has('westus', {}, [d1]);
    const before = { ...image, verified: [fact('westus', 3, 'verified'), fact('other', 3, 'verified')] };
    const known = withVerified(before, await read(manifests));
    expect(known.verified.map(({ region, atMs }) => [region, atMs])).toEqual([
      ['other', at(3)],
      ['westus', at(700)],
    ]);
  });
});

describe('what a region has after a deletion elsewhere', () => {
  const pushedAgain = aReference({ facts: [fact('eastus', 1), fact('eastus', 620)] });
  const deletedIn = (...told: readonly [region: string, seconds: number][]) =>
    told.reduce((all, [region, seconds]) => withDeletion(all, region, at(seconds)), noDeletions);

  it.each([
    ['no evidence while the deletion may be on its way there', deletedIn(['eastus', 600]), [], []],
    ['evidence after the objective', deletedIn(['eastus', 99]), [], ['westus']],
    [
      'evidence where the region told the deletion',
      deletedIn(['eastus', 600], ['westus', 610]),
      [],
      ['westus'],
    ],
    [
      'no evidence where it told an earlier one only',
      deletedIn(['eastus', 2], ['westus', 3], ['eastus', 600]),
      [],
      [],
    ],
    ['evidence where it told a newer push', deletedIn(['eastus', 600]), [fact('westus', 650)], ['westus']],
    ['no evidence where it told an older push only', deletedIn(['eastus', 600]), [fact('westus', 2)], []],
  ])('is %s', async (_, deletions, facts, expected) => {
    const manifests = new ScriptedManifests();
    manifests.has('westus', { v1: d1 });
    const reference = { ...pushedAgain, facts: [...pushedAgain.facts, ...facts] };
    const found = await read(manifests, ['westus'], anImage({ references: [reference], deletions }));
    expect((found.facts.get('v1') ?? []).map(({ region }) => region)).toEqual(expected);
    expect([...found.unverified.keys()]).toEqual(expected.length === 0 ? ['westus'] : []);
  });
});

describe('a region that has nothing while a deletion may be on its way there', () => {
  it('has answered', async () => {
    const manifests = new ScriptedManifests();
    manifests.has('westus', {});
    const deletions = withDeletion(noDeletions, 'eastus', at(600));
    const reference = aReference({ facts: [fact('eastus', 620)] });
    const found = await read(manifests, ['westus'], anImage({ references: [reference], deletions }));
    expect([[...found.answered], found.unverified.size]).toEqual([['westus'], 0]);
  });
});

describe('regions in which a pull works', () => {
  const verified = fact('westus', 5, 'verified');
  const inQuestion = anImage({
    references: [aReference({ facts: [fact('westus', 5), verified] })],
    verified: [fact('eastus', 9, 'verified')],
  });
  const evidenceOf = ({ references, verified: of }: typeof image) =>
    [...references.flatMap(({ facts }) => facts), ...of].map(({ evidence }) => evidence);

  it('have the grade for what they answered since, and for nothing that they told', () => {
    const both = withPullable(inQuestion, new Set(['westus', 'eastus']), at(5));
    expect(evidenceOf(both)).toEqual(['webhook', 'pullable', 'pullable']);
    expect(evidenceOf(withPullable(inQuestion, new Set(['westus']), at(5)))).toEqual([
      ...['webhook', 'pullable', 'verified'],
    ]);
  });

  it('change nothing where they answered before that, or have the grade', () => {
    expect(withPullable(inQuestion, new Set(['westus']), at(6))).toBe(inQuestion);
    const graded = withPullable(inQuestion, new Set(['westus']), at(5));
    expect(withPullable(graded, new Set(['westus']), at(5))).toBe(graded);
  });
});
