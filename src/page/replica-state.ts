import type { Replica } from '../status/schema.ts';
import { interlockLabel } from './labels.ts';

/** A replica's state as a label that fits into a cell, and its tone. */
interface ReplicaState {
  readonly label: string;
  readonly tone: 'ok' | 'warning' | 'off' | 'unknown';
}

/**
 * | verdict | routed  | contested | label        |
 * |---------|---------|-----------|--------------|
 * | any     | any     | yes       | contested    |
 * | flagged | yes     | no        | flagged      |
 * | flagged | no      | no        | flagged, off |
 * | flagged | unknown | no        | flagged      |
 * | ok      | yes     | no        | routed       |
 * | ok      | no      | no        | off          |
 * | ok      | unknown | no        | unknown      |
 */
export function replicaState({
  verdict,
  routed,
  contested,
}: Pick<Replica, 'verdict' | 'routed' | 'contested'>): ReplicaState {
  if (contested) return { label: 'contested', tone: 'warning' };
  if (verdict === 'flagged') {
    return { label: routed === false ? 'flagged, off' : 'flagged', tone: 'warning' };
  }
  if (routed === null) return { label: 'unknown', tone: 'unknown' };
  return routed ? { label: 'routed', tone: 'ok' } : { label: 'off', tone: 'off' };
}

/** Replicas that need attention come first. */
export const needsAttention = ({ verdict, contested }: Pick<Replica, 'verdict' | 'contested'>): boolean =>
  verdict === 'flagged' || contested;

/**
 * | change wanted | interlocks  | summary                                 |
 * |---------------|-------------|-----------------------------------------|
 * | any           | all pass    | Every interlock passes                  |
 * | yes           | some refuse | Held by 1 of 7 interlocks               |
 * | no            | some refuse | 1 of 7 interlocks would refuse a change |
 */
export function interlockSummary({
  interlocks,
  verdict,
  disabledByUs,
}: Pick<Replica, 'interlocks' | 'verdict' | 'disabledByUs'>): string {
  const refusing = interlocks.filter(({ pass }) => !pass).length;
  if (refusing === 0) return 'Every interlock passes';
  const some = `${refusing} of ${interlocks.length} interlocks`;
  const isChangeWanted = (verdict === 'flagged') !== disabledByUs;
  return isChangeWanted ? `Held by ${some}` : `${some} would refuse a change`;
}

/** The command that reverses the present routing: what is out of it is put back, anything else is taken out. */
export const suggestedCommand = ({ routed }: Pick<Replica, 'routed'>): 'off' | 'on' =>
  routed === false ? 'on' : 'off';

/**
 * The warning that stands above a command which an interlock refuses, with the reasons; `undefined` when there is none.
 * The interlocks are those of the change that the verdict asks for; the opposite one was not evaluated.
 */
export function commandWarning(
  { interlocks, verdict, awaits }: Pick<Replica, 'interlocks' | 'verdict' | 'awaits'>,
  command: 'off' | 'on',
): string | undefined {
  if ((command === 'off') !== (verdict === 'flagged'))
    return command === 'on' ? 'The replica is flagged, and putting it back sends clients to it.' : undefined;
  const refusing = interlocks.filter(({ pass }) => !pass);
  if (refusing.length === 0)
    return command === 'on' && awaits.length > 0 ? `Do not run this yet: ${awaits.join('; ')}.` : undefined;
  const reasons = refusing.map(({ rule, detail }) => `${interlockLabel(rule)} (${detail})`).join('; ');
  return `Do not run this yet. ${refusing.length === 1 ? 'One interlock refuses' : 'Interlocks refuse'} it: ${reasons}.`;
}
