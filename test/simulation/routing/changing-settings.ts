import type { Registry } from '../../../src/registries/registry.ts';
import type { ReviewSettings } from '../../../src/routing/review-settings.ts';
import { someRules } from '../../routing/fixtures.ts';

/** What the settings say of a registry and of reviews; a policy is part of the story. */
export interface Settings {
  readonly registry: Partial<Registry>;
  readonly rules: ReviewSettings;
}

/** For so many minutes an instance that is about to end goes on with the settings, and the policy, that it began with. */
export const behindMinutes = 10;
/** A change comes so often, in each minute that is looked at. */
const changesPerMinute = 1 / 400;
/** In the last days they are what they were at first. */
const quietDays = 2;

/** Settings that change every now and then, as two instances see them. */
export class ChangingSettings {
  /** Those of a new instance. */
  latest: Settings;
  /** Those of one that is about to end. */
  behind: Settings;
  #changedAt = Number.NEGATIVE_INFINITY;
  readonly #first: Settings;
  readonly #choices: readonly Settings[];
  readonly #lastMinute: number;
  readonly #random: () => number;

  constructor(first: Settings, others: readonly Partial<Settings>[], days: number, random: () => number) {
    this.#first = first;
    this.#choices = [first, ...others.map((other) => ({ ...first, ...other }))];
    this.latest = first;
    this.behind = first;
    this.#lastMinute = (days - quietDays) * 24 * 60;
    this.#random = random;
  }

  /** @returns whether they changed lately. */
  advance(now: number): boolean {
    if (now - this.#changedAt < behindMinutes) return true;
    this.behind = this.latest;
    const next = this.#next(now);
    if (next === undefined || next === this.latest) return false;
    this.latest = next;
    this.#changedAt = now;
    return true;
  }

  #next(now: number): Settings | undefined {
    if (this.#choices.length === 1) return undefined;
    if (now > this.#lastMinute) return this.#first;
    if (this.#random() >= changesPerMinute) return undefined;
    return this.#choices[Math.floor(this.#random() * this.#choices.length)];
  }

  /** What holds whichever of them are in force. */
  get weakest(): ReviewSettings {
    const rules = this.#choices.map((one) => one.rules);
    const least = (of: (one: ReviewSettings) => number) => Math.min(...rules.map(of));
    const most = (of: (one: ReviewSettings) => number) => Math.max(...rules.map(of));
    return someRules({
      ...this.#first.rules,
      raise: { bad: most(({ raise }) => raise.bad), of: most(({ raise }) => raise.of) },
      clear: least(({ clear }) => clear),
      holdDownMs: least(({ holdDownMs }) => holdDownMs),
      changesPerHour: most(({ changesPerHour }) => changesPerHour),
    });
  }

  get minimumRoutable(): number {
    return Math.min(...this.#choices.map(({ registry }) => registry.minimumRoutable ?? 1));
  }
}
