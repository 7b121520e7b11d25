import { anotherWriter } from './another-writer.ts';
import { changeBudget } from './change-budget.ts';
import { commonCause } from './common-cause.ts';
import { controlPlane } from './control-plane.ts';
import { holdDown } from './hold-down.ts';
import { homeRegion } from './home-region.ts';
import type { Interlock, Move } from './interlock.ts';
import { minimumRoutable } from './minimum-routable.ts';

const interlocks = [
  minimumRoutable,
  commonCause,
  controlPlane,
  changeBudget,
  holdDown,
  anotherWriter,
  homeRegion,
];

/** All of them, so that people see every rule that stands in the way and not only the first. */
export const evaluateInterlocks = (move: Move): Interlock[] => interlocks.map((evaluate) => evaluate(move));
