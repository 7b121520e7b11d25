import { isInFlight } from '../../../src/routing/intent.ts';
import type { Observation } from '../../../src/routing/observe.ts';
import type { ReviewSettings } from '../../../src/routing/review-settings.ts';
import type { ReviewEvent } from '../../../src/routing/signals.ts';
import type { Intent, ReviewState } from '../../../src/routing/state.ts';
import type { Signal } from '../../../src/signals/signal.ts';
import { hourMs, minuteText } from '../../routing/fixtures.ts';
import { type Incident, openMinutes } from './incident.ts';
import type { Truth } from './truth.ts';

/** What has to be flagged, however long it lasts beyond the raise window; a stuck replication after half an hour. */
const graceOf: Partial<Record<Incident['kind'], number>> = {
  outage: 0,
  homeOutage: 0,
  writer: 0,
  window: 0,
  canary: 0,
  stuck: 30,
  mute: 0,
  masked: 0,
};

/** A flag must not be cleared while one of these lasts, however little of it can be seen. */
const isDeadly = ({ kind }: Incident): boolean => kind !== 'canary' && kind !== 'stuck';

/** What an outage shows before it is hidden; it is long enough to be flagged, or nobody asks for it. */
const visibleMinutes = (incident: Incident): number =>
  incident.kind === 'mute' || incident.kind === 'masked' ? openMinutes(incident) : Number.POSITIVE_INFINITY;

/** What evenkeel allows for between the clocks of two instances, in minutes. */
export const allowedSkew = 5;

type SeenKind = 'endpoint' | 'lateImages';

/** What was seen of one kind of evidence of a replica, by the reviews that counted. */
interface Sight {
  /** The last look that told something told something bad. */
  isLastBad: boolean;
  /** It was bad, and its flag or our switch still stands. */
  isOwed: boolean;
  /** As many good looks in a row. */
  goodRun: number;
}

/** An incident that has to be flagged. */
interface Watched {
  readonly incident: Incident;
  /** The first review that could see it. */
  seenAt: number | undefined;
  /** Those that counted for it. */
  reviews: number;
  isFlagged: boolean;
  /** The replica did not exist for a while. */
  isOver: boolean;
}

const seenKinds = ['endpoint', 'lateImages'] as const satisfies readonly SeenKind[];

/** A flag that is signalled again keeps its id. */
const keyOf = ({ id, data }: Signal): string => `${id} ${String(data['repeat'])}`;

const isFlagged = (state: ReviewState | undefined, region: string): boolean =>
  state?.replicas.some((one) => one.region === region && one.verdict.flagged) ?? false;

/** Sees every review of a simulation and writes down what should not have been. */
export class Witness {
  readonly violations: string[] = [];
  /** Minutes from the beginning of an outage to its flag. */
  readonly delays: number[] = [];
  readonly counts = {
    reviews: 0,
    flagged: 0,
    cleared: 0,
    changes: 0,
    reversed: 0,
    contested: 0,
    commonCause: 0,
    controlPlaneError: 0,
  };
  readonly #rules: ReviewSettings;
  readonly #minimum: number;
  readonly #watched: Watched[];
  readonly #changes: { readonly at: number; readonly name: string }[] = [];
  readonly #flags = new Map<string, { isOpen: boolean; reportedAt: number }>();
  /** The flag that each id stands for, in the order of flags. */
  readonly #ids = new Map<string, number>();
  #flagCount = 0;
  readonly #unpublished = new Map<string, Signal>();
  readonly #sights = new Map<string, Sight>();

  /** How far clocks may differ, in minutes. */
  readonly #skew: number;
  readonly #clocksDiffer: boolean;

  constructor(incidents: readonly Incident[], rules: ReviewSettings, minimum: number, clocksDiffer: boolean) {
    this.#rules = rules;
    this.#clocksDiffer = clocksDiffer;
    this.#skew = clocksDiffer ? allowedSkew : 0;
    this.#minimum = minimum;
    this.#watched = incidents
      .filter((incident) => graceOf[incident.kind] !== undefined && visibleMinutes(incident) > rules.raise.of)
      .map((incident) => ({ incident, seenAt: undefined, reviews: 0, isFlagged: false, isOver: false }));
  }

  /** @param clock what the clock of the instance showed */
  reviewed(
    now: number,
    clock: number,
    before: ReviewState | undefined,
    after: ReviewState,
    events: readonly ReviewEvent[],
    observation: Observation,
    truth: Truth,
  ): void {
    const { counts } = this;
    counts.reviews += 1;
    counts.commonCause += Number(after.commonCause);
    counts.controlPlaneError += Number(after.controlPlaneError !== undefined);
    for (const { kind } of events) {
      if (kind === 'flagged' || kind === 'cleared' || kind === 'reversed' || kind === 'contested')
        counts[kind] += 1;
    }
    if (after.commonCause && events.some(({ kind }) => kind === 'cleared'))
      this.#wrong(now, 'cleared blindly');
    const isCounted = after.countedAt === minuteText(clock);
    if (isCounted) this.#look(after, observation);
    for (const { kind, region } of events) {
      if (kind === 'gone' && truth.exists(region, now))
        this.#wrong(now, `${region} is gone although it exists`);
      if (kind === 'cleared') this.#needsWitness(now, region, 'cleared');
    }
    this.#keepsOurs(now, after, observation, truth);
    // Where clocks agree, every review has to count.
    this.#watch(now, before, after, observation, truth, isCounted || !this.#clocksDiffer);
  }

  /**
   * What a review has to tell, and what is stored with it of what earlier ones had to. Every flag is signalled, again at
   * most once an hour, and cleared once.
   */
  signalled(now: number, told: readonly Signal[], stored: readonly Signal[]): void {
    this.#read(now, told);
    for (const signal of told) this.#unpublished.set(keyOf(signal), signal);
    const waiting = new Set(stored.map(keyOf));
    for (const [key, { type, subject }] of this.#unpublished) {
      if (waiting.has(key)) continue;
      this.#wrong(now, `${type} of ${subject} was never published`);
      this.#unpublished.delete(key);
    }
  }

  published(signals: readonly Signal[]): void {
    for (const signal of signals) this.#unpublished.delete(keyOf(signal));
  }

  planned(now: number, name: string, intent: Intent, truth: Truth, state: ReviewState): void {
    if (state.controlPlaneError !== undefined)
      this.#wrong(now, `${name} planned while the control plane did not answer`);
    if (state.commonCause) this.#wrong(now, `${name} planned blindly`);
    const others = truth
      .routedBeside(name, now)
      .filter((region) => !this.#sight(region, 'endpoint').isLastBad);
    // One that leaves at the same time serves no longer, either; what is bad did not serve anyway.
    const leaving = state.replicas.filter(
      (one) => others.includes(one.name) && one.intent?.to === 'disabled' && isInFlight(one.intent),
    ).length;
    if (intent.to === 'disabled' && others.length - leaving < this.#minimum) {
      this.#wrong(now, `${name} switched off with ${others.length - leaving} others that serve`);
    }
    if (intent.to === 'enabled') {
      if (!truth.isServing(name)) this.#wrong(now, `${name} switched on while it does not serve`);
      this.#needsWitness(now, name, 'switched on');
      for (const kind of seenKinds) this.#sight(name, kind).isOwed = false;
    }
  }

  #sight(region: string, kind: SeenKind): Sight {
    const key = `${region} ${kind}`;
    const sight = this.#sights.get(key) ?? { isLastBad: false, isOwed: false, goodRun: 0 };
    this.#sights.set(key, sight);
    return sight;
  }

  #look(after: ReviewState, { replicas, lateImages }: Observation): void {
    const inRegistry = [...(lateImages?.late.values() ?? [])].reduce((sum, count) => sum + count, 0);
    for (const { region, reachability } of replicas) {
      const late = lateImages?.late.get(region) ?? 0;
      const isLagging = late >= 3 && 2 * late >= inRegistry;
      const isCounted = lateImages !== undefined && (lateImages.uncounted.get(region) ?? 0) === 0;
      const looks = [
        ['endpoint', reachability.kind === 'failing', reachability.kind === 'alive'],
        ['lateImages', isLagging, isCounted && !isLagging],
      ] as const;
      const state = after.replicas.find((one) => one.region === region);
      const isHeld = state?.verdict.flagged === true || state?.disabledByUs === true;
      for (const [kind, isBad, isGood] of looks) {
        const sight = this.#sight(region, kind);
        sight.goodRun = isGood ? sight.goodRun + 1 : 0;
        if (isBad || isGood) sight.isLastBad = isBad;
        if (isBad) sight.isOwed = true;
        else if (isGood && !isHeld && sight.goodRun > this.#rules.clear) sight.isOwed = false;
      }
    }
  }

  /** What was bad was seen good in as many reviews in a row as clear a flag. */
  #needsWitness(now: number, region: string, what: string): void {
    for (const kind of seenKinds) {
      const { isOwed, goodRun } = this.#sight(region, kind);
      if (isOwed && goodRun < this.#rules.clear)
        this.#wrong(now, `${region} ${what} after ${goodRun} witnesses of its ${kind}`);
    }
  }

  #keepsOurs(now: number, after: ReviewState, { replicas }: Observation, truth: Truth): void {
    for (const { region, read } of replicas) {
      if (read?.globalRouting !== 'disabled' || !truth.ours.has(region)) continue;
      const state = after.replicas.find((one) => one.region === region);
      const isKnown = state?.disabledByUs === true || isInFlight(state?.intent);
      if (!isKnown && state?.intent?.outcome !== 'failed')
        this.#wrong(now, `${region} was switched off by evenkeel, which does not know it any more`);
    }
  }

  /** A change that takes effect, now or a little later. */
  changed(now: number, name: string): void {
    this.counts.changes += 1;
    const { holdDownMs, changesPerHour } = this.#rules;
    // One that takes effect late was sent before others that it meets here.
    const lastHour = this.#changes.filter(({ at }) => at <= now && now - at < 60 - this.#skew);
    if (lastHour.length >= changesPerHour) this.#wrong(now, `${name} changed beyond the budget`);
    const last = lastHour.findLast((change) => change.name === name);
    if (last !== undefined && (now - last.at + this.#skew) * 60_000 < holdDownMs)
      this.#wrong(now, `${name} changed within the hold-down`);
    this.#changes.push({ at: now, name });
  }

  ended(state: ReviewState | undefined): void {
    for (const { incident, isFlagged, reviews } of this.#watched) {
      if (!isFlagged && reviews >= this.#rules.raise.of) {
        this.#wrong(
          incident.from,
          `${incident.kind} of ${incident.region} until ${incident.to} was never flagged`,
        );
      }
    }
    for (const { name, verdict, disabledByUs, routing, contested, intent, action } of state?.replicas ?? []) {
      const isRight = !verdict.flagged && !disabledByUs && routing === 'enabled';
      if (!isRight && contested === undefined)
        this.#wrong(
          0,
          `${name} is not as it was in the end: ${JSON.stringify({ since: verdict.since, disabledByUs, routing, intent, action })}`,
        );
    }
    const perDay = Map.groupBy(this.#changes, ({ at }) => Math.floor(at / (24 * 60)));
    const most = Math.max(0, ...[...perDay.values()].map(({ length }) => length));
    if (most > 24 * this.#rules.changesPerHour) this.#wrong(0, `${most} changes in one day`);
  }

  /** Sorted; the median and the worst are at its middle and its end. */
  get median(): number | undefined {
    return this.delays.toSorted((a, b) => a - b)[Math.floor(this.delays.length / 2)];
  }

  #watch(
    now: number,
    before: ReviewState | undefined,
    after: ReviewState,
    { replicas: looked }: Observation,
    truth: Truth,
    isCounted: boolean,
  ): void {
    for (const watched of this.#watched) {
      const { kind, region, from, to } = watched.incident;
      if (now < from) break;
      if (now >= to) continue;
      if (!truth.exists(region, now)) {
        watched.reviews = 0;
        watched.isFlagged = false;
        watched.isOver = true;
        continue;
      }
      if (watched.isFlagged) {
        const isCleared = isFlagged(before, region) && !isFlagged(after, region);
        if (isCleared && isDeadly(watched.incident))
          this.#wrong(now, `${kind} of ${region} was cleared in it`);
        continue;
      }
      if (watched.isOver) continue;
      // What Resource Manager does not show, nobody can know.
      const isVisible = now - from < visibleMinutes(watched.incident);
      const isRead = looked.some((one) => one.region === region && one.read !== undefined);
      const isSeen = isVisible && !after.commonCause && (kind !== 'stuck' || isRead);
      if (isSeen) watched.seenAt ??= now;
      const grace = graceOf[kind] ?? 0;
      // One clock may have begun to count it, and another one count on.
      const since = (watched.seenAt ?? now) + grace + (grace > 0 ? this.#skew : 0);
      if (isSeen && isCounted && now >= since) watched.reviews += 1;
      if (!isFlagged(after, region)) continue;
      watched.isFlagged = true;
      const isPolicy = kind === 'canary' || kind === 'window';
      if (!isFlagged(before, region) && !isPolicy && now >= since) this.delays.push(now - from - grace);
    }
  }

  #read(now: number, told: readonly Signal[]): void {
    for (const { id, type, subject, data } of told) {
      const known = this.#ids.get(id);
      if (type === 'evenkeel.replica.contested') continue;
      const flag = this.#flags.get(subject) ?? { isOpen: false, reportedAt: Number.NEGATIVE_INFINITY };
      const isRepeat = type === 'evenkeel.replica.flagged' && flag.isOpen;
      if (!isRepeat) this.#flagCount += 1;
      if (isRepeat ? known === undefined : known !== undefined)
        this.#wrong(now, `${type} of ${subject} has ${isRepeat ? 'a new id' : 'an id that another had'}`);
      this.#ids.set(id, this.#flagCount);
      if (type === 'evenkeel.replica.flagged') {
        if (flag.isOpen !== (data['repeat'] !== 0)) this.#wrong(now, `${subject} counts its repeats wrongly`);
        if (flag.isOpen && (now - flag.reportedAt + this.#skew) * 60_000 < hourMs)
          this.#wrong(now, `${subject} signalled too often`);
        this.#flags.set(subject, { isOpen: true, reportedAt: now });
      } else {
        if (!flag.isOpen) this.#wrong(now, `${subject} cleared without a flag`);
        this.#flags.set(subject, { ...flag, isOpen: false });
      }
    }
  }

  #wrong(now: number, what: string): void {
    this.violations.push(`${minuteText(now)}: ${what}`);
  }
}
