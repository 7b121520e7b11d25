import { stripVTControlCharacters } from 'node:util';
import type { Output } from '../context.ts';

/** The width of what lines are printed on. */
export type Screen = Pick<Output, 'isTTY' | 'columns'>;

/** Narrower than this, words would stand one below the other. */
const minColumns = 20;

/**
 * The line as a terminal shows it: broken at spaces, with what follows below its first word after the mark. A pipe has
 * no width, and gets the line as it is. Words are never broken, so that what is copied stays whole.
 *
 * @param indentColumns the columns before each further line.
 */
export function wrapLine(line: string, { isTTY, columns }: Screen, indentColumns = indentOf(line)): string[] {
  const width = isTTY === true && columns ? Math.max(minColumns, columns) : Number.POSITIVE_INFINITY;
  if (lengthOf(line) <= width) return [line];
  const startColumns = indentOf(line);
  const indent = ' '.repeat(Math.min(indentColumns, Math.floor(width / 2)));
  const lines: string[] = [];
  let current = '';
  for (const [spaceAndWord] of line.matchAll(/ *[^ ]+/g)) {
    const longer = `${current}${spaceAndWord}`;
    // A mark alone on its line would be parted from its text.
    if (lengthOf(current) <= startColumns || lengthOf(longer) <= width) current = longer;
    else {
      lines.push(current);
      current = `${indent}${spaceAndWord.trimStart()}`;
    }
  }
  return [...lines, current];
}

const lengthOf = (text: string): number => stripVTControlCharacters(text).length;

/** The columns before the text of a line: its spaces, and a mark such as `✖` or `why:`. */
function indentOf(line: string): number {
  const [start = ''] = /^ *(?:[✔✖!?i·-] +|why: |fix: )?/u.exec(stripVTControlCharacters(line)) ?? [];
  return start.length;
}
