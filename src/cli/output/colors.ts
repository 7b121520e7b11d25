import colors from 'picocolors';
import { type Environment, textOf } from '../../settings/setting.ts';
import type { Output } from '../context.ts';

export type Palette = ReturnType<typeof colors.createColors>;

/** Off when piped, in CI too, and where NO_COLOR asks for it (https://no-color.org). */
export const hasColors = (output: Output, env: Environment): boolean =>
  output.isTTY === true && textOf(env, 'NO_COLOR') === undefined && env['TERM'] !== 'dumb';

export const paletteOf = (output: Output, env: Environment): Palette =>
  colors.createColors(hasColors(output, env));

/** Whether lines can be drawn again in place: a terminal of unknown width, as some CI has, cannot tell where. */
export const isLive = (output: Output, env: Environment): boolean =>
  output.isTTY === true && (output.columns ?? 0) > 0 && env['TERM'] !== 'dumb';
