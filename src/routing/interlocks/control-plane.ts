import { clipped } from '../evidence.ts';
import type { Interlock, Move } from './interlock.ts';

/** Resource Manager of the home region is out of order when that region is, and nothing can be changed then. */
export const controlPlane = ({ silence }: Pick<Move, 'silence'>): Interlock => ({
  rule: 'controlPlane',
  pass: silence === undefined,
  detail:
    silence === undefined
      ? 'Resource Manager answers'
      : `Resource Manager does not answer: ${clipped(silence)}`,
});
