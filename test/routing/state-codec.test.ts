import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { review } from '../../src/routing/review.ts';
import type { ReviewState } from '../../src/routing/state.ts';
import {
  decodeReviewState,
  encodeReviewState,
  NewerReviewStateError,
} from '../../src/routing/state-codec.ts';
import {
  anObservation,
  aRegistry,
  failed,
  hourMs,
  minute,
  minuteText,
  never,
  observed,
  replicaIn,
  someRules,
  stateAfter,
} from './fixtures.ts';

describe('a stored review', () => {
  it('is read as it was written', () => {
    const state = stateAfter(4);
    expect(decodeReviewState('myregistry', encodeReviewState(state))).toEqual(
      JSON.parse(JSON.stringify(state)),
    );
  });
  it('is ASCII, whatever Azure writes', () => {
    const state = { ...stateAfter(1), problems: ['naïve – 🙂'] };
    const text = encodeReviewState(state);
    expect(text).toMatch(/^[ -~]+$/);
    expect(decodeReviewState('myregistry', text)?.problems).toEqual(state.problems);
  });
  it.each(['', 'null', '[]', '{"layout":0}', '{"layout":1,"replicas":7}'])(
    'does not exist in the text %j',
    (text) => {
      expect(decodeReviewState('myregistry', text)).toBeUndefined();
    },
  );
  it('of a later version is not overwritten', () => {
    expect(() => decodeReviewState('myregistry', '{"layout":3}')).toThrow(NewerReviewStateError);
    expect(() => decodeReviewState('myregistry', '{"layout":3}')).toThrow(/EvenkeelReviews/);
  });

  it('of 25 replicas that are all flagged, with signals unpublished for days, fits into one entity', () => {
    const regions = Array.from({ length: 24 }, (_, index) => `region${index}withalongname`);
    const chatty = 'something went wrong, and this is what the service has to say of it. '.repeat(40);
    const registry = aRegistry({
      name: 'x'.repeat(50),
      review: { raise: { bad: 20, of: 20 }, clear: 20 },
    });
    let state: ReviewState | undefined;
    for (let round = 0; round < 60; round++) {
      const replicas = regions.map((region) => ({
        ...observed(region, {
          provisioningState: 'Failed',
          statusMessage: chatty,
          displayStatus: chatty,
          lastModifiedBy: 'terraform',
        }),
        reachability: { kind: 'failing', reason: chatty, latencyMs: 5_000 } as const,
      }));
      const lateImages = new Map(regions.map((region) => [region, 1_000]));
      const seen = anObservation([...replicas, observed('eastus')], { lateImages });
      const now = new Date(minute(0).getTime() + round * hourMs);
      // A topic that takes nothing: signals keep waiting, and each flag ends and comes again.
      const waiting =
        state?.outbox.map((signal) => ({ ...signal, type: 'evenkeel.replica.cleared' as const })) ?? [];
      state = review(registry, state && { ...state, outbox: waiting }, seen, someRules(), now).after;
    }
    expect(state?.outbox).toHaveLength(30);
    expect(
      state?.replicas.every(
        ({ reviews, verdict, region }) =>
          reviews.length + verdict.reviews.length === 40 || region === 'eastus',
      ),
    ).toBe(true);
    // 1 MiB for an entity, in UTF-16.
    expect(encodeReviewState(state ?? stateAfter(1)).length).toBeLessThan(0.9 * 512 * 1024);
  });
});

describe('a review that was stored in layout 1', () => {
  const text = readFileSync(new URL('stored/layout-1.json', import.meta.url), 'utf8');
  const decoded = decodeReviewState('myregistry', text);
  if (decoded === undefined) throw new Error('layout 1 could not be read');
  const state = decoded;

  it('keeps the contest, the reversals and when its flag was signalled', () => {
    expect(replicaIn(state, 'westus')).toMatchObject({
      health: 'bad',
      reversals: 3,
      contested: { since: minuteText(24), lastModifiedBy: 'terraform' },
      reportedAt: minuteText(1),
    });
  });
  it('keeps what evenkeel switched off itself', () => {
    expect(replicaIn(state, 'norwayeast')).toMatchObject({
      disabledByUs: true,
      intent: { to: 'disabled', at: minuteText(0), outcome: 'done' },
      contested: undefined,
    });
  });
  it('keeps an intent that was not sent', () => {
    expect(replicaIn(state, 'uksouth').intent).toEqual({
      to: 'disabled',
      at: minuteText(41),
      outcome: 'notSent',
      detail: 'no time was left',
    });
  });
  it('keeps verdicts with their reviews, and calls open ones inconclusive', () => {
    const { health, reviews, verdict } = replicaIn(state, 'norwayeast');
    expect(health).toBe('inconclusive');
    expect(reviews.map((review) => review.health)).toEqual(['good', 'inconclusive']);
    expect(verdict).toMatchObject({ flagged: true, reviews: [{ health: 'good' }] });
  });
  it('keeps the error of the control plane, the recent changes and the unpublished signals', () => {
    expect(state.controlPlaneError?.since).toBe(minuteText(42));
    expect(state.recentChanges).toEqual([0, 1, 12, 23].map(minuteText));
    expect(state.outbox.map(({ type }) => type)).toEqual(['evenkeel.replica.flagged']);
  });
  it('loses nothing, and is stored in layout 2 from then on', () => {
    const stored = encodeReviewState(state);
    expect(JSON.parse(stored)).toMatchObject({ layout: 2 });
    expect(decodeReviewState('myregistry', stored)).toEqual(JSON.parse(stored));
    expect(namesIn(JSON.parse(stored)).length).toBe(namesIn(JSON.parse(text)).length);
  });
  it('goes on with the next review as if it had been stored in layout 2', () => {
    const seen = anObservation([
      observed('eastus'),
      failed('westus'),
      failed('uksouth'),
      observed('norwayeast', { globalRouting: 'disabled' }),
    ]);
    const { after, events } = review(
      aRegistry({ policy: [never('norwayeast')] }),
      state,
      seen,
      someRules({ changesPerHour: 9 }),
      minute(43),
    );
    expect(events).toEqual([]);
    expect(after.controlPlaneError).toBeUndefined();
    expect(replicaIn(after, 'westus').action.rules).toEqual(['anotherWriter']);
    expect(replicaIn(after, 'norwayeast').action.because).toBe('evenkeel has switched it off');
    expect(replicaIn(after, 'uksouth').intent).toMatchObject({ firstAt: minuteText(41), outcome: 'pending' });
  });
});

/** The names of all properties, at every depth. */
const namesIn = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, inner]) => [name, ...namesIn(inner)])
    : [];
