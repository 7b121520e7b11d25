import type { Interlock, Move } from './interlock.ts';

/** Every replica out of reach at once says more about our own view than about the replicas. */
export const commonCause = ({ isCommonCause }: Pick<Move, 'isCommonCause'>): Interlock => ({
  rule: 'commonCause',
  pass: !isCommonCause,
  detail: isCommonCause
    ? 'no endpoint that was asked is in reach: the fault may be on the way there'
    : 'not every endpoint is out of reach',
});
