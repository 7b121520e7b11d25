import { describe, expect, it } from 'vitest';
import { imageSignal, regionStates } from '../../src/replication/image-signal.ts';
import { anImage, aReference, at, d1, d2, fact, idOf, registry } from './fixtures.ts';

const facts = [fact('eastus', 1), fact('westus', 2, 'event')];
const image = anImage({ references: [aReference({ facts })] });

const signalOf = (
  parts: Parameters<typeof anImage>[0] = {},
  reference = aReference({ facts }),
  type: Parameters<typeof imageSignal>[0] = 'evenkeel.registry.replicated',
) =>
  imageSignal(type, {
    image: { ...image, ...parts },
    reference,
    expect: () => ['eastus', 'westus'],
    source: registry.id,
    nowMs: at(10),
  });
const idAfter = (...of: Parameters<typeof signalOf>): string => signalOf(...of).id;

describe('imageSignal', () => {
  it('names the image, its regions with their times, and how long the replication took', () => {
    expect(signalOf()).toMatchObject({
      type: 'evenkeel.registry.replicated',
      source: registry.id,
      subject: 'team/app:v1',
      data: {
        registry: 'myregistry',
        loginServer: 'myregistry.azurecr.io',
        repository: 'team/app',
        digest: d1,
        tag: 'v1',
        regions: [
          { region: 'eastus', state: 'available', at: '2026-11-21T08:00:01.000Z', evidence: 'webhook' },
          { region: 'westus', state: 'available', at: '2026-11-21T08:00:02.000Z', evidence: 'event' },
        ],
        firstSeen: '2026-11-21T08:00:00.000Z',
        at: '2026-11-21T08:00:10.000Z',
        elapsedMs: 10_000,
      },
    });
  });

  it('has the digest as the subject of a push by digest', () => {
    const signal = signalOf({}, aReference({ tag: undefined }));
    expect(signal).toMatchObject({ subject: `team/app@${d1}`, data: { tag: null } });
  });

  it('has the same id whoever makes it, and whenever', () => {
    const later = imageSignal('evenkeel.registry.replicated', {
      image: { ...image, firstSeenMs: at(3), generation: 4, verificationAttempts: 2 },
      reference: aReference({ firstSeenMs: at(4), facts: facts.toReversed() }),
      expect: () => ['eastus'],
      source: registry.id,
      nowMs: at(99),
    });
    expect(later.id).toBe(idAfter());
  });

  // Consumers drop repeats by the id, also those of an earlier version.
  it.each([
    ['v1', 'd914c8a56b85175a5830974ad8dca6a3'],
    [undefined, 'd39523fb161ac2fd8a1a73196a5ccbd4'],
  ])('has the id of the contract for the tag %s', (tag, id) => {
    expect(idAfter({}, aReference({ tag, facts }))).toBe(id);
    expect(idAfter({}, aReference({ tag, facts, episodeMs: 0 }))).toBe(id);
  });

  it('has a different id for each type, reference and episode', () => {
    const ids = [
      idAfter(),
      idAfter({}, undefined, 'evenkeel.registry.replicationStalled'),
      idAfter({}, undefined, 'evenkeel.registry.tagDiverged'),
      idAfter({ id: idOf(d2) }),
      idAfter({ id: { ...idOf(), repository: 'team/other' } }),
      idAfter({ id: { ...idOf(), registry: 'other' } }),
      idAfter({}, aReference({ tag: 'v2' })),
      idAfter({}, aReference({ tag: undefined })),
      idAfter({}, aReference({ episodeMs: at(5) })),
      idAfter({}, aReference({ episodeMs: at(6) })),
      idAfter({}, aReference({ revertedAtMs: at(5) })),
      idAfter({}, aReference({ revertedAtMs: at(6) })),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('regionStates', () => {
  it('has the oldest fact of each expected region', () => {
    const reported = [fact('eastus', 9), fact('eastus', 3, 'event'), fact('unexpected', 1)];
    expect(regionStates(['westus', 'eastus'], reported)).toEqual([
      { region: 'westus', state: 'waiting' },
      { region: 'eastus', state: 'available', at: '2026-11-21T08:00:03.000Z', evidence: 'event' },
    ]);
  });

  it('is verified where the manifest was read, whatever was reported before', () => {
    const reported = [fact('eastus', 3), fact('eastus', 9, 'verified')];
    expect(regionStates(['eastus'], reported)).toMatchObject([{ evidence: 'verified' }]);
  });

  it('has the time of the last answer, and the best grade of all', () => {
    const read = [fact('eastus', 12, 'verified'), fact('eastus', 9, 'pullable'), fact('eastus', 3)];
    expect(regionStates(['eastus'], read)).toMatchObject([
      { at: '2026-11-21T08:00:03.000Z', evidence: 'pullable', verifiedAt: '2026-11-21T08:00:12.000Z' },
    ]);
  });

  it('has the reason why a region could not be asked, unless the region has the image', () => {
    const reasons = { eastus: 'no answer in time', westus: 'throttled' };
    expect(regionStates(['eastus', 'westus'], [fact('eastus', 3)], reasons)).toMatchObject([
      { region: 'eastus', state: 'available' },
      { region: 'westus', state: 'unverified', reason: 'throttled' },
    ]);
  });
});
