import type { RaiseRule, Registry } from '../registries/registry.ts';

/** `flag` only reports; `enforce` changes global routing too: the setting `ROUTING_MODE`. */
export type RoutingMode = 'flag' | 'enforce';

/** What the settings say about every review. */
export interface ReviewSettings {
  readonly raise: RaiseRule;
  /** This many good reviews in a row clear a flag. */
  readonly clear: number;
  /** The time between two reviews, by `REVIEW_SCHEDULE`. */
  readonly intervalMs: number;
  readonly mode: RoutingMode;
  readonly holdDownMs: number;
  /** The change budget of one registry. */
  readonly changesPerHour: number;
  /** Whether a replica may be switched on again. */
  readonly reenable: boolean;
  /** After this many reversals by another writer a replica is left alone. */
  readonly contestLimit: number;
  /** The longest time that one run takes for one registry; until then, another run may still be at work. */
  readonly runMs: number;
}

/** The rules of one registry: its own `review` overrides what the settings say for all. */
export const settingsFor = ({ review }: Registry, rules: ReviewSettings): ReviewSettings => ({
  ...rules,
  raise: review.raise ?? rules.raise,
  clear: review.clear ?? rules.clear,
});
