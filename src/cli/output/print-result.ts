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
  output.write(`${JSON.stringify(document, undefined, 2)}\n`);
}

export function printLines(output: Output, lines: readonly string[]): void {
  output.write(lines.map((line) => `${line}\n`).join(''));
}
