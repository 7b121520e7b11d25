import type { Environment } from '../settings/setting.ts';
import type { Output } from './context.ts';
import { hasColors } from './output/has-colors.ts';

/** What `evenkeel --help` prints where there is room for each line of it. */
export interface HelpTexts {
  readonly plain: string;
  readonly colored: string;
}

/** The build puts them here. What runs from the sources has none. */
declare const builtHelp: string | undefined;
declare const builtColoredHelp: string | undefined;

const builtTexts: HelpTexts | undefined =
  typeof builtHelp === 'undefined' || typeof builtColoredHelp === 'undefined'
    ? undefined
    : { plain: builtHelp, colored: builtColoredHelp };

/**
 * The help of the whole, ready to be printed. To put it together, every command is declared to commander, which takes
 * longer than Node.js itself does to start.
 * @returns `undefined` for every other command line, and for a terminal that is too narrow: the program then prints it.
 */
export function readyHelp(
  args: readonly string[],
  stdout: Output,
  env: Environment,
  texts = builtTexts,
): string | undefined {
  const isHelp = args.length === 1 && (args[0] === '--help' || args[0] === '-h');
  if (!isHelp || texts === undefined) return undefined;
  const width = Math.max(...texts.plain.split('\n').map((line) => line.length));
  if ((stdout.columns || Number.POSITIVE_INFINITY) < width) return undefined;
  return hasColors(stdout, env) ? texts.colored : texts.plain;
}
