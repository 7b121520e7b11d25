import { seededRandom } from '../../../local/azure/random.ts';
import type { Observation, ObservedReplica } from '../../../src/routing/observe.ts';
import { hasBegun, withRehearsal } from '../../../src/routing/rehearsal.ts';
import { checkRehearsal } from '../../../src/routing/rehearsal-check.ts';
import type { ReviewState } from '../../../src/routing/state.ts';
import { aRegistry, minuteMs, someRules } from '../../routing/fixtures.ts';
import type { Ablation, Story } from './simulate.ts';

const dayMinutes = 24 * 60;

interface Rehearsing extends Pick<Story, 'days' | 'seed'> {
  readonly minimumRoutable: number;
  /** Whether one that a review ended early goes on all the same, to see that it is missed. */
  readonly goesOn?: boolean;
}

/**
 * Operators who rehearse now and then, whatever else happens, and a witness of what becomes of it. Their requests come
 * between two reviews.
 */
export class Operators implements Ablation {
  readonly violations: string[] = [];
  readonly counts = { refused: 0, begun: 0, ended: 0, endedEarly: 0, cancelled: 0, moved: 0 };
  readonly #story: Rehearsing;
  readonly #random: () => number;
  #seen: Observation | undefined;
  #before: ReviewState | undefined;

  constructor(story: Rehearsing) {
    this.#story = story;
    this.#random = seededRandom(story.seed);
  }

  readonly before = (state: ReviewState, observation: Observation): ReviewState => {
    this.#seen = observation;
    this.#before = state;
    return state;
  };

  readonly after = (reviewed: ReviewState, now: Date): ReviewState => {
    const seen = this.#seen;
    if (seen === undefined) return reviewed;
    const state = this.#story.goesOn ? this.#withEndedEarly(reviewed, now) : reviewed;
    this.#witness(state, seen, now);
    const asked = this.#ask(state, seen, now);
    return { ...state, rehearsals: asked };
  };

  #ask(state: ReviewState, seen: Observation, now: Date): ReviewState['rehearsals'] {
    const minute = (now.getTime() - startMs) / minuteMs;
    const isLast = minute > (this.#story.days - 3) * dayMinutes;
    const [running] = state.rehearsals;
    if (running !== undefined && this.#random() < 1 / 600) {
      this.counts.cancelled += 1;
      return state.rehearsals.filter((one) => one !== running);
    }
    // Often enough that outages are met, and mostly for one at a time.
    const isWanted = this.#random() < (running === undefined ? 1 / 15 : 1 / 400);
    const replica = state.replicas[Math.floor(this.#random() * state.replicas.length)];
    if (isLast || !isWanted || replica === undefined) return state.rehearsals;
    const registry = aRegistry({ minimumRoutable: this.#story.minimumRoutable });
    const check = checkRehearsal(registry, state, seen, someRules(), replica.region, now);
    if (check.kind !== 'checked' || check.refusedBy.length > 0) {
      this.counts.refused += 1;
      return state.rehearsals;
    }
    if (state.rehearsals.some((one) => one.replica === replica.name)) this.counts.moved += 1;
    const forMs = Math.round(20 + this.#random() ** 2 * 10 * 60) * minuteMs;
    return withRehearsal(state.rehearsals, check.replica, { forMs, by: null, reason: null }, now);
  }

  #withEndedEarly(state: ReviewState, now: Date): ReviewState {
    const early = this.#endedEarly(state, now).filter(hasBegun);
    return { ...state, rehearsals: [...state.rehearsals, ...early] };
  }

  #endedEarly(after: ReviewState, now: Date) {
    const kept = new Set(after.rehearsals.map(({ replica }) => replica));
    return (this.#before?.rehearsals ?? []).filter(
      ({ replica, until }) => !kept.has(replica) && Date.parse(until) > now.getTime(),
    );
  }

  #witness(after: ReviewState, { replicas: seen, controlPlaneError }: Observation, now: Date): void {
    const wrong = (what: string) => this.violations.push(`${now.toISOString()}: ${what}`);
    const before = this.#before?.rehearsals ?? [];
    const endedEarly = this.#endedEarly(after, now).length;
    this.counts.endedEarly += endedEarly;
    this.counts.ended += before.filter(({ until }) => Date.parse(until) <= now.getTime()).length;
    for (const rehearsal of after.rehearsals) {
      const { replica: name, until } = rehearsal;
      if (Date.parse(until) <= now.getTime()) wrong(`the rehearsal of ${name} did not end`);
      if (!hasBegun(rehearsal)) continue;
      if (!after.replicas.some((one) => one.name === name && one.verdict.flagged))
        wrong(`the rehearsal of ${name} has no flag`);
      if (rehearsal.beganAt === now.toISOString()) {
        this.counts.begun += 1;
        if (after.commonCause) wrong(`the rehearsal of ${name} began blindly`);
        if (controlPlaneError !== undefined && seen.find((one) => one.name === name)?.read === undefined)
          wrong(`the rehearsal of ${name} began without a look at it`);
      }
      const serving = seen.filter((one) => one.name !== name && mayServe(one, after)).length;
      if (!after.commonCause && serving < this.#story.minimumRoutable)
        wrong(`the rehearsal of ${name} goes on with ${serving} others`);
    }
    for (const { name, evidence } of after.replicas) {
      const isKept = after.rehearsals.some((one) => one.replica === name && hasBegun(one));
      if (evidence.policy?.routing === 'rehearsal' && !isKept) wrong(`${name} is out without a rehearsal`);
    }
  }
}

const startMs = Date.parse('2026-11-21T12:00:00.000Z');

/** By what was just seen of it: nothing speaks against it, and it may not have been read. */
function mayServe({ name, read, absent, reachability }: ObservedReplica, { replicas }: ReviewState): boolean {
  const isFlagged = replicas.some((one) => one.name === name && one.verdict.flagged);
  const isRouted = read === undefined ? absent === undefined : read.globalRouting === 'enabled';
  const isReady = read === undefined || read.displayStatus === 'Ready';
  return isRouted && isReady && !isFlagged && reachability.kind !== 'failing';
}
