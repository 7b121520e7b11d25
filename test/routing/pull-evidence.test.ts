import { describe, expect, it } from 'vitest';
import type { ProbeImage, PullAnswer } from '../../src/registries/ports.ts';
import type { Registry } from '../../src/registries/registry.ts';
import type { ObservedReplica } from '../../src/routing/observe.ts';
import { judgePulls, unservedProblem } from '../../src/routing/pull-evidence.ts';
import { review } from '../../src/routing/review.ts';
import { anObservation, aRegistry, observed, served, someRules, start, unread } from './fixtures.ts';

const image: ProbeImage = { repository: 'team/app', reference: 'v1', regions: 'all' };
const of = (...regions: string[]): ProbeImage => ({ ...image, regions });
const throttled: PullAnswer = { kind: 'throttled', retryAfterMs: 1_000 };
const failing: PullAnswer = { kind: 'failing', step: 'layer', reason: 'answered 503' };
const refused = (status: number): PullAnswer => ({
  ...{ kind: 'refused', step: 'manifest', status, reason: `answered ${status}` },
});
const unknown: PullAnswer = { kind: 'unknown', reason: 'its name does not resolve' };

const kindsOf = (
  pulls: readonly (PullAnswer | undefined)[],
  probed: ProbeImage | undefined = image,
  unfilled: readonly number[] = [],
) =>
  judgePulls(
    probed,
    pulls.map((pull, index) => ({ region: `r${index}`, pull, isFilled: !unfilled.includes(index) })),
  ).map(({ kind }) => kind);

describe('the pulls of one review', () => {
  it.each<[string, (PullAnswer | undefined)[], string[]]>([
    ['all serve', [served, served], ['served', 'served']],
    ['one fails', [failing, served], ['failing', 'served']],
    ['one fails, and the others are throttled', [failing, throttled], ['failing', 'throttled']],
    [
      'one fails, and nobody else was asked',
      [failing, unknown, undefined],
      ['failing', 'unknown', 'unknown'],
    ],
    ['the only one fails', [failing], ['failing']],
    ['all fail', [failing, failing, unknown], ['unserved', 'unserved', 'unknown']],
    ['one fails, and the other refuses', [failing, refused(404)], ['failing', 'unserved']],
    ['one refuses what another serves: 403', [refused(403), served], ['lacking', 'served']],
    ['… 404', [refused(404), served, served], ['lacking', 'served', 'served']],
    ['… 401', [refused(401), served], ['lacking', 'served']],
    ['all refuse', [refused(403), refused(403)], ['unserved', 'unserved']],
    ['the only one refuses', [refused(404)], ['unserved']],
    ['one refuses, and the other is throttled', [refused(403), throttled], ['unserved', 'throttled']],
    ['one refuses, and the other was not asked', [refused(404), unknown], ['unserved', 'unknown']],
  ])('%s', (_, pulls, expected) => {
    expect(kindsOf(pulls)).toEqual(expected);
  });

  it('say nothing about a replica that need not have the image yet', () => {
    expect(kindsOf([refused(404), served], of('r1'))).toEqual(['unknown', 'served']);
    expect(kindsOf([refused(404), served], of('r0', 'r1'))).toEqual(['lacking', 'served']);
    expect(kindsOf([refused(404), served], image, [0])).toEqual(['unknown', 'served']);
    // That it is missing there explains no refusal of another kind.
    expect(kindsOf([refused(403), failing, served], image, [0, 1])).toEqual(['lacking', 'failing', 'served']);
  });

  it('leave it to the front door when no image is known, and say so', () => {
    const [only] = judgePulls(undefined, [{ region: 'r0', pull: undefined, isFilled: true }]);
    expect(only).toEqual({
      kind: 'unknown',
      reason: expect.stringContaining('only its front door is asked; probeImage in REGISTRIES names one'),
    });
  });

  it('name what is pulled and the step, and what to look at when no replica serves it', () => {
    const pulls = judgePulls(
      image,
      [refused(403), refused(403)].map((pull, index) => ({ region: `r${index}`, pull, isFilled: true })),
    );
    expect(pulls[0]).toMatchObject({ reason: 'the manifest of team/app:v1: answered 403' });
    expect(unservedProblem('myregistry', pulls)).toMatch(
      /^no replica of myregistry serves .*the manifest of team\/app:v1: answered 403\).*customer-managed key/,
    );
    expect(unservedProblem('myregistry', [...pulls, { kind: 'served', latencyMs: 1 }])).toBeUndefined();
    expect(unservedProblem('myregistry', [{ kind: 'failing', reason: '503' }])).toBeUndefined();
    const reference = `sha256:${'1'.repeat(64)}`;
    const [byDigest] = judgePulls({ ...image, reference }, [{ region: 'r0', pull: failing, isFilled: true }]);
    expect(byDigest).toMatchObject({ reason: 'the layer of team/app@sha256:111111111111…: answered 503' });
  });
});

describe('a review with pulls', () => {
  const pulledBy = (registry: Partial<Registry>, ...replicas: ObservedReplica[]) => {
    const seen = anObservation(replicas, { probeImage: image });
    const { after } = review(aRegistry(registry), undefined, seen, someRules(), start);
    return after.replicas.map(({ evidence }) => evidence.pull?.kind);
  };
  const lacks = { pull: refused(404) };
  const serves = { ...observed('eastus'), pull: served };

  it('judges each beside the others, and excuses one that is not filled, or was not read', () => {
    const registry = { probe: 'pull' } as const;
    expect(pulledBy(registry, serves, { ...observed('westus'), ...lacks })).toEqual(['served', 'lacking']);
    for (const changes of [{ displayStatus: 'Syncing' }, { provisioningState: 'Creating' }])
      expect(pulledBy(registry, serves, { ...observed('westus', changes), ...lacks })).toEqual([
        ...['served', 'unknown'],
      ]);
    expect(pulledBy(registry, serves, { ...unread('westus'), ...lacks })).toEqual(['served', 'unknown']);
  });
  it('shows none where the registry is not probed by pulls', () => {
    expect(pulledBy({ probe: true }, serves)).toEqual([undefined]);
  });
});
