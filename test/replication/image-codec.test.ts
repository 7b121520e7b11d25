import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Image } from '../../src/replication/image.ts';
import { decodeImage, encodeImage, ImageTextError } from '../../src/replication/image-codec.ts';
import type { Signal } from '../../src/signals/signal.ts';
import { anImage, aReference, idOf } from './fixtures.ts';

const time = fc.integer({ min: 0, max: 4e12 });
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const text = fc.string({ unit: 'binary', maxLength: 20 });
// No region has the name of a property that every object has.
const region = fc
  .stringMatching(/^[a-z0-9]{1,20}$/)
  .filter((name) => !['constructor', 'prototype'].includes(name));
const aFact = fc.record(
  {
    region,
    atMs: time,
    evidence: fc.constantFrom('webhook' as const, 'event' as const, 'verified' as const, 'pullable' as const),
    learnedAtMs: time,
    isWithdrawn: fc.constant(true as const),
  },
  { requiredKeys: ['region', 'atMs', 'evidence', 'learnedAtMs'] },
);
const reference = fc.record({
  tag: maybe(text),
  firstSeenMs: time,
  regionlessPushAtMs: maybe(time),
  facts: fc.array(aFact, { maxLength: 5 }),
  expected: maybe(fc.array(region, { maxLength: 4 })),
  expectedLater: fc.array(
    fc.record({ atMs: time, learnedAtMs: time, regions: fc.array(region, { maxLength: 4 }) }),
    { maxLength: 3 },
  ),
  revertedAtMs: maybe(time),
  replicatedAtMs: maybe(time),
  stalledAtMs: maybe(time),
  divergedAtMs: maybe(time),
  supersededAtMs: maybe(time),
  episodeMs: maybe(time),
});
const plainData = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,8}$/),
  fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.integer())),
);
const signal = fc.record({
  id: text,
  type: text.map((name) => `evenkeel.${name}` as const),
  source: text,
  subject: text,
  data: plainData,
});
const image: fc.Arbitrary<Image> = fc.record({
  id: fc.constant(idOf()),
  generation: fc.nat(),
  firstSeenMs: time,
  sizeBytes: maybe(fc.nat()),
  expected: maybe(fc.array(region, { maxLength: 4 })),
  deletions: fc.record({
    byRegion: fc.dictionary(region, fc.array(time, { maxLength: 3 })),
    regionlessAtMs: maybe(time),
  }),
  references: fc.array(reference, { maxLength: 3 }),
  verified: fc.array(aFact, { maxLength: 3 }),
  unverified: fc.dictionary(region, text),
  absent: fc.dictionary(region, time),
  replicatedAtMs: maybe(time),
  nextVerificationAtMs: maybe(time),
  verificationAttempts: fc.nat(),
  outbox: fc.array(signal, { maxLength: 2 }),
  finishedAtMs: maybe(time),
});

describe('the text of an image', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(image, (written) => {
        expect(decodeImage(written.id, encodeImage(written))).toEqual(written);
      }),
    );
  });

  const layout1 =
    '{"layout":1,"generation":7,"firstSeenMs":1000,"expected":["eastus","westus"],"deletedAtMs":400,"references":[{"tag":"v1","firstSeenMs":1000,"unplacedAtMs":900,"facts":[["eastus",950,"webhook",1000]],"returnedAtMs":940}],"verified":[["westus",990,"verified",990]],"unverified":{},"nextLookAtMs":5000,"looks":3,"outbox":[]}';

  it('is read as layout 1 had it, where references waited for the regions of their image', () => {
    const decoded = decodeImage(idOf(), layout1);
    expect(decoded).toMatchObject({
      expected: ['eastus', 'westus'],
      deletions: { byRegion: {}, regionlessAtMs: 400 },
      references: [{ expected: ['eastus', 'westus'], regionlessPushAtMs: 900, revertedAtMs: 940 }],
      verified: [{ region: 'westus', atMs: 990, evidence: 'verified' }],
      absent: {},
      nextVerificationAtMs: 5000,
      verificationAttempts: 3,
    });
    expect(decodeImage(idOf(), encodeImage(decoded))).toEqual(decoded);
  });

  it('names the regions of a reference only where they are not those of its image', () => {
    const expected = ['eastus', 'westus'];
    const references = [
      aReference({ tag: 'same', expected: [...expected] }),
      aReference({ tag: 'more', expected: [...expected, 'westeurope'] }),
      aReference({ tag: 'unknown', expected: undefined }),
    ];
    const { references: stored } = JSON.parse(encodeImage(anImage({ expected, references })));
    expect(stored).toMatchObject([{}, { expected: ['eastus', 'westus', 'westeurope'] }, { expected: null }]);
    expect(stored[0]).not.toHaveProperty('expected');
  });

  it('keeps the property names that installations have stored', () => {
    const stored = {
      layout: 2,
      generation: 7,
      firstSeenMs: 1000,
      deletedAtMs: 400,
      deletedIn: { eastus: [300, 380] },
      absent: { westus: 410 },
      references: [
        {
          tag: 'v1',
          firstSeenMs: 1000,
          unplacedAtMs: 900,
          facts: [['eastus', 950, 'webhook', 1000]],
          returnedAtMs: 940,
        },
      ],
      verified: [],
      unverified: {},
      nextLookAtMs: 5000,
      looks: 3,
      outbox: [],
    };
    const decoded = decodeImage(idOf(), JSON.stringify(stored));
    expect(decoded).toMatchObject({
      deletions: { byRegion: { eastus: [300, 380] }, regionlessAtMs: 400 },
      references: [{ regionlessPushAtMs: 900, revertedAtMs: 940 }],
      nextVerificationAtMs: 5000,
      verificationAttempts: 3,
    });
    expect(JSON.parse(encodeImage(decoded))).toEqual(stored);
  });

  it('does not repeat the id, which is the key', () => {
    const { registry, repository, digest } = idOf();
    for (const part of [registry, repository, digest]) expect(encodeImage(anImage())).not.toContain(part);
  });

  const signal: Signal = { id: 'a', type: 'evenkeel.test', source: 's', subject: 't', data: {} };
  const withSignal = encodeImage(anImage({ outbox: [signal] }));

  it.each([
    ['is no JSON', 'nonsense'],
    ['is empty', ''],
    ['has a later layout', encodeImage(anImage()).replace('"layout":2', '"layout":3')],
    ['has a signal of another sender', withSignal.replace('evenkeel.test', 'another.test')],
    ['has a signal whose type is no text', withSignal.replace('"evenkeel.test"', '7')],
    ['lacks a required property', encodeImage(anImage()).replace('"generation"', '"other"')],
  ])('is refused with the name of the image when it %s', (_, stored) => {
    const read = () => decodeImage(idOf(), stored);
    expect(read).toThrow(ImageTextError);
    expect(read).toThrow(`the ledger's entity of team/app@${idOf().digest} cannot be read`);
  });
});
