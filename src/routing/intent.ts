import type { Intent, ReplicaState } from './state.ts';

/**
 * An intent is one change of a replica's routing, written down before it is sent.
 *
 * | outcome     | means                                                     | hold-down and budget |
 * |-------------|-----------------------------------------------------------|----------------------|
 * | `pending`   | written down; whether it was sent is not known            | counts               |
 * | `uncertain` | sent; the answer was lost                                 | counts               |
 * | `running`   | accepted by Azure; its end was not seen                   | counts               |
 * | `done`      | took effect                                               | counts               |
 * | `failed`    | did not take effect, and may have cost Azure something    | counts               |
 * | `refused`   | the identity may not write                                | does not             |
 * | `notSent` | was not sent, or not before its run ended                 | does not             |
 */
export const countsAsChange = ({ outcome }: Pick<Intent, 'outcome'>): boolean =>
  outcome !== 'refused' && outcome !== 'notSent';

export const isInFlight = (intent: Intent | undefined): boolean =>
  intent !== undefined && ['pending', 'uncertain', 'running'].includes(intent.outcome);

/** The intent to write down before a change is sent. */
export function newIntent(to: Intent['to'], at: string, before: Intent | undefined): Intent {
  const isRetry = before !== undefined && before.to === to && before.outcome !== 'done';
  return { to, at, firstAt: isRetry ? (before.firstAt ?? before.at) : undefined, outcome: 'pending' };
}

/** The replica with the outcome of its last change. */
export function withOutcome(
  replica: ReplicaState,
  outcome: Intent['outcome'],
  detail?: string,
): ReplicaState {
  const { intent } = replica;
  if (intent === undefined) return replica;
  return {
    ...replica,
    intent: { ...intent, outcome, detail: detail ?? intent.detail },
    disabledByUs: outcome === 'done' ? intent.to === 'disabled' : replica.disabledByUs,
  };
}

/** The last time that evenkeel changed the replica's routing or somebody else reversed it. */
export function lastChangeAt({ intent, reversedAt }: ReplicaState): string | undefined {
  const ours = intent !== undefined && countsAsChange(intent) ? intent.at : undefined;
  return [ours, reversedAt]
    .filter((time) => time !== undefined)
    .toSorted()
    .at(-1);
}

const hourMs = 60 * 60 * 1000;

/** The changes of a registry that the change budget counts. */
export const changesInLastHour = (times: readonly string[], now: Date): string[] =>
  times.filter((time) => now.getTime() - Date.parse(time) < hourMs);

/** Gives a change that was never made back to the change budget; one that comes late all the same is counted again. */
export function withoutChange(times: readonly string[], change: string): string[] {
  const index = times.indexOf(change);
  return index < 0 ? [...times] : times.toSpliced(index, 1);
}
