import colors from 'picocolors';
import { type Environment, textOf } from '../../settings/setting.ts';
import type { Output } from '../context.ts';

export type Palette = ReturnType<typeof colors.createColors>;

/** Colours are off in pipes and CI, and where NO_COLOR is set (https://no-color.org). */
export const hasColors = (output: Output, env: Environment): boolean =>
  output.isTTY === true && textOf(env, 'NO_COLOR') === undefined && env['TERM'] !== 'dumb';

export const paletteOf = (output: Output, env: Environment): Palette =>
  colors.createColors(hasColors(output, env));

/** Without colours. */
export const plainPalette: Palette = colors.createColors(false);

/** Whether lines can be redrawn in place, which takes a terminal of known width. Some CI terminals have none. */
export const isLive = (output: Output, env: Environment): boolean =>
  output.isTTY === true && (output.columns ?? 0) > 0 && env['TERM'] !== 'dumb';
