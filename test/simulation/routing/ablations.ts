import { newIntent, withOutcome } from '../../../src/routing/intent.ts';
import type { Observation, ObservedReplica } from '../../../src/routing/observe.ts';
import type { ReplicaState, ReviewState } from '../../../src/routing/state.ts';
import { alive, aReplica, lateImages } from '../../routing/fixtures.ts';
import type { Kind } from './incident.ts';
import type { Ablation } from './simulate.ts';

interface Case {
  readonly rule: string;
  readonly without: Ablation;
  /** What happens in the year in which its absence is noticed. */
  readonly kinds: readonly Kind[];
  readonly days?: number;
  readonly density?: number;
  readonly minimumRoutable?: number;
  readonly clocksDifferBy?: number;
  /** How often storage takes what is written and does not say so. */
  readonly lostWrites?: number;
  /** The first year to look at: one in which it shows soon. */
  readonly firstSeed?: number;
  /** What the witness says then. */
  readonly violation: RegExp;
}

const inEach = (change: (one: ObservedReplica) => ObservedReplica): Ablation => ({
  observation: (observation) => ({ ...observation, replicas: observation.replicas.map(change) }),
});
const beforeEach = (
  change: (replica: ReplicaState, seen: Observation) => ReplicaState,
): Pick<Ablation, 'before'> => ({
  before: (state, seen) => ({ ...state, replicas: state.replicas.map((replica) => change(replica, seen)) }),
});
const isAbsent = (name: string, { replicas }: Observation): boolean =>
  replicas.some((one) => one.name === name && one.absent !== undefined);

/** What evenkeel did before, or would do without a rule, in terms of what a review is given and what it leaves. */
export const ablations: readonly Case[] = [
  {
    rule: 'clocks differ by no more than five minutes',
    without: {},
    kinds: ['flapping', 'outage', 'canary'],
    clocksDifferBy: 60,
    firstSeed: 20_261_109,
    violation: /within the hold-down|beyond the budget/,
  },
  {
    rule: 'an answer that says nothing is no good one',
    without: inEach((one) => (one.reachability.kind === 'unknown' ? { ...one, reachability: alive } : one)),
    kinds: ['mute'],
    violation: /(cleared|switched on)/,
  },
  {
    rule: 'a 429 is no good answer',
    without: inEach((one) => (one.reachability.kind === 'throttled' ? { ...one, reachability: alive } : one)),
    kinds: ['masked'],
    violation: /(cleared|switched on)/,
  },
  {
    rule: 'a flag needs a witness of the kind that raised it',
    without: beforeEach((replica) => ({
      ...replica,
      unrecovered: [],
      verdict: { ...replica.verdict, kinds: [] },
    })),
    kinds: ['mute', 'masked'],
    violation: /(cleared|switched on) after \d witnesses of its endpoint/,
  },
  {
    rule: 'late images that cannot be counted are not few',
    without: {
      observation: (observation) => ({
        ...observation,
        lateImages: lateImages(Object.fromEntries(observation.lateImages?.late ?? [])),
      }),
    },
    kinds: ['uncounted', 'lag'],
    days: 180,
    firstSeed: 20_261_107,
    violation: /witnesses of its lateImages/,
  },
  {
    rule: 'a flag is seen good until the switch',
    without: {
      after: (state, now) => ({
        ...state,
        replicas: state.replicas.map((replica) => {
          if (!/was not seen good/.test(replica.action.because)) return replica;
          const intent = newIntent('enabled', now.toISOString(), replica.intent);
          return { ...replica, action: { do: 'switchOn' as const, because: '' }, intent };
        }),
      }),
    },
    kinds: ['removed', 'mute', 'flapping', 'outage'],
    firstSeed: 20_261_163,
    violation: /switched on/,
  },
  {
    rule: 'gone takes two looks that agree',
    without: beforeEach((replica, seen) =>
      isAbsent(replica.name, seen) ? { ...replica, absences: 2 } : replica,
    ),
    kinds: ['discord', 'outage'],
    violation: /is gone although it exists/,
  },
  {
    rule: 'what the list still shows is not gone',
    without: inEach((one) => (one.absent === 'listed' ? { ...one, absent: 'notListed' } : one)),
    kinds: ['discord'],
    violation: /is gone although it exists/,
  },
  {
    rule: 'what evenkeel switched off is remembered when it is gone',
    without: { before: (state) => ({ ...state, departed: [] }) },
    kinds: ['removed'],
    days: 40,
    density: 9,
    firstSeed: 20_261_199,
    violation: /which does not know it any more/,
  },
  {
    rule: 'a state is never cut',
    without: { before: (state: ReviewState) => ({ ...state, replicas: state.replicas.slice(0, 3) }) },
    kinds: ['outage', 'canary'],
    days: 30,
    violation: /which does not know it any more|was never flagged/,
  },
  {
    rule: 'a replica that is not ready does not serve',
    without: inEach((one) =>
      one.read === undefined
        ? one
        : { ...one, read: { ...one.read, displayStatus: aReplica(one.region).displayStatus } },
    ),
    kinds: ['seeding', 'outage', 'canary'],
    firstSeed: 20_261_126,
    violation: /others that serve|while it does not serve/,
  },
  {
    rule: 'what was last seen to be bad does not serve',
    without: beforeEach((replica) => ({ ...replica, unrecovered: [] })),
    kinds: ['mute', 'canary'],
    days: 60,
    density: 12,
    minimumRoutable: 4,
    firstSeed: 20_261_107,
    violation: /others that serve/,
  },
  {
    rule: 'signals that storage took are published when nobody heard so',
    without: { before: (state) => ({ ...state, outbox: [] }) },
    kinds: ['flapping'],
    lostWrites: 0.05,
    violation: /was never published/,
  },
  {
    rule: 'a change that storage took is not made when nobody heard so',
    without: beforeEach((replica) =>
      replica.intent?.outcome === 'pending' ? withOutcome(replica, 'done') : replica,
    ),
    kinds: ['outage', 'flapping'],
    lostWrites: 0.05,
    firstSeed: 20_261_120,
    violation: /which does not know it any more/,
  },
];
