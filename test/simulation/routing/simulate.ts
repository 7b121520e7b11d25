import { seededRandom } from '../../../local/azure/random.ts';
import type { Registry } from '../../../src/registries/registry.ts';
import type { ApplyResult } from '../../../src/routing/apply.ts';
import { withApplyResult } from '../../../src/routing/apply.ts';
import type { Observation } from '../../../src/routing/observe.ts';
import { tagName, tagsFor } from '../../../src/routing/ownership-tag.ts';
import { review } from '../../../src/routing/review.ts';
import type { ReviewSettings } from '../../../src/routing/review-settings.ts';
import type { Intent, ReviewState } from '../../../src/routing/state.ts';
import { decodeReviewState, encodeReviewState } from '../../../src/routing/state-codec.ts';
import { minute, someRules } from '../../routing/fixtures.ts';
import { behindMinutes, ChangingSettings, type Settings } from './changing-settings.ts';
import { historyOf, type Incident, type Kind } from './incident.ts';
import { home, Truth } from './truth.ts';
import { Witness } from './witness.ts';

export interface Story {
  readonly kinds: readonly Kind[];
  readonly days: number;
  /** How often things happen, against a usual year. */
  readonly density?: number;
  readonly seed: number;
  readonly registry?: Partial<Registry>;
  readonly rules?: Partial<ReviewSettings>;
  /** By how many minutes the clock of a second instance is ahead, which does some of the reviews; 0 by default. */
  readonly clocksDifferBy?: number;
  /** How often storage takes the decisions of a review and does not say so; 0.005 by default. */
  readonly lostWrites?: number;
  /** What the settings become every now and then, for one instance sooner than for another. */
  readonly otherSettings?: readonly Partial<Settings>[];
  /** A rule that is left out, to see that the simulation misses it. */
  readonly without?: Ablation;
  /** What is looked for: a violation that ends the simulation. */
  readonly until?: RegExp;
}

/** What stands between the world, the review and its state in place of a rule. */
export interface Ablation {
  readonly observation?: (observation: Observation) => Observation;
  readonly before?: (state: ReviewState, observation: Observation) => ReviewState;
  readonly after?: (state: ReviewState, now: Date) => ReviewState;
}

const regions = [home, 'westus', 'uksouth', 'southeastasia', 'japaneast'];

/** A replica that changed by itself is looked at for as long, in minutes, before quiet time is skipped. */
const settlingTime = 10;

/** Reviews a registry minute by minute through a history, skipping only time in which nothing can happen. */
export function simulate({
  kinds,
  days,
  density = 1,
  seed,
  registry = {},
  rules: changes = {},
  clocksDifferBy = 0,
  lostWrites = 0.005,
  otherSettings = [],
  without = {},
  until,
}: Story): Witness {
  const random = seededRandom(seed);
  const incidents: readonly Incident[] = historyOf(kinds, regions, days, random, density);
  const truth = new Truth(regions, incidents, random);
  const settings = new ChangingSettings({ registry, rules: someRules(changes) }, otherSettings, days, random);
  const hasSecond = clocksDifferBy > 0 || otherSettings.length > 0;
  const witness = new Witness(incidents, settings.weakest, settings.minimumRoutable, clocksDifferBy > 0);
  let before: ReviewState | undefined;
  let isSecond = false;
  let quietSince = 0;
  for (let now = 0; now < days * 24 * 60; now += 1) {
    if (until !== undefined && witness.violations.some((one) => until.test(one))) return witness;
    truth.advance(now);
    if (settings.advance(now)) quietSince = now;
    if (hasSecond && random() < 0.02) isSecond = !isSecond;
    const { registry: changed, rules } = isSecond ? settings.behind : settings.latest;
    const entry = truth.registry(changed, now - (isSecond && otherSettings.length > 0 ? behindMinutes : 0));
    const observation = truth.observe(now, new Set(before?.replicas.map(({ name }) => name)));
    const seen = without.observation?.(observation) ?? observation;
    const known = before && (without.before?.(before, seen) ?? before);
    const clock = now + (isSecond ? clocksDifferBy : 0);
    const step = review(entry, known, seen, rules, minute(clock));
    // Every now and then a process ends before it has written anything, and nobody knows that it looked.
    if (random() < 0.005) continue;
    const after = without.after?.(step.after, minute(clock)) ?? step.after;
    witness.reviewed(now, clock, before, after, step.events, observation, truth);
    witness.signalled(now, after.outbox.slice(known?.outbox.length ?? 0), after.outbox);
    // Every now and then storage takes the decisions and does not say so: nothing is sent, and signals wait.
    if (random() < lostWrites) {
      before = after;
      quietSince = now;
      continue;
    }
    let state = after;
    // Every now and then a process ends right after it has sent its changes.
    const crashes = random() < 0.01;
    for (const { name, intent, action } of after.replicas) {
      if (intent === undefined || action.do === 'nothing') continue;
      witness.planned(now, name, intent, truth, after);
      const applied = send(name, intent, now, truth, random, () => witness.changed(now, name));
      if (!crashes) state = withApplyResult(state, name, applied);
    }
    if (!crashes) {
      witness.published(state.outbox);
      state = { ...state, outbox: [] };
    }
    resumeSomeContests(now, state, truth, random);
    // Another process reads what this one has written.
    before = random() < 0.02 ? decodeReviewState('myregistry', encodeReviewState(state)) : state;

    if (!isCalm(state) || truth.nextAt(now) <= now) quietSince = now;
    // The same observation gives the same state but for its times, so that nothing is missed.
    if (now - quietSince > settlingTime)
      now = Math.max(now, Math.min(truth.nextAt(now), days * 24 * 60) - 10);
  }
  witness.ended(before);
  return witness;
}

/** What becomes of a change; Azure is mostly, and not always, as one would like it to be. Sending it twice is one change. */
function send(
  name: string,
  intent: Intent,
  now: number,
  truth: Truth,
  random: () => number,
  changed: () => void,
): Pick<ApplyResult, 'outcome' | 'detail' | 'seen'> {
  const replica = truth.replicas.get(name);
  if (!truth.exists(name, now)) return { outcome: 'notSent', detail: 'gone', seen: undefined };
  if (replica === undefined) throw new Error(`no replica is called ${name}`);
  const take = () => {
    if (truth.replicas.get(name)?.globalRouting !== intent.to) changed();
    const tags = tagsFor(intent, truth.replicas.get(name)?.tags ?? {});
    truth.set(name, { globalRouting: intent.to, tags, lastModifiedBy: 'evenkeel' });
  };
  const luck = random();
  if (luck < 0.03) return { outcome: 'failed', detail: '409', seen: undefined };
  if (luck < 0.06) return { outcome: 'uncertain', detail: '503', seen: undefined };
  if (luck < 0.1) {
    truth.accept(name, now + 1 + Math.floor(random() * 4), take);
    return { outcome: 'running', detail: 'accepted', seen: undefined };
  }
  take();
  if (luck < 0.14) return { outcome: 'uncertain', detail: '503', seen: undefined };
  return { outcome: 'done', detail: 'read back', seen: truth.replicas.get(name) };
}

/** An operator ends a contest after some hours. */
function resumeSomeContests(
  now: number,
  { replicas }: ReviewState,
  truth: Truth,
  random: () => number,
): void {
  for (const { name, contested } of replicas) {
    if (contested === undefined || random() > 1 / (6 * 60)) continue;
    const tags = truth.replicas.get(name)?.tags ?? {};
    truth.set(name, { tags: { ...tags, [tagName]: `resume-${now}` } });
  }
}

const isCalm = ({ replicas, commonCause, controlPlaneError, outbox }: ReviewState): boolean =>
  !commonCause &&
  outbox.length === 0 &&
  controlPlaneError === undefined &&
  replicas.every(
    ({ verdict, disabledByUs, health, contested, routing }) =>
      !verdict.flagged &&
      !disabledByUs &&
      health === 'good' &&
      contested === undefined &&
      routing === 'enabled',
  );
