import fc from 'fast-check';
import { aHistoryUnderConditions } from './conditions.ts';
import { aHistory, aHistoryOfDeletions } from './history.ts';
import { aPullHistory } from './pulls.ts';

/** Every kind of history. Those in which somebody asks for pulls take several times as long as others. */
export const anyHistory = fc.oneof(
  { arbitrary: aHistory, weight: 4 },
  { arbitrary: aHistoryOfDeletions, weight: 4 },
  { arbitrary: aHistoryUnderConditions, weight: 4 },
  { arbitrary: aPullHistory, weight: 1 },
);
