import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyNotification, type NotificationEffect } from '../../src/replication/apply-notification.ts';
import { noDeletions, withDeletion } from '../../src/replication/deletions.ts';
import {
  digestFacts,
  type Fact,
  type Image,
  isDeleted,
  isLive,
  liveReferences,
  type Reference,
  referenceFacts,
} from '../../src/replication/image.ts';
import type { Notification } from '../../src/replication/notification.ts';
import { anImage, aReference, at, deletedAt, deletion, fact, push, referenceOf } from './fixtures.ts';

const imageOf = (effect: NotificationEffect): Image | undefined =>
  'image' in effect ? effect.image : undefined;

/** The image after some notifications, each of which arrives a second after the one before. */
function imageAfter(...notifications: readonly Notification[]): Image {
  let image: Image | undefined;
  for (const [index, notification] of notifications.entries()) {
    image = imageOf(applyNotification(image, notification, at(100 + index))) ?? image;
  }
  if (image === undefined) throw new Error('nothing is known after these notifications');
  return image;
}
const kindAfter = (before: readonly Notification[], notification: Notification): NotificationEffect['kind'] =>
  applyNotification(before.length === 0 ? undefined : imageAfter(...before), notification, at(200)).kind;

const pushWithoutRegion = (seconds: number) => push(seconds, { region: undefined });
const event = (seconds: number) => push(seconds, { evidence: 'event' });

describe('applyNotification', () => {
  it.each<
    [
      what: string,
      before: readonly Notification[],
      notification: Notification,
      kind: NotificationEffect['kind'],
    ]
  >([
    ['the first push', [], push(1), 'added'],
    ['the same push again', [push(1)], push(1), 'unchanged'],
    ['the same push to another region', [push(1)], push(1, { region: 'westus' }), 'added'],
    ['the same push under another tag', [push(1)], push(1, { tag: 'v2' }), 'added'],
    ['the same push by digest only', [push(1)], push(1, { tag: undefined }), 'added'],
    ['the same push, reported by an event too', [push(1)], event(1), 'unchanged'],
    ['a later push, reported by an event', [push(1)], event(2), 'pushedAgain'],
    ['an earlier push, reported by an event', [push(2)], event(1), 'pushedAgain'],
    ['a later push, reported by a webhook', [push(1)], push(2), 'pushedAgain'],
    ['an earlier push, reported by a webhook', [push(2)], push(1), 'pushedAgain'],
    ['a push that is no newer than a deletion', [deletion(2)], push(2), 'outdated'],
    ['the same outdated push again', [deletion(2), push(2)], push(2), 'unchanged'],
    [
      'a push without a region that is no newer than a deletion',
      [deletion(2)],
      pushWithoutRegion(2),
      'outdated',
    ],
    [
      'the same outdated push without a region again',
      [deletion(2), pushWithoutRegion(2)],
      pushWithoutRegion(2),
      'unchanged',
    ],
    [
      'a push without a region before a deletion, of an image pushed since',
      [deletion(2), pushWithoutRegion(3)],
      pushWithoutRegion(1),
      'unchanged',
    ],
    [
      'a push to another region before a deletion',
      [push(1), deletion(2)],
      push(1, { region: 'westus' }),
      'outdated',
    ],
    ['a push after a deletion', [push(1), deletion(2)], push(3), 'pushedAgain'],
    [
      'a push after a deletion to a region that never had it',
      [push(1), deletion(2)],
      push(3, { region: 'westus' }),
      'added',
    ],
    ['a push without a region', [], pushWithoutRegion(1), 'added'],
    ['the same push without a region again', [pushWithoutRegion(1)], pushWithoutRegion(1), 'unchanged'],
    ['a later push without a region', [pushWithoutRegion(1)], pushWithoutRegion(2), 'unchanged'],
    ['an earlier push without a region', [pushWithoutRegion(2)], pushWithoutRegion(1), 'added'],
    ['a push without a region of an image that a region has', [push(1)], pushWithoutRegion(1), 'unchanged'],
    [
      'a push without a region under another tag',
      [push(1)],
      push(1, { region: undefined, tag: 'v2' }),
      'added',
    ],
    ['a push without a region after a deletion', [push(1), deletion(2)], pushWithoutRegion(3), 'added'],
    ['a deletion', [push(1)], deletion(2), 'deleted'],
    ['a deletion of an image that was never seen', [], deletion(2), 'deleted'],
    ['the same deletion again', [push(1), deletion(2)], deletion(2), 'unchanged'],
    ['an older deletion', [push(1), deletion(3)], deletion(2), 'unchanged'],
    ['a newer deletion', [push(1), deletion(2)], deletion(3), 'deleted'],
  ])('has the right effect for %s', (_, before, notification, kind) => {
    expect(kindAfter(before, notification)).toBe(kind);
  });

  it('keeps the time of a push and the time when it was learned', () => {
    const { facts } = referenceOf(imageAfter(push(1)));
    expect(facts).toEqual([{ region: 'eastus', atMs: at(1), evidence: 'webhook', learnedAtMs: at(100) }]);
  });

  it('keeps the time when the image, and each of its references, was first seen', () => {
    const image = imageAfter(push(1), push(1, { tag: 'v2' }), push(1, { region: 'westus' }));
    expect(image.firstSeenMs).toBe(at(100));
    expect(referenceOf(image, 'v1').firstSeenMs).toBe(at(100));
    expect(referenceOf(image, 'v2').firstSeenMs).toBe(at(101));
  });

  it('has the review verify a push without a region at once, and makes it available nowhere', () => {
    const image = imageAfter(pushWithoutRegion(1));
    expect(image.nextVerificationAtMs).toBe(at(100));
    expect(digestFacts(image)).toEqual([]);
    expect(liveReferences(image)).toHaveLength(1);
  });

  it('keeps one reference for all pushes by digest', () => {
    const image = imageAfter(push(1, { tag: undefined }), push(2, { tag: undefined, region: 'westus' }));
    expect(image.references.map(({ tag }) => tag)).toEqual([undefined]);
    expect(digestFacts(image).map(({ region }) => region)).toEqual(['eastus', 'westus']);
  });

  it('keeps the same facts in whatever order the notifications arrive', () => {
    const notifications = [push(1), push(3), event(2), push(2, { region: 'westus' })];
    const timesOf = (image: Image) =>
      new Set(referenceOf(image).facts.map(({ region, atMs, evidence }) => `${region} ${evidence} ${atMs}`));
    expect(timesOf(imageAfter(...notifications))).toEqual(timesOf(imageAfter(...notifications.toReversed())));
    expect(timesOf(imageAfter(...notifications)).size).toBe(4);
  });

  it('keeps the first fact of a region and the last five, in whatever order they arrive', () => {
    const pushes = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((seconds) => push(seconds));
    const kept = (image: Image) => referenceOf(image).facts.map(({ atMs }) => (atMs - at(0)) / 1000);
    expect(kept(imageAfter(...pushes))).toEqual([1, 5, 6, 7, 8, 9]);
    expect(kept(imageAfter(...pushes.toReversed()))).toEqual([1, 5, 6, 7, 8, 9]);
  });

  it('begins an episode of a tag that was deleted, while another one of the image is there', () => {
    const deleted = [push(1), push(1, { tag: 'v2' }), deletion(2), push(3, { tag: 'v2' })];
    expect(referenceOf(imageAfter(...deleted, push(4))).firstSeenMs).toBe(at(104));
    // A push from before the deletion begins none.
    expect(referenceOf(imageAfter(...deleted, push(1.5))).firstSeenMs).toBe(at(103));
  });

  it.each<[what: string, notification: Notification, isFinished: boolean]>([
    ['stays finished with a further push', push(9), true],
    ['stays finished with an outdated push by digest', push(1, { tag: undefined }), true],
    ['is looked at again after an outdated push of a tag, which may tell of a revert', push(1), false],
  ])('an image %s', (_, notification, isFinished) => {
    const facts = [fact('eastus', 3)];
    const references = [aReference({ facts }), aReference({ tag: undefined, facts })];
    const finished = anImage({ references, deletions: deletedAt(2), finishedAtMs: at(50) });
    const after = imageOf(applyNotification(finished, notification, at(200)));
    expect(after?.finishedAtMs).toBe(isFinished ? at(50) : undefined);
  });

  it.each([
    ['', ['b', undefined, 'a']],
    [', in whatever order they are told', ['a', 'b', undefined]],
  ])(
    'keeps references in the order in which they were seen, and of one moment by their names%s',
    (_, tags) => {
      const before = anImage({
        references: [
          aReference({ tag: 'late', facts: [fact('eastus', 3)], firstSeenMs: at(300) }),
          aReference({ tag: 'early', facts: [fact('eastus', 3)], firstSeenMs: at(100) }),
        ],
      });
      const after = tags.reduce<Image | undefined>(
        (image, tag) => imageOf(applyNotification(image, push(4, { tag }), at(200))),
        before,
      );
      expect(after?.references.map(({ tag }) => tag)).toEqual(['early', undefined, 'a', 'b', 'late']);
    },
  );

  it('keeps the hundred references that were seen last', () => {
    const pushes = Array.from({ length: 120 }, (_, index) => push(1, { tag: `build-${index}` }));
    const tags = imageAfter(...pushes).references.map(({ tag }) => tag);
    expect(tags).toHaveLength(100);
    expect(tags.at(0)).toBe('build-20');
    expect(tags.at(-1)).toBe('build-119');
  });
});

describe('a deletion', () => {
  const verdicts = {
    replicatedAtMs: at(10),
    stalledAtMs: at(8),
    divergedAtMs: at(9),
    supersededAtMs: at(11),
  };
  const noVerdicts = Object.fromEntries(Object.keys(verdicts).map((name) => [name, undefined]));
  const judged = anImage({
    references: [aReference({ facts: [fact('eastus', 1)], ...verdicts })],
    replicatedAtMs: at(10),
    unverified: { westus: 'throttled' },
    verificationAttempts: 3,
  });

  it('discounts older facts, and takes every verdict back', () => {
    const image = imageOf(applyNotification(judged, deletion(2), at(20)));
    if (image === undefined) throw new Error('nothing was deleted');
    expect(isDeleted(image)).toBe(true);
    expect(digestFacts(image)).toEqual([]);
    expect(referenceOf(image)).toEqual(aReference({ facts: [fact('eastus', 1)] }));
    expect(image).toMatchObject({
      firstSeenMs: judged.firstSeenMs,
      replicatedAtMs: undefined,
      unverified: {},
      verificationAttempts: 0,
      deletions: deletedAt(2),
    });
  });

  it('that arrives late leaves later pushes alone', () => {
    const image = imageAfter(push(1), push(5), deletion(3));
    expect(isDeleted(image)).toBe(false);
    expect(digestFacts(image).map(({ atMs }) => atMs)).toEqual([at(5)]);
  });

  it('that arrives late makes the episode begin with the push after it', () => {
    const image = imageAfter(push(1), push(1, { tag: 'old' }), push(5), deletion(3));
    expect(image.firstSeenMs).toBe(at(102));
    expect(referenceOf(image).firstSeenMs).toBe(at(102));
  });

  it.each([
    ['drops a revert of the tag before it, with its verdicts', 2, [], {}],
    ['keeps the verdicts of a revert of the tag after it, and drops the revert itself', 5, [], verdicts],
    [
      'keeps a revert after another push after it, with its verdicts',
      9,
      [fact('eastus', 5)],
      { revertedAtMs: at(9), ...verdicts },
    ],
  ])('%s', (_, reverted, between, kept) => {
    const facts = [fact('eastus', 1), ...between, fact('eastus', reverted)];
    const reference = aReference({ facts, revertedAtMs: at(reverted), ...verdicts });
    const image = imageOf(applyNotification(anImage({ references: [reference] }), deletion(3), at(20)));
    const { revertedAtMs, replicatedAtMs, stalledAtMs, divergedAtMs, supersededAtMs } = referenceOf(image);
    const left = { revertedAtMs, replicatedAtMs, stalledAtMs, divergedAtMs, supersededAtMs };
    expect(left).toEqual({ revertedAtMs: undefined, ...noVerdicts, ...kept });
  });

  it('takes back the verdict of a revert that rested on what was read, and keeps the revert', () => {
    const told = [1, 5, 9].map((seconds) => fact('eastus', seconds));
    const reference = aReference({
      facts: [...told, fact('westus', 12, 'verified')],
      expected: ['eastus', 'westus'],
      revertedAtMs: at(5),
      replicatedAtMs: at(12),
    });
    const before = anImage({ expected: ['eastus', 'westus'], references: [reference] });
    const after = referenceOf(imageOf(applyNotification(before, deletion(3), at(20))));
    expect(after).toMatchObject({ revertedAtMs: at(5), replicatedAtMs: undefined, facts: told });
  });

  describe('of an image that was everywhere', () => {
    const both = ['eastus', 'westus'];
    const pushed = (...seconds: readonly number[]) =>
      seconds.flatMap((one) => both.map((region) => fact(region, one)));
    const read = fact('westus', 2, 'verified');
    const since = fact('westus', 6, 'verified');

    it.each<
      [
        what: string,
        facts: readonly Fact[],
        verified: readonly Fact[],
        expected: string[] | undefined,
        kept: boolean,
      ]
    >([
      ['takes the verdict with a push, though all was pushed since', pushed(1, 5), [], both, false],
      ['takes the verdict with what was read, and lacks now', [fact('eastus', 5)], [read], both, false],
      ['does so too where nobody knows what it waits for', [fact('eastus', 5)], [read], undefined, false],
      [
        'leaves the verdict where it takes what was read, and all was pushed since',
        pushed(5),
        [read],
        both,
        true,
      ],
      [
        'leaves the verdict where it may not have been before what was read',
        [fact('eastus', 5)],
        [since],
        both,
        true,
      ],
    ])('%s', (_, facts, verified, expected, kept) => {
      const references = [aReference({ facts, expected })];
      const before = anImage({ references, verified, expected, replicatedAtMs: at(7) });
      const after = imageOf(applyNotification(before, deletion(3), at(20)));
      expect(after?.replicatedAtMs).toBe(kept ? at(7) : undefined);
    });
  });

  it('of a deleted image leaves what it waited for, of which regions may still have it', () => {
    const before = anImage({
      deletions: withDeletion(noDeletions, 'eastus', at(3)),
      references: [aReference({ facts: [fact('eastus', 1)] })],
      verified: [fact('westus', 2, 'verified')],
      expected: ['eastus', 'westus'],
    });
    const after = imageOf(applyNotification(before, deletion(5), at(20)));
    expect(after).toMatchObject({ verified: [], expected: ['eastus', 'westus'] });
  });

  it.each([
    ['stays in its episode when it takes only what was read', [fact('eastus', 5)], 0],
    ['begins another one when it takes a push', [fact('eastus', 1), fact('eastus', 5)], undefined],
  ])('%s', (_, told, episodeMs) => {
    const reference = aReference({
      facts: [...told, fact('westus', 2, 'verified')],
      expected: ['eastus', 'westus'],
      replicatedAtMs: at(6),
      episodeMs: 0,
    });
    const before = anImage({ expected: ['eastus', 'westus'], references: [reference] });
    const after = referenceOf(imageOf(applyNotification(before, deletion(3), at(20))));
    expect([after.replicatedAtMs, after.episodeMs]).toEqual([undefined, episodeMs]);
  });

  it('keeps a revert that one region alone has told of since, with another push before it', () => {
    const facts = [fact('eastus', 1), fact('eastus', 5), fact('eastus', 9), fact('westus', 9)];
    const before = anImage({ references: [aReference({ facts, revertedAtMs: at(9), ...verdicts })] });
    const after = referenceOf(imageOf(applyNotification(before, deletion(3), at(20))));
    expect(after).toMatchObject({ revertedAtMs: at(9), ...verdicts });
  });

  it('begins another episode of each reference whose push it takes: of a push by digest, that of any tag', () => {
    const pushed = {
      facts: [fact('eastus', 5)],
      expected: ['eastus', 'westus'],
      replicatedAtMs: at(6),
      episodeMs: 0,
    };
    const read = fact('westus', 2, 'verified');
    const references = [
      aReference({ ...pushed, facts: [fact('eastus', 1), ...pushed.facts] }),
      aReference({ ...pushed, tag: 'v2', facts: [read, ...pushed.facts] }),
      aReference({ ...pushed, tag: undefined }),
    ];
    const after = imageOf(applyNotification(anImage({ references }), deletion(3), at(20)));
    expect(after?.references.map(({ replicatedAtMs, episodeMs }) => [replicatedAtMs, episodeMs])).toEqual([
      [undefined, undefined],
      [undefined, 0],
      [undefined, undefined],
    ]);
  });

  it('counts every copy of the push after it, also one that is older than the revert', () => {
    const facts = [fact('westus', 1), fact('westus', 6), fact('eastus', 5)];
    const before = anImage({ references: [aReference({ facts, revertedAtMs: at(6) })] });
    const image = imageOf(applyNotification(before, deletion(3), at(20)));
    if (image === undefined) throw new Error('nothing was deleted');
    expect(referenceFacts(image, referenceOf(image)).map(({ region }) => region)).toEqual([
      'westus',
      'eastus',
    ]);
  });

  describe('that concerns a push by digest', () => {
    const tagged = aReference({ facts: [fact('eastus', 1), fact('westus', 1)], replicatedAtMs: at(2) });
    const isReplicated = { replicatedAtMs: at(6) };
    const isStalled = { stalledAtMs: at(6) };
    const both = ['eastus', 'westus'];
    const read = fact('westus', 2, 'verified');
    interface Given {
      readonly tags?: readonly Reference[];
      readonly since: readonly Fact[];
      readonly verified?: readonly Fact[];
      readonly verdict: Partial<Reference>;
      readonly expected?: string[] | undefined;
    }

    it.each<[what: string, given: Given, isKept: boolean]>([
      [
        'takes the verdict that rested on facts of a deleted tag',
        { tags: [tagged], since: [fact('eastus', 5)], verdict: isReplicated },
        false,
      ],
      [
        'leaves the verdict that every region has reported since',
        { tags: [tagged], since: [fact('eastus', 5), fact('westus', 5)], verdict: isReplicated },
        true,
      ],
      [
        'takes the verdict where nobody knows what it waits for',
        {
          tags: [tagged],
          since: [fact('eastus', 5), fact('westus', 5)],
          verdict: isReplicated,
          expected: undefined,
        },
        false,
      ],
      [
        'takes the stall of the episode before',
        { tags: [tagged], since: [fact('eastus', 5)], verdict: isStalled },
        false,
      ],
      [
        'takes the verdict that rested on what was read',
        { since: [fact('eastus', 5)], verified: [read], verdict: isReplicated },
        false,
      ],
      [
        'leaves the verdict where what was read was reported since',
        { since: [fact('eastus', 5), fact('westus', 5)], verified: [read], verdict: isReplicated },
        true,
      ],
      [
        'takes what rested on what was read where nobody knows what it waits for',
        { since: [fact('eastus', 5)], verified: [read], verdict: isReplicated, expected: undefined },
        false,
      ],
      [
        'leaves the stall where it takes only what was read',
        { since: [fact('eastus', 5)], verified: [read], verdict: isStalled },
        true,
      ],
    ])('%s', (_, given, isKept) => {
      const { tags = [], since, verified = [], verdict } = given;
      const expected = 'expected' in given ? given.expected : both;
      const byDigest = aReference({ tag: undefined, facts: since, expected, ...verdict });
      const before = anImage({ expected: both, references: [...tags, byDigest], verified });
      const image = imageOf(applyNotification(before, deletion(3), at(20)));
      const left = image?.references.find(({ tag }) => tag === undefined);
      const none = { replicatedAtMs: undefined, stalledAtMs: undefined };
      expect(left).toMatchObject(isKept ? verdict : none);
    });

    it('takes the verdict that only what was read would still bear out', () => {
      const byDigest = aReference({
        tag: undefined,
        facts: [fact('eastus', 5)],
        expected: both,
        ...isReplicated,
      });
      const late = aReference({ facts: [fact('westus', 10)] });
      const before = anImage({
        deletions: withDeletion(noDeletions, 'eastus', at(3)),
        references: [late, byDigest],
        verified: [fact('westus', 15, 'verified')],
      });
      const image = imageOf(applyNotification(before, deletion(11, undefined, 'westus'), at(20)));
      expect(image?.verified).toHaveLength(1);
      expect(image?.references[1]?.replicatedAtMs).toBeUndefined();
    });
  });

  it('that another region reports later keeps the verdicts of a push in between', () => {
    const again = [fact('eastus', 1), fact('eastus', 5)];
    const reference = aReference({ facts: again, replicatedAtMs: at(6) });
    const before = anImage({
      deletions: deletedAt(2),
      references: [reference],
      replicatedAtMs: at(6),
      expected: ['eastus'],
      verificationAttempts: 2,
    });
    expect(imageOf(applyNotification(before, deletion(4), at(20)))).toEqual({
      ...before,
      deletions: deletedAt(4),
    });
  });

  it('drops what was read before the deletion was reported', () => {
    const verified = [fact('westus', 4, 'verified')];
    const read = {
      ...judged,
      verified,
      references: [aReference({ facts: [fact('eastus', 1), ...verified] })],
    };
    const image = imageOf(applyNotification(read, deletion(2), at(20)));
    if (image === undefined) throw new Error('nothing was deleted');
    expect(isDeleted(image)).toBe(true);
    const again = imageOf(applyNotification(image, push(6), at(21)));
    if (again === undefined) throw new Error('nothing was pushed');
    expect(digestFacts(again).map(({ region }) => region)).toEqual(['eastus']);
  });

  it('that arrives late drops what was read before it was reported', () => {
    const pushed = aReference({ facts: [fact('eastus', 1), fact('eastus', 5)] });
    const read = anImage({ references: [pushed], verified: [fact('westus', 6, 'verified')] });
    const image = imageOf(applyNotification(read, deletion(2), at(20)));
    if (image === undefined) throw new Error('nothing was deleted');
    expect(digestFacts(image)).toEqual([fact('eastus', 5)]);
  });

  it('does not let an older push begin an episode', () => {
    const deleted = imageAfter(push(1), deletion(3));
    const image = imageOf(applyNotification(deleted, push(2), at(500)));
    expect(image?.firstSeenMs).toBe(deleted.firstSeenMs);
  });

  it('keeps older pushes that are reported late for the history of tags only', () => {
    const before = imageAfter(deletion(3), push(5, { region: 'westus' }));
    const image = imageAfter(deletion(3), push(5, { region: 'westus' }), push(1), push(1, { tag: 'old' }));
    expect(digestFacts(image)).toEqual(digestFacts(before));
    expect(liveReferences(image).map(({ tag }) => tag)).toEqual(['v1']);
    expect(image).toMatchObject({ firstSeenMs: before.firstSeenMs, nextVerificationAtMs: undefined });
    expect(referenceOf(image).facts.map(({ atMs }) => atMs)).toEqual([at(1), at(5)]);
  });

  it('is followed by a new episode when the image is pushed again', () => {
    const image = imageAfter(push(1), push(1, { tag: 'old' }), deletion(2), push(3));
    expect(image).toMatchObject({ deletions: deletedAt(2), firstSeenMs: at(103), expected: undefined });
    expect(referenceOf(image).firstSeenMs).toBe(at(103));
    expect(isLive(image, referenceOf(image, 'old'))).toBe(false);
    // The order of a tag's pushes stays known.
    expect(referenceOf(image).facts.map(({ atMs }) => atMs)).toEqual([at(1), at(3)]);
  });

  const first = aReference({
    ...{ facts: [fact('eastus', 1), fact('eastus', 5), fact('westus', 8)], expected: ['eastus'] },
    replicatedAtMs: at(6),
  });
  const second = aReference({
    ...{ tag: 'v2', firstSeenMs: at(4), facts: [fact('eastus', 6)], expected: ['westus'] },
    replicatedAtMs: at(7),
  });

  it.each([
    ['', [first, second]],
    [', in whatever order', [second, first]],
  ])('takes the verdict of the tag that lost a push, and leaves that of another%s', (_, references) => {
    const before = anImage({ references, expected: ['eastus'], replicatedAtMs: at(3) });
    const after = imageOf(applyNotification(before, deletion(3), at(20)));
    expect(after).toMatchObject({ replicatedAtMs: at(7), firstSeenMs: at(4), expected: ['westus'] });
    expect(referenceOf(after)).toMatchObject({ replicatedAtMs: undefined, firstSeenMs: at(5) });
    expect(referenceOf(after, 'v2')).toBe(second);
  });

  it('leaves what the image waits for where its first reference stays', () => {
    const references = [{ ...second, firstSeenMs: at(0) }, first];
    const before = anImage({ references, expected: ['eastus', 'westus'] });
    const after = imageOf(applyNotification(before, deletion(3), at(20)));
    expect(after).toMatchObject({ firstSeenMs: at(0), expected: ['eastus', 'westus'] });
  });

  it.each([
    ['of the image, keeps what was read since', 'westus', ['eastus', 'westus']],
    ['without a region, drops what was read before it was reported', undefined, ['eastus']],
  ])('that is not the first one %s', (_, region, left) => {
    const before = anImage({
      deletions: withDeletion(noDeletions, 'eastus', at(10)),
      references: [aReference({ facts: [fact('eastus', 12)] })],
      verified: [fact('westus', 15, 'verified')],
    });
    const after = imageOf(applyNotification(before, deletion(11, undefined, region), at(20)));
    expect(
      after &&
        digestFacts(after)
          .map((one) => one.region)
          .toSorted(),
    ).toEqual(left);
  });

  it.each([
    ['when it was learned', { facts: [fact('eastus', 15)] }, 15],
    ['now, where no region told of it', { regionlessPushAtMs: at(15) }, 30],
  ])(
    'that turns out to have begun earlier has the push since then begin an episode %s',
    (_, pushed, seconds) => {
      const before = anImage({
        deletions: withDeletion(noDeletions, 'westus', at(20)),
        references: [aReference({ ...pushed, expected: ['eastus'], episodeMs: 0, stalledAtMs: at(2) })],
        expected: ['eastus'],
        nextVerificationAtMs: at(99),
      });
      expect(isDeleted(before)).toBe(true);
      const after = imageOf(applyNotification(before, deletion(10, undefined, 'eastus'), at(30)));
      const begun = { firstSeenMs: at(seconds), expected: undefined };
      expect(after).toMatchObject({ ...begun, nextVerificationAtMs: undefined });
      expect(referenceOf(after)).toEqual(aReference({ ...pushed, ...begun }));
    },
  );

  it('keeps signals that are not published', () => {
    const signal = { id: 'a', type: 'evenkeel.test' as const, source: 's', subject: 't', data: {} };
    const deleted = imageOf(applyNotification({ ...judged, outbox: [signal] }, deletion(2), at(20)));
    const again = imageOf(applyNotification(deleted, push(3), at(21)));
    expect([deleted?.outbox, again?.outbox]).toEqual([[signal], [signal]]);
  });
});

describe('a deletion that still travels when the image is pushed again', () => {
  const everywhere = ['eastus', 'westus', 'southeastasia', 'westeurope'];
  const first = everywhere.map((region) => push(-60, { region }));
  const deletions = [-30, -29, -10, -9].map((seconds, index) =>
    deletion(seconds, undefined, everywhere[index]),
  );
  const again = [-20, -18, -5, -4].map((seconds, index) => push(seconds, { region: everywhere[index] }));
  const count = (image: Image) => new Set(digestFacts(image).map(({ region }) => region)).size;

  it('takes nothing from the push, in whatever order notifications arrive', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...deletions, ...again], { minLength: 8, maxLength: 8 }), (order) => {
        const image = imageAfter(...first, ...order);
        expect(isDeleted(image)).toBe(false);
        expect(count(image)).toBe(4);
      }),
      { numRuns: 500 },
    );
  });

  it('ends the image from its first notice on', () => {
    expect(isDeleted(imageAfter(...first, ...deletions.slice(0, 1)))).toBe(true);
  });

  it('keeps a region out until it is pushed there again', () => {
    const counts = again.map((_, index) =>
      count(imageAfter(...first, ...deletions, ...again.slice(0, index + 1))),
    );
    expect(counts).toEqual([1, 2, 3, 4]);
  });
});
