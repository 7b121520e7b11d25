import { isInFlight } from '../../../src/routing/intent.ts';
import type { ReviewSettings } from '../../../src/routing/review-settings.ts';
import type { ReviewEvent } from '../../../src/routing/signals.ts';
import type { Intent, ReviewState } from '../../../src/routing/state.ts';
import { hourMs, minuteText } from '../../routing/fixtures.ts';
import type { Incident } from './incident.ts';
import type { Truth } from './truth.ts';

/** What has to be flagged, however long it lasts beyond the raise window; a stuck replication after half an hour. */
const graceOf: Partial<Record<Incident['kind'], number>> = {
  outage: 0,
  homeOutage: 0,
  writer: 0,
  window: 0,
  canary: 0,
  stuck: 30,
};

/** An incident that has to be flagged. */
interface Watched {
  readonly incident: Incident;
  /** The first review that could see it. */
  seenAt: number | undefined;
  /** Those that counted for it. */
  reviews: number;
  isFlagged: boolean;
}

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
  readonly #ids = new Set<string>();

  constructor(incidents: readonly Incident[], rules: ReviewSettings, minimum: number) {
    this.#rules = rules;
    this.#minimum = minimum;
    this.#watched = incidents
      .filter(({ kind }) => graceOf[kind] !== undefined)
      .map((incident) => ({ incident, seenAt: undefined, reviews: 0, isFlagged: false }));
  }

  reviewed(
    now: number,
    before: ReviewState | undefined,
    after: ReviewState,
    events: readonly ReviewEvent[],
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
    this.#watch(now, before, after);
    this.#read(now, after);
  }

  planned(now: number, name: string, intent: Intent, truth: Truth, state: ReviewState): void {
    if (state.controlPlaneError !== undefined)
      this.#wrong(now, `${name} planned while the control plane did not answer`);
    if (state.commonCause) this.#wrong(now, `${name} planned blindly`);
    const leaving = state.replicas.filter(
      (one) =>
        one.name !== name &&
        one.intent?.to === 'disabled' &&
        isInFlight(one.intent) &&
        truth.replicas.get(one.name)?.globalRouting === 'enabled',
    ).length;
    const others = truth.routedBeside(name) - leaving;
    if (intent.to === 'disabled' && others < this.#minimum) {
      this.#wrong(now, `${name} switched off with ${others} others routed`);
    }
  }

  /** A change that takes effect, now or a little later. */
  changed(now: number, name: string): void {
    this.counts.changes += 1;
    const { holdDownMs, changesPerHour } = this.#rules;
    const lastHour = this.#changes.filter(({ at }) => now - at < 60);
    if (lastHour.length >= changesPerHour) this.#wrong(now, `${name} changed beyond the budget`);
    const last = lastHour.findLast((change) => change.name === name);
    if (last !== undefined && (now - last.at) * 60_000 < holdDownMs)
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

  #watch(now: number, before: ReviewState | undefined, after: ReviewState): void {
    for (const watched of this.#watched) {
      const { kind, region, from, to } = watched.incident;
      if (now < from) break;
      if (now >= to || watched.isFlagged) continue;
      // What Resource Manager does not show, nobody can know.
      const isSeen = !after.commonCause && (kind !== 'stuck' || after.controlPlaneError === undefined);
      if (isSeen) watched.seenAt ??= now;
      const since = (watched.seenAt ?? now) + (graceOf[kind] ?? 0);
      if (isSeen && now >= since) watched.reviews += 1;
      if (!isFlagged(after, region)) continue;
      watched.isFlagged = true;
      const isPolicy = kind === 'canary' || kind === 'window';
      if (!isFlagged(before, region) && !isPolicy && now >= since)
        this.delays.push(now - from - (graceOf[kind] ?? 0));
    }
  }

  /** Every flag is signalled, again at most once an hour, and cleared once. */
  #read(now: number, { outbox }: ReviewState): void {
    for (const { id, type, subject } of outbox) {
      if (this.#ids.has(id)) this.#wrong(now, `${type} of ${subject} has an id that another had`);
      this.#ids.add(id);
      if (type === 'evenkeel.replica.contested') continue;
      const flag = this.#flags.get(subject) ?? { isOpen: false, reportedAt: Number.NEGATIVE_INFINITY };
      if (type === 'evenkeel.replica.flagged') {
        if (flag.isOpen && (now - flag.reportedAt) * 60_000 < hourMs)
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
