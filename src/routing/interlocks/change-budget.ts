import type { Interlock, Move } from './interlock.ts';

/** A fault of our own must not go through all replicas within minutes. */
export const changeBudget = ({ changes, rules }: Pick<Move, 'changes' | 'rules'>): Interlock => ({
  rule: 'changeBudget',
  pass: changes < rules.changesPerHour,
  detail: `changes of the registry in the last hour: ${changes} of ${rules.changesPerHour}`,
});
