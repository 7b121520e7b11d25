import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../../src/cli/commands/wait/answer.ts';
import { nextStep } from '../../../../src/cli/commands/wait/next-step.ts';
import type { WaitCondition } from '../../../../src/cli/commands/wait/wait-condition.ts';
import { answer, conditionOf, digest, failure, otherDigest, region, replication } from './fixtures.ts';

interface Circumstances {
  readonly wasHeld?: boolean;
  readonly elapsedMs?: number;
  readonly wasEverAnswered?: boolean;
}

const stepAfter = (last: Answer, condition: Partial<WaitCondition> = {}, more: Circumstances = {}) =>
  nextStep(
    {
      answer: last,
      wasHeld: false,
      image: 'image' in last ? last.image : undefined,
      wasEverAnswered: last.kind !== 'unavailable',
      elapsedMs: 10_000,
      ...more,
    },
    conditionOf(condition),
  );
const endOf = (...args: Parameters<typeof stepAfter>): string => {
  const step = stepAfter(...args);
  return step.kind === 'end' ? `${step.result.outcome}: ${step.result.message}` : 'goes on';
};

const both = replication('replicated', ['eastus+webhook', 'westus+event']);
const half = replication('pending', ['eastus+webhook', 'westus']);
const late = replication('stalled', ['eastus+webhook', 'westus'], { stalledAt: '2026-11-21T08:10:00Z' });

describe('the wait ends', () => {
  const name = 'myregistry/team/app:v1';
  it.each<[string, number, object, Partial<WaitCondition>, string]>([
    ['everywhere', 200, both, {}, `replicated: ${name} (sha256:1a2b3c4d1a2b) is in eastus, westus`],
    [
      'with the named region there',
      202,
      half,
      { regions: ['eastus'] },
      `replicated: ${name} (sha256:1a2b3c4d1a2b) is in eastus`,
    ],
    [
      'with the named region there, and stalled elsewhere',
      202,
      late,
      { regions: ['eastus'] },
      `replicated: ${name} (sha256:1a2b3c4d1a2b) is in eastus`,
    ],
    [
      'with a region named that evenkeel does not expect',
      200,
      both,
      { regions: ['eastus', 'westsu'] },
      `failed: evenkeel does not expect ${name} in westsu; it is in eastus, westus`,
    ],
    [
      'stalled',
      202,
      late,
      {},
      `stalled: ${name} is stalled since 2026-11-21T08:10:00Z, missing in westus (waiting); it may still arrive: use --through-stall to wait for it`,
    ],
    [
      'superseded',
      409,
      replication('superseded', ['eastus+webhook', 'westus'], { supersededBy: otherDigest }),
      {},
      `superseded: ${name} was superseded by ${otherDigest} before it was everywhere; it was missing in westus`,
    ],
    [
      'with the named region there, though superseded elsewhere',
      409,
      replication('superseded', ['eastus+webhook', 'westus'], { supersededBy: otherDigest }),
      { regions: ['eastus'] },
      `replicated: ${name} (sha256:1a2b3c4d1a2b) is in eastus`,
    ],
    [
      'superseded, while a named region lacks it',
      409,
      replication('superseded', ['eastus+webhook', 'westus']),
      { regions: ['westus'] },
      `superseded: ${name} was superseded by a newer push before it was everywhere; it was missing in westus`,
    ],
    [
      'with the named regions there, though another one shows an older digest',
      409,
      replication('stalled', ['eastus+webhook', 'westus+webhook', 'southeastasia'], {
        diverged: { southeastasia: otherDigest },
      }),
      { regions: ['eastus', 'westus'] },
      `replicated: ${name} (sha256:1a2b3c4d1a2b) is in eastus, westus`,
    ],
    [
      'diverged, where it is a named region that shows an older digest',
      409,
      replication('stalled', ['eastus+webhook', 'southeastasia+webhook'], {
        diverged: { southeastasia: otherDigest },
      }),
      { regions: ['eastus', 'southeastasia'] },
      `diverged: ${name} resolves to another digest in southeastasia (sha256:9f8e7d6c9f8e), and the objective has passed`,
    ],
    [
      'stalled, where only regions disagree that nobody waits for',
      409,
      replication('stalled', ['eastus', 'southeastasia'], { diverged: { southeastasia: otherDigest } }),
      { regions: ['eastus'] },
      `stalled: ${name} is stalled, missing in eastus (waiting); it may still arrive: use --through-stall to wait for it`,
    ],
    [
      'everywhere, whatever is not waited for',
      200,
      {
        ...both,
        leftOut: [
          { region: 'westeurope', reason: 'seeding' },
          { region: 'uksouth', reason: 'other' },
        ],
      },
      {},
      `replicated: ${name} (sha256:1a2b3c4d1a2b) is in eastus, westus`,
    ],
    [
      'everywhere by strong evidence, though one that nobody waits for has it by weaker evidence',
      200,
      {
        ...replication('replicated', ['eastus+verified', 'westeurope+webhook']),
        leftOut: [{ region: 'westeurope', reason: 'notSelected' }],
      },
      { minEvidence: 'verified' },
      `replicated: ${name} (sha256:1a2b3c4d1a2b) is in eastus`,
    ],
    [
      'with a region named that has it though the app does not wait for it',
      200,
      { ...both, leftOut: [{ region: 'westus', reason: 'addedLater' }] },
      { regions: ['westus'] },
      `replicated: ${name} (sha256:1a2b3c4d1a2b) is in westus`,
    ],
    [
      'with a region named that is being seeded',
      200,
      { ...both, leftOut: [{ region: 'westeurope', reason: 'seeding' }] },
      { regions: ['westeurope'] },
      `failed: evenkeel does not expect ${name} in westeurope (being seeded); it is in eastus, westus`,
    ],
    [
      'diverged',
      409,
      {
        ...replication('stalled', []),
        regions: [region('eastus+webhook'), { ...region('westus+webhook'), digest: otherDigest }],
      },
      {},
      `diverged: ${name} resolves to another digest in westus (sha256:9f8e7d6c9f8e), and the objective has passed`,
    ],
    [
      'diverged without details',
      409,
      {},
      {},
      `diverged: ${name} resolves to another digest in some regions, and the objective has passed`,
    ],
    ['deleted', 410, replication('deleted', []), {}, `deleted: ${name} was deleted`],
    [
      'refused',
      401,
      {},
      {},
      'failed: the app answered 401: set EVENKEEL_KEY to a valid function key of the app',
    ],
    [
      'of a registry that is not configured',
      404,
      failure('registryNotConfigured', 'no such registry'),
      {},
      "failed: the app answered 404 (no such registry): add the registry to the app's setting REGISTRIES",
    ],
  ])('%s', (_, status, body, condition, ending) => {
    expect(endOf(answer(status, body), condition)).toBe(ending);
  });
});

describe('the wait goes on', () => {
  it.each<[string, number, object | undefined, Partial<WaitCondition>]>([
    ['for an image never seen', 404, undefined, {}],
    ['while a region waits', 202, half, {}],
    ['while a named region waits', 202, half, { regions: ['eastus', 'westus'] }],
    [
      'until the app says that all are there, whatever it lists',
      202,
      replication('pending', ['eastus+webhook']),
      {},
    ],
    ['through a stall when told to', 202, late, { throughStall: true }],
    ['for a named region that may still become known', 202, half, { regions: ['eastus', 'northeurope'] }],
    ['while the app is out of order', 503, undefined, {}],
    [
      'through a stall when told to, where regions disagree that nobody waits for',
      409,
      replication('stalled', ['eastus', 'westus'], { diverged: { westus: otherDigest } }),
      { regions: ['eastus'], throughStall: true },
    ],
    ['while no platform is known of', 200, both, { closure: true }],
    ['for an image to go that is there', 202, half, { gone: true }],
    ['for an image to go that was never seen', 404, undefined, { gone: true }],
    [
      'for an image to go that a region still has',
      410,
      replication('deleted', ['eastus!present']),
      { gone: true, regions: ['eastus'] },
    ],
    [
      'for an image to go from a region that nothing is known of',
      202,
      replication('deleted', ['eastus!gone']),
      { gone: true, regions: ['eastus', 'westus'] },
    ],
  ])('%s', (_, status, body, condition) => {
    expect(endOf(answer(status, body), condition)).toBe('goes on');
  });
});

describe('evidence is good enough', () => {
  const goesOn = false;
  const ends = true;
  it.each([
    ['any', '', ends],
    ['any', 'carrierPigeon', ends],
    ['webhook', '', goesOn],
    ['webhook', 'carrierPigeon', goesOn],
    ['webhook', 'webhook', ends],
    ['webhook', 'event', ends],
    ['webhook', 'verified', ends],
    ['event', 'webhook', ends],
    ['event', 'event', ends],
    ['event', 'verified', ends],
    ['verified', 'webhook', goesOn],
    ['verified', 'event', goesOn],
    ['verified', 'verified', ends],
    ['verified', 'pullable', ends],
    ['pullable', 'verified', goesOn],
    ['pullable', 'pullable', ends],
  ] as const)('for --min-evidence %s, when it is %j: %s', (minEvidence, evidence, isEnd) => {
    const image = replication('replicated', ['eastus+pullable', `westus+${evidence}`]);
    const ofAll = stepAfter(answer(200, image), { minEvidence });
    const ofNamed = stepAfter(answer(202, { ...image, state: 'pending' }), {
      minEvidence,
      regions: ['westus'],
    });
    expect([ofAll.kind === 'end', ofNamed.kind === 'end']).toEqual([isEnd, isEnd]);
  });

  it('only of a region that has the image', () => {
    expect(
      endOf(answer(200, replication('replicated', ['eastus!unverified'])), { minEvidence: 'verified' }),
    ).toBe('goes on');
  });
});

describe('an image is pullable', () => {
  const parts = (missing: readonly string[]) => ({ checked: 4, missing: [...missing] });
  const asked = (evidence: string, missing: readonly string[]) => ({
    ...replication('replicated', []),
    regions: [{ ...region(`eastus+${evidence}`), pullable: parts(missing) }],
  });
  const over = { elapsedMs: 600_000 };

  it('only where every layer was answered for', () => {
    const condition = { minEvidence: 'pullable' } as const;
    expect(endOf(answer(200, asked('pullable', [])), condition)).toContain('replicated: ');
    expect(endOf(answer(200, asked('verified', [])), condition)).toBe('goes on');
    expect(endOf(answer(200, asked('pullable', [otherDigest])), condition)).toBe('goes on');
  });

  it('and else the line names the missing layers', () => {
    const ending = endOf(answer(200, asked('verified', [otherDigest])), { minEvidence: 'pullable' }, over);
    expect(ending).toContain('is still missing after 10m 00s in eastus (lacks sha256:9f8e7d6c9f8e)');
  });
});

describe('an image with its platforms', () => {
  const child = (available: readonly string[]) => ({ digest: otherDigest, available: [...available] });
  const closed = (...children: (readonly string[])[]) => ({
    ...both,
    closure: { children: children.map(child) },
  });

  it.each<[string, readonly (readonly string[])[], Partial<WaitCondition>, string]>([
    [
      'is there',
      [
        ['eastus', 'westus'],
        ['westus', 'eastus'],
      ],
      {},
      'replicated: ',
    ],
    ['is not there while a region lacks one', [['eastus'], ['eastus', 'westus']], {}, 'goes on'],
    ['is there in the named region', [['eastus']], { regions: ['eastus'] }, 'replicated: '],
    ['is there where there is one platform only', [], {}, 'replicated: '],
  ])('%s', (_, children, condition, ending) => {
    const last = answer(200, closed(...children));
    expect(endOf(last, { closure: true, ...condition })).toContain(ending);
  });

  it('names what is missing', () => {
    const ending = endOf(answer(200, closed(['eastus'])), { closure: true }, { elapsedMs: 600_000 });
    expect(ending).toContain('in westus (lacks 1 platform image (sha256:9f8e7d6c9f8e))');
  });
});

describe('an image is gone', () => {
  const name = 'myregistry/team/app:v1 (sha256:1a2b3c4d1a2b)';
  it.each<[string, number, object, Partial<WaitCondition>, string]>([
    [
      'from every region',
      200,
      replication('deleted', ['eastus!gone', 'westus!gone']),
      {},
      `gone: ${name} is gone from eastus, westus`,
    ],
    [
      'from the named region, while another has it',
      202,
      replication('deleted', ['eastus!gone', 'westus!present']),
      { regions: ['eastus'] },
      `gone: ${name} is gone from eastus`,
    ],
    [
      'from the named region of a deleted image',
      410,
      replication('deleted', ['eastus!gone', 'westus!present']),
      { regions: ['eastus'] },
      `gone: ${name} is gone from eastus`,
    ],
  ])('%s', (_, status, body, condition, ending) => {
    expect(endOf(answer(status, body), { gone: true, ...condition })).toBe(ending);
  });

  it('or is not, in time', () => {
    const last = answer(202, replication('deleted', ['eastus!gone', 'westus!present']));
    expect(endOf(last, { gone: true }, { elapsedMs: 600_000 })).toBe(
      `timedOut: ${name} is not gone after 10m 00s in westus (still has it)`,
    );
  });
});

describe('when the time is over', () => {
  const over = { elapsedMs: 600_000 };
  it.each<[string, Answer, Circumstances & { image?: typeof half }, string]>([
    [
      'it names the missing regions',
      answer(202, half),
      {},
      'is still missing after 10m 00s in westus (waiting)',
    ],
    [
      'it names them when the app is away at the end',
      answer(503),
      { wasEverAnswered: true, image: half },
      'in westus (waiting)',
    ],
    [
      'it says that the image was never seen',
      answer(404),
      {},
      'timedOut: evenkeel has not seen myregistry/team/app:v1',
    ],
    [
      'it is an error when the app never answered',
      answer(503),
      {},
      'failed: no answer from evenkeel within 10m 00s: the app answered 503',
    ],
    ['an answer that meets the condition still counts', answer(200, both), {}, 'replicated: '],
  ])('%s', (_, last, more, ending) => {
    expect(endOf(last, {}, { ...over, ...more })).toContain(ending);
  });

  it('it names a region that evenkeel does not expect, and evidence that is too weak', () => {
    const ending = endOf(answer(202, half), { regions: ['eastus', 'westsu'], minEvidence: 'verified' }, over);
    expect(ending).toContain('in eastus (webhook, not verified yet), westsu (not expected by evenkeel)');
  });
});

describe('the next question comes', () => {
  it.each<[string, Answer, Circumstances, number]>([
    ['at once after one that was held', answer(202, half, 9), { wasHeld: true }, 0],
    ['at once after one that was held for an unknown image', answer(404, undefined, 9), { wasHeld: true }, 0],
    ['after Retry-After', answer(202, half, 9), {}, 9000],
    ['after three seconds when nothing is said', answer(202, half), {}, 3000],
    [
      'after Retry-After of an app that is out of order, however long that took',
      answer(503, undefined, 9),
      { wasHeld: true },
      9000,
    ],
    ['never sooner than after half a second', answer(202, half, 0), {}, 500],
    [
      'at the end of the time, if Retry-After is longer',
      answer(202, half, 900),
      { elapsedMs: 590_000 },
      10_000,
    ],
  ])('%s', (_, last, more, afterMs) => {
    expect(stepAfter(last, {}, more)).toEqual({ kind: 'ask', afterMs });
  });
});

it('names a digest once', () => {
  const image = { ...conditionOf().image, reference: digest };
  expect(endOf(answer(200, both), { image })).toBe(
    `replicated: myregistry/team/app@${digest} is in eastus, westus`,
  );
});
