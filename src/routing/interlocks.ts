import { anotherWriter } from './interlocks/another-writer.ts';
import { changeBudget } from './interlocks/change-budget.ts';
import { commonCause } from './interlocks/common-cause.ts';
import { controlPlane } from './interlocks/control-plane.ts';
import { holdDown } from './interlocks/hold-down.ts';
import { homeRegion } from './interlocks/home-region.ts';
import type { Interlock, Move } from './interlocks/interlock.ts';
import { minimumRoutable } from './interlocks/minimum-routable.ts';

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
