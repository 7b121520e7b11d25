import type { Replica } from './status.ts';

/** How a replica stands, in words that fit into a cell, and a shape. */
interface ReplicaLook {
  readonly words: string;
  readonly mark: 'ok' | 'flag' | 'off' | 'unseen';
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
export function replicaLook({
  verdict,
  routed,
  contested,
}: Pick<Replica, 'verdict' | 'routed' | 'contested'>): ReplicaLook {
  if (contested) return { words: 'contested', mark: 'flag' };
  if (verdict === 'flagged') return { words: routed === false ? 'flagged, off' : 'flagged', mark: 'flag' };
  if (routed === null) return { words: 'not known', mark: 'unseen' };
  return routed ? { words: 'routed', mark: 'ok' } : { words: 'off', mark: 'off' };
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
export function holdingWords({ interlocks, verdict, disabledByUs }: Held): string {
  const refusing = interlocks.filter(({ pass }) => !pass).length;
  if (refusing === 0) return 'Every interlock passes';
  const some = `${refusing} of ${interlocks.length} interlocks`;
  const isWanted = (verdict === 'flagged') !== disabledByUs;
  return isWanted ? `Held by ${some}` : `${some} would refuse a change`;
}

type Held = Pick<Replica, 'interlocks' | 'verdict' | 'disabledByUs'>;

/** The command that changes its routing as it stands: what is out of it is put back, anything else taken out. */
export const wantedCommand = ({ routed }: Pick<Replica, 'routed'>): 'off' | 'on' =>
  routed === false ? 'on' : 'off';
