import colors from 'picocolors';
import type { Environment } from '../../settings/setting.ts';
import type { Output } from '../context.ts';
import { hasColors } from './has-colors.ts';

export type Palette = ReturnType<typeof colors.createColors>;

export const paletteOf = (output: Output, env: Environment): Palette =>
  colors.createColors(hasColors(output, env));

/** Without colours. */
export const plainPalette: Palette = colors.createColors(false);

/** Whether lines can be redrawn in place, which takes a terminal of known width. Some CI terminals have none. */
export const isLive = (output: Output, env: Environment): boolean =>
  output.isTTY === true && (output.columns ?? 0) > 0 && env['TERM'] !== 'dumb';
