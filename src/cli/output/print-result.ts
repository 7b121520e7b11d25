import type { CliContext, Output } from '../context.ts';
import type { SharedOptions } from '../options.ts';
import { type Palette, paletteOf } from './terminal.ts';

/** What a command found or did. */
interface Result {
  /** The document that `--json` prints, for programs. */
  readonly json: unknown;
  /** The lines for people. */
  readonly lines: (pc: Palette) => readonly string[];
}

/** Prints the result on stdout: one JSON document with `--json`, lines without it. */
export function printResult(
  { stdout, env }: Pick<CliContext, 'stdout' | 'env'>,
  options: Pick<SharedOptions, 'json'>,
  { json, lines }: Result,
): void {
  if (options.json) printJson(stdout, json);
  else printLines(stdout, lines(paletteOf(stdout, env)));
}

export function printJson(output: Output, document: unknown): void {
  output.write(`${jsonText(document, 2)}\n`);
}

/** JSON in which what a terminal would obey, or not show, is escaped. `JSON.stringify` escapes a part of it. */
export const jsonText = (document: unknown, space?: number): string =>
  JSON.stringify(document, undefined, space).replace(/[\u007f-\u009f\u2028\u2029\p{Cf}]/gu, (sign) =>
    // A sign beyond the first plane is two units.
    Array.from({ length: sign.length }, (_, at) => sign.charCodeAt(at))
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  );

/** Prints lines as they are: tables, and commands to copy. */
export function printLines(output: Output, lines: readonly string[]): void {
  output.write(lines.map((line) => `${line}\n`).join(''));
}
