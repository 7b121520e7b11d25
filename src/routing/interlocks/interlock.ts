import * as v from 'valibot';
import type { Region } from '../../registries/region.ts';
import type { ReplicaState } from '../replica-state.ts';
import type { ReviewRules } from '../rules.ts';

export const interlockSchema = v.object({ rule: v.string(), pass: v.boolean(), detail: v.string() });

/** What one rule says of a change that may be made, in a sentence. */
export type Interlock = v.InferOutput<typeof interlockSchema>;

/** A change that may be made, and all that its interlocks look at. */
export interface Move {
  readonly to: 'enabled' | 'disabled';
  readonly replica: ReplicaState;
  /** Every other replica of the registry, as this review found it. */
  readonly others: readonly ReplicaState[];
  readonly minimumRoutable: number;
  readonly home: Region | undefined;
  readonly isCommonCause: boolean;
  /** Why Resource Manager did not answer; `undefined` when it did. */
  readonly silence: string | undefined;
  /** Of the registry, in the last hour, with those of this review. */
  readonly changes: number;
  readonly rules: Pick<ReviewRules, 'changesPerHour' | 'holdDownMs' | 'fightLimit'>;
  readonly now: Date;
}
