import type { Replica } from '../status/schema.ts';

/** How a replica stands, in words that fit into a cell, and a shape. */
interface ReplicaState {
  readonly label: string;
  readonly tone: 'ok' | 'flag' | 'off' | 'unseen';
}

/**
 * | verdict | routed | also      | words                |
 * |---------|--------|-----------|----------------------|
 * | any     | any    | contested | contested            |
 * | flagged | yes    |           | flagged              |
 * | flagged | no     |           | flagged, off         |
 * | flagged | ?      |           | flagged              |
 * | ok      | yes    |           | routed               |
 * | ok      | no     |           | off                  |
 * | ok      | ?      |           | not known            |
 */
export function replicaState({
  verdict,
  routed,
  contested,
}: Pick<Replica, 'verdict' | 'routed' | 'contested'>): ReplicaState {
  if (contested) return { label: 'contested', tone: 'flag' };
  if (verdict === 'flagged') return { label: routed === false ? 'flagged, off' : 'flagged', tone: 'flag' };
  if (routed === null) return { label: 'not known', tone: 'unseen' };
  return routed ? { label: 'routed', tone: 'ok' } : { label: 'off', tone: 'off' };
}

/** Worth a look before the others. */
export const needsAttention = ({ verdict, contested }: Pick<Replica, 'verdict' | 'contested'>): boolean =>
  verdict === 'flagged' || contested;

/**
 * | change wanted | interlocks  | words                                   |
 * |---------------|-------------|-----------------------------------------|
 * | any           | all pass    | Every interlock passes                  |
 * | yes           | some refuse | Held by 1 of 7 interlocks               |
 * | no            | some refuse | 1 of 7 interlocks would refuse a change |
 */
export function interlockSummary({ interlocks, verdict, disabledByUs }: Held): string {
  const refusing = interlocks.filter(({ pass }) => !pass).length;
  if (refusing === 0) return 'Every interlock passes';
  const some = `${refusing} of ${interlocks.length} interlocks`;
  const isWanted = (verdict === 'flagged') !== disabledByUs;
  return isWanted ? `Held by ${some}` : `${some} would refuse a change`;
}

type Held = Pick<Replica, 'interlocks' | 'verdict' | 'disabledByUs'>;

/** The command that changes its routing as it stands: what is out of it is put back, anything else taken out. */
export const suggestedCommand = ({ routed }: Pick<Replica, 'routed'>): 'off' | 'on' =>
  routed === false ? 'on' : 'off';
