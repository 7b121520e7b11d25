import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { review } from '../../src/routing/review.ts';
import type { ReplicaState, ReviewState } from '../../src/routing/state.ts';
import {
  decodeReviewState,
  encodeReviewState,
  NewerReviewStateError,
} from '../../src/routing/state-codec.ts';
import { boundedState } from '../../src/routing/state-size.ts';
import {
  anObservation,
  aRegistry,
  aReplicaState,
  failed,
  flagged,
  hourMs,
  lateImages,
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
  it.each([7, 'somebody.else.happened'])('does not exist with a signal of type %j', (type) => {
    const state = stateAfter(1);
    const outbox = state.outbox.map((signal) => ({ ...signal, type }));
    expect(decodeReviewState('myregistry', JSON.stringify({ ...state, outbox }))).toBeUndefined();
  });
  it('of a later version is not overwritten', () => {
    expect(() => decodeReviewState('myregistry', '{"layout":4}')).toThrow(NewerReviewStateError);
    expect(() => decodeReviewState('myregistry', '{"layout":4}')).toThrow(/EvenkeelReviews/);
  });

  it('of a replica in every region of Azure, all flagged, with signals unpublished for days, is stored as a whole', () => {
    const regions = Array.from({ length: 69 }, (_, index) => `region${index}withalongname`);
    const state = illState(regions, 30);
    expect(state.replicas).toHaveLength(70);
    expect(state.outbox).toHaveLength(350);
    expect(state.problems).toEqual([]);
    expect(boundedState(state)).toBe(state);
  }, 60_000);
});

describe('a state that is too large to be stored', () => {
  const regions = ['eastus', 'japaneast', 'uksouth', 'westeurope', 'westus'];
  const ill = illState(['westus'], 1);
  const aState = (changes: Record<string, Partial<ReplicaState>>): ReviewState => ({
    ...ill,
    replicas: regions.map((region) => aReplicaState(region, changes[region])),
  });
  const kept = (state: ReviewState) => state.replicas.map(({ region }) => region);

  it('leaves out healthy replicas, and says which', () => {
    const state = aState({ westeurope: { disabledByUs: true }, westus: flagged() });
    const size = encodeReviewState(state).length;
    expect(boundedState(state, size)).toBe(state);
    // As much as two of them take, less the room for the sentence.
    const sizes = ['japaneast', 'uksouth'].map((region) => JSON.stringify(aReplicaState(region)).length);
    const limit = sizes.reduce((rest, one) => rest - one, size + 1_500);
    const bounded = boundedState(state, limit);
    expect(kept(bounded)).toEqual(['eastus', 'westeurope', 'westus']);
    expect(bounded.problems).toEqual([expect.stringMatching(/2 healthy replicas .*: japaneast, uksouth$/)]);
    expect(encodeReviewState(bounded).length).toBeLessThanOrEqual(limit);
  });

  it.each([
    [20, false],
    [21, true],
  ])('names no more than twenty of those left out: of %d', (count, areMore) => {
    const replicas = Array.from({ length: count }, (_, at) => aReplicaState(`r${at}`));
    const [problem] = boundedState({ ...ill, replicas }, 1).problems;
    expect(problem?.endsWith(' and others')).toBe(areMore);
  });

  it('never leaves out what is flagged, off by our hand, being changed or contested', () => {
    const intent = { to: 'disabled', at: minuteText(0), outcome: 'pending' } as const;
    const state = aState({
      japaneast: { intent },
      uksouth: { contested: { since: minuteText(0) } },
      westeurope: { disabledByUs: true },
      westus: flagged(),
    });
    expect(kept(boundedState(state, 1))).toEqual(['japaneast', 'uksouth', 'westeurope', 'westus']);
  });
});

describe('a review that was stored in layout 2', () => {
  const reviewed = (health: string, ...because: string[]) => ({ at: minuteText(0), health, because });
  const reviews = [
    reviewed('good'),
    reviewed('bad', 'the replication is stuck'),
    reviewed('bad', 'its regional endpoint is unavailable: 503'),
  ];
  /** westus, as layout 3 reads it. */
  const migrated = (changes: Partial<ReplicaState>, flaggedNow = false, led = reviews) => {
    const { awaits: _, unrecovered: __, ...replica } = aReplicaState('westus', changes);
    const verdict = { flagged: flaggedNow, since: minuteText(0), reviews: led };
    const { departed: ___, ...state } = stateAfter(1);
    const text = JSON.stringify({ ...state, layout: 2, replicas: [{ ...replica, reviews, verdict }] });
    return replicaIn(decodeReviewState('myregistry', text), 'westus');
  };
  const bad = ['endpoint', 'provisioning'];

  it('knows by its sentences which kinds were bad in each review', () => {
    expect(migrated({}).reviews).toEqual([
      reviewed('good'),
      { ...reviews[1], bad: ['provisioning'] },
      { ...reviews[2], bad: ['endpoint'] },
    ]);
  });
  it('counts its good reviews, unless the replica is flagged or off by our hand', () => {
    expect(migrated({})).toMatchObject({
      ...{ unrecovered: [], verdict: { kinds: [], flag: '' } },
      reviews: [{ health: 'good' }, { health: 'bad' }, { health: 'bad' }],
    });
    expect(migrated({}, true)).toMatchObject({
      ...{ unrecovered: bad, verdict: { kinds: bad, flag: minuteText(0) } },
      reviews: [{ health: 'inconclusive' }, { health: 'bad' }, { health: 'bad' }],
    });
    expect(migrated({ disabledByUs: true })).toMatchObject({
      ...{ unrecovered: bad, verdict: { kinds: bad, flag: '' } },
      reviews: [{ health: 'inconclusive' }, { health: 'bad' }, { health: 'bad' }],
    });
  });
  it('waits for no witness of a policy, and for the endpoint where a sentence tells no kind', () => {
    const led = [reviewed('bad', 'a maintenance window keeps it out'), reviewed('bad', 'something smells')];
    expect(migrated({}, true, led)).toMatchObject({
      unrecovered: bad,
      verdict: { kinds: ['endpoint', 'policy', 'provisioning'] },
    });
  });
});

/** Everything that can be said of replicas in these regions, and of a healthy one. */
function illState(regions: readonly string[], rounds: number): ReviewState {
  const chatty = 'something went wrong, and this is what the service has to say of it. '.repeat(40);
  const registry = aRegistry({
    name: 'x'.repeat(50),
    review: { raise: { bad: 20, of: 20 }, clear: 20 },
    policy: regions.map(never),
  });
  let state: ReviewState | undefined;
  for (let round = 0; round < rounds; round++) {
    const replicas = regions.map((region) => ({
      ...observed(region, {
        provisioningState: 'Failed',
        statusMessage: chatty,
        displayStatus: chatty,
        lastModifiedBy: 'terraform',
      }),
      reachability: { kind: 'failing', reason: chatty, latencyMs: 5_000 } as const,
    }));
    const late = lateImages(Object.fromEntries(regions.map((region) => [region, 1_000])));
    const seen = anObservation([...replicas, observed('eastus')], { lateImages: late });
    const now = new Date(minute(0).getTime() + round * hourMs);
    // A topic that takes nothing: signals keep waiting, and each flag ends and comes again.
    const waiting =
      state?.outbox.map((signal) => ({ ...signal, type: 'evenkeel.replica.cleared' as const })) ?? [];
    state = review(registry, state && { ...state, outbox: waiting }, seen, someRules(), now).after;
  }
  return state ?? stateAfter(1);
}

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
    expect(reviews.map((review) => review.health)).toEqual(['inconclusive', 'inconclusive']);
    expect(verdict).toMatchObject({ flagged: true, kinds: ['policy'] });
    expect(replicaIn(state, 'eastus').reviews.map((review) => review.health)).toEqual([
      'good',
      'inconclusive',
    ]);
  });
  it('knows by its sentences which kinds of evidence raised a flag', () => {
    expect(replicaIn(state, 'westus')).toMatchObject({
      verdict: { flagged: true, kinds: ['endpoint'] },
      unrecovered: ['endpoint'],
    });
  });
  it('keeps the error of the control plane, the recent changes and the unpublished signals', () => {
    expect(state.controlPlaneError?.since).toBe(minuteText(42));
    expect(state.recentChanges).toEqual([0, 1, 12, 23].map(minuteText));
    expect(state.outbox.map(({ type }) => type)).toEqual(['evenkeel.replica.flagged']);
  });
  it('loses nothing, and is stored in layout 3 from then on', () => {
    const stored = encodeReviewState(state);
    expect(JSON.parse(stored)).toMatchObject({ layout: 3 });
    expect(decodeReviewState('myregistry', stored)).toEqual(JSON.parse(stored));
    expect(namesIn(JSON.parse(stored)).length).toBeGreaterThan(namesIn(JSON.parse(text)).length);
  });
  it('goes on with the next review as if it had been stored in layout 3', () => {
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
