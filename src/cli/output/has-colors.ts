import { type Environment, textOf } from '../../settings/setting.ts';
import type { Output } from '../context.ts';

/** Colours are off in pipes and CI, and where NO_COLOR is set (https://no-color.org). */
export const hasColors = (output: Output, env: Environment): boolean =>
  output.isTTY === true && textOf(env, 'NO_COLOR') === undefined && env['TERM'] !== 'dumb';
