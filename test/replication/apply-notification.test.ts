import { describe, expect, it } from 'vitest';
import { applyNotification, type NotificationEffect } from '../../src/replication/apply-notification.ts';
import {
  digestFacts,
  type Image,
  isDeleted,
  isLive,
  liveReferences,
  referenceFacts,
} from '../../src/replication/image.ts';
import type { Notification } from '../../src/replication/notification.ts';
import { anImage, aReference, at, deletion, fact, push, referenceOf } from './fixtures.ts';

const imageOf = (absorbed: NotificationEffect): Image | undefined =>
  'image' in absorbed ? absorbed.image : undefined;

/** What is known after some notices, each of which is told a second after the one before. */
function told(...notices: readonly Notification[]): Image {
  let image: Image | undefined;
  for (const [index, notice] of notices.entries()) {
    image = imageOf(applyNotification(image, notice, at(100 + index))) ?? image;
  }
  if (image === undefined) throw new Error('nothing is known after these notices');
  return image;
}
const kindAfter = (before: readonly Notification[], notice: Notification): NotificationEffect['kind'] =>
  applyNotification(before.length === 0 ? undefined : told(...before), notice, at(200)).kind;

const unplaced = (seconds: number) => push(seconds, { region: undefined });
const event = (seconds: number) => push(seconds, { evidence: 'event' });

describe('absorb', () => {
  it.each<
    [what: string, before: readonly Notification[], notice: Notification, kind: NotificationEffect['kind']]
  >([
    ['the first push', [], push(1), 'added'],
    ['the same push again', [push(1)], push(1), 'unchanged'],
    ['the same push of another region', [push(1)], push(1, { region: 'westus' }), 'added'],
    ['the same push under another tag', [push(1)], push(1, { tag: 'v2' }), 'added'],
    ['the same push by digest only', [push(1)], push(1, { tag: undefined }), 'added'],
    ['the same push told by another way', [push(1)], event(1), 'unchanged'],
    ['a later push told by another way', [push(1)], event(2), 'pushedAgain'],
    ['an earlier push told by another way', [push(2)], event(1), 'pushedAgain'],
    ['a later push the same way', [push(1)], push(2), 'pushedAgain'],
    ['an earlier push the same way', [push(2)], push(1), 'pushedAgain'],
    ['a push that is no newer than a deletion', [deletion(2)], push(2), 'outdated'],
    ['the same again', [deletion(2), push(2)], push(2), 'unchanged'],
    ['one without a region that is no newer than a deletion', [deletion(2)], unplaced(2), 'outdated'],
    ['the same without a region again', [deletion(2), unplaced(2)], unplaced(2), 'unchanged'],
    [
      'one without a region before a deletion, of what was pushed since',
      [deletion(2), unplaced(3)],
      unplaced(1),
      'unchanged',
    ],
    [
      'a push before a deletion, of another region',
      [push(1), deletion(2)],
      push(1, { region: 'westus' }),
      'outdated',
    ],
    ['a push after a deletion', [push(1), deletion(2)], push(3), 'pushedAgain'],
    [
      'a push after a deletion, where it never was',
      [push(1), deletion(2)],
      push(3, { region: 'westus' }),
      'added',
    ],
    ['a push without a region', [], unplaced(1), 'added'],
    ['the same without a region again', [unplaced(1)], unplaced(1), 'unchanged'],
    ['a later one without a region', [unplaced(1)], unplaced(2), 'unchanged'],
    ['an earlier one without a region', [unplaced(2)], unplaced(1), 'added'],
    ['one without a region, of what a region has', [push(1)], unplaced(1), 'unchanged'],
    ['one without a region, of another tag', [push(1)], push(1, { region: undefined, tag: 'v2' }), 'added'],
    ['one without a region after a deletion', [push(1), deletion(2)], unplaced(3), 'added'],
    ['a deletion', [push(1)], deletion(2), 'deleted'],
    ['a deletion of what was never seen', [], deletion(2), 'deleted'],
    ['the same deletion again', [push(1), deletion(2)], deletion(2), 'unchanged'],
    ['an older deletion', [push(1), deletion(3)], deletion(2), 'unchanged'],
    ['a newer deletion', [push(1), deletion(2)], deletion(3), 'deleted'],
  ])('calls %s what it is', (_, before, notice, kind) => {
    expect(kindAfter(before, notice)).toBe(kind);
  });

  it('remembers when a region told of a push, by the clocks of both', () => {
    const { facts } = referenceOf(told(push(1)));
    expect(facts).toEqual([{ region: 'eastus', atMs: at(1), evidence: 'webhook', learnedAtMs: at(100) }]);
  });

  it('keeps the time when the image, and each reference of it, was first heard of', () => {
    const image = told(push(1), push(1, { tag: 'v2' }), push(1, { region: 'westus' }));
    expect(image.firstSeenMs).toBe(at(100));
    expect(referenceOf(image, 'v1').firstSeenMs).toBe(at(100));
    expect(referenceOf(image, 'v2').firstSeenMs).toBe(at(101));
  });

  it('has the review ask at once after a push that names no region, and makes no region available', () => {
    const image = told(unplaced(1));
    expect(image.nextVerificationAtMs).toBe(at(100));
    expect(digestFacts(image)).toEqual([]);
    expect(liveReferences(image)).toHaveLength(1);
  });

  it('takes every push as the first showing of a digest without a tag', () => {
    const image = told(push(1, { tag: undefined }), push(2, { tag: undefined, region: 'westus' }));
    expect(image.references.map(({ tag }) => tag)).toEqual([undefined]);
    expect(digestFacts(image).map(({ region }) => region)).toEqual(['eastus', 'westus']);
  });

  it('leaves the order of facts to their times and not to the order of the notices', () => {
    const notices = [push(1), push(3), event(2), push(2, { region: 'westus' })];
    const timesOf = (image: Image) =>
      new Set(referenceOf(image).facts.map(({ region, atMs, evidence }) => `${region} ${evidence} ${atMs}`));
    expect(timesOf(told(...notices))).toEqual(timesOf(told(...notices.toReversed())));
    expect(timesOf(told(...notices)).size).toBe(4);
  });

  it('keeps the first fact of a region and the last five, in whatever order they come', () => {
    const pushes = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((seconds) => push(seconds));
    const kept = (image: Image) => referenceOf(image).facts.map(({ atMs }) => (atMs - at(0)) / 1000);
    expect(kept(told(...pushes))).toEqual([1, 5, 6, 7, 8, 9]);
    expect(kept(told(...pushes.toReversed()))).toEqual([1, 5, 6, 7, 8, 9]);
  });

  it('keeps the hundred references that were heard of last', () => {
    const pushes = Array.from({ length: 120 }, (_, index) => push(1, { tag: `build-${index}` }));
    const tags = told(...pushes).references.map(({ tag }) => tag);
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

  it('makes older facts count no more, and takes every verdict back', () => {
    const image = imageOf(applyNotification(judged, deletion(2), at(20)));
    if (image === undefined) throw new Error('nothing was deleted');
    expect(isDeleted(image)).toBe(true);
    expect(digestFacts(image)).toEqual([]);
    expect(referenceOf(image)).toEqual(aReference({ facts: [fact('eastus', 1)] }));
    expect(image).toMatchObject({
      replicatedAtMs: undefined,
      unverified: {},
      verificationAttempts: 0,
      deletedAtMs: at(2),
    });
  });

  it('that comes late leaves what was pushed after it', () => {
    const image = told(push(1), push(5), deletion(3));
    expect(isDeleted(image)).toBe(false);
    expect(digestFacts(image).map(({ atMs }) => atMs)).toEqual([at(5)]);
  });

  it('that comes late begins the episode with the push after it', () => {
    const image = told(push(1), push(1, { tag: 'old' }), push(5), deletion(3));
    expect(image.firstSeenMs).toBe(at(102));
    expect(referenceOf(image).firstSeenMs).toBe(at(102));
  });

  it.each([
    ['forgets a return of the tag before it, and what was said of that', 2, [], {}],
    ['leaves what was said of a return of the tag after it, which is all that counts now', 5, [], verdicts],
    [
      'leaves a return of the tag after a push after it, and what was said of that',
      9,
      [fact('eastus', 5)],
      { revertedAtMs: at(9), ...verdicts },
    ],
  ])('%s', (_, returned, between, kept) => {
    const facts = [fact('eastus', 1), ...between, fact('eastus', returned)];
    const reference = aReference({ facts, revertedAtMs: at(returned), ...verdicts });
    const image = imageOf(applyNotification(anImage({ references: [reference] }), deletion(3), at(20)));
    const { revertedAtMs, replicatedAtMs, stalledAtMs, divergedAtMs, supersededAtMs } = referenceOf(image);
    const left = { revertedAtMs, replicatedAtMs, stalledAtMs, divergedAtMs, supersededAtMs };
    expect(left).toEqual({ revertedAtMs: undefined, ...noVerdicts, ...kept });
  });

  it('has every copy of the push after it count, also one that is older than what its return was seen by', () => {
    const facts = [fact('westus', 1), fact('westus', 6), fact('eastus', 5)];
    const before = anImage({ references: [aReference({ facts, revertedAtMs: at(6) })] });
    const image = imageOf(applyNotification(before, deletion(3), at(20)));
    if (image === undefined) throw new Error('nothing was deleted');
    expect(referenceFacts(image, referenceOf(image)).map(({ region }) => region)).toEqual([
      'westus',
      'eastus',
    ]);
  });

  it.each([
    ['takes back what was said of a push by digest, where it lived on what a tag had shown', 1, undefined],
    ['leaves what was said of a push by digest, where that was shown everywhere since', 5, at(6)],
  ])('%s', (_, westus, replicatedAtMs) => {
    const tagged = aReference({ facts: [fact('eastus', 1), fact('westus', 1)], replicatedAtMs: at(2) });
    const facts = [fact('eastus', 5), ...(westus === 5 ? [fact('westus', 5)] : [])];
    const byDigest = aReference({ tag: undefined, facts, replicatedAtMs: at(6) });
    const before = anImage({ expected: ['eastus', 'westus'], references: [tagged, byDigest] });
    const image = imageOf(applyNotification(before, deletion(3), at(20)));
    const left = image?.references.find(({ tag }) => tag === undefined);
    expect(left?.replicatedAtMs).toBe(replicatedAtMs);
  });

  it('that another region tells later takes back nothing that was said of what was pushed in between', () => {
    const again = [fact('eastus', 1), fact('eastus', 5)];
    const reference = aReference({ facts: again, replicatedAtMs: at(6) });
    const before = anImage({ deletedAtMs: at(2), references: [reference], replicatedAtMs: at(6) });
    expect(imageOf(applyNotification(before, deletion(4), at(20)))).toEqual({
      ...before,
      deletedAtMs: at(4),
    });
  });

  it('leaves nothing of what was read before it was known', () => {
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

  it('that comes late leaves nothing of what was read before it was known', () => {
    const pushed = aReference({ facts: [fact('eastus', 1), fact('eastus', 5)] });
    const read = anImage({ references: [pushed], verified: [fact('westus', 6, 'verified')] });
    const image = imageOf(applyNotification(read, deletion(2), at(20)));
    if (image === undefined) throw new Error('nothing was deleted');
    expect(digestFacts(image)).toEqual([fact('eastus', 5)]);
  });

  it('begins no episode with what was pushed before it', () => {
    const deleted = told(push(1), deletion(3));
    const image = imageOf(applyNotification(deleted, push(2), at(500)));
    expect(image?.firstSeenMs).toBe(deleted.firstSeenMs);
  });

  it('has what was pushed before it remembered, told late, and makes nothing of it', () => {
    const before = told(deletion(3), push(5, { region: 'westus' }));
    const image = told(deletion(3), push(5, { region: 'westus' }), push(1), push(1, { tag: 'old' }));
    expect(digestFacts(image)).toEqual(digestFacts(before));
    expect(liveReferences(image).map(({ tag }) => tag)).toEqual(['v1']);
    expect(image).toMatchObject({ firstSeenMs: before.firstSeenMs, nextVerificationAtMs: undefined });
    expect(referenceOf(image).facts.map(({ atMs }) => atMs)).toEqual([at(1), at(5)]);
  });

  it('is followed by a new episode when the image is pushed again', () => {
    const image = told(push(1), push(1, { tag: 'old' }), deletion(2), push(3));
    expect(image).toMatchObject({ deletedAtMs: at(2), firstSeenMs: at(103), expected: undefined });
    expect(referenceOf(image).firstSeenMs).toBe(at(103));
    expect(isLive(image, referenceOf(image, 'old'))).toBe(false);
    // The order of a tag's pushes is remembered.
    expect(referenceOf(image).facts.map(({ atMs }) => atMs)).toEqual([at(1), at(3)]);
  });

  it('leaves signals that are not published where they are', () => {
    const signal = { id: 'a', type: 'evenkeel.test' as const, source: 's', subject: 't', data: {} };
    const deleted = imageOf(applyNotification({ ...judged, outbox: [signal] }, deletion(2), at(20)));
    const again = imageOf(applyNotification(deleted, push(3), at(21)));
    expect([deleted?.outbox, again?.outbox]).toEqual([[signal], [signal]]);
  });
});
