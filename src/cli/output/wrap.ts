import { stripVTControlCharacters } from 'node:util';
import type { Output } from '../context.ts';

/** Narrower than this, words would stand one below the other. */
const minColumns = 20;

/**
 * The line as a terminal shows it: broken at spaces, with what follows below its first word after the mark. A pipe has
 * no width, and gets the line as it is. Words are never broken, so that what is copied stays whole.
 */
export function wrapLine(line: string, { isTTY, columns }: Pick<Output, 'isTTY' | 'columns'>): string[] {
  const width = isTTY === true && columns ? Math.max(minColumns, columns) : Number.POSITIVE_INFINITY;
  if (lengthOf(line) <= width) return [line];
  const indent = ' '.repeat(indentOf(line));
  const lines: string[] = [];
  let current = '';
  let isFresh = true;
  for (const word of line.split(/(?<=\S) (?=\S)/)) {
    const longer = isFresh ? `${current}${word}` : `${current} ${word}`;
    if (lengthOf(current) <= indent.length || lengthOf(longer) <= width) current = longer;
    else {
      lines.push(current);
      current = `${indent}${word}`;
    }
    isFresh = false;
  }
  return [...lines, current];
}

const lengthOf = (text: string): number => stripVTControlCharacters(text).length;

/** The columns before the text of a line: its spaces, and a mark such as `✖` or `why:`. */
function indentOf(line: string): number {
  const [start = ''] = /^ *(?:[✔✖!?i·-] +|why: |fix: )?/u.exec(stripVTControlCharacters(line)) ?? [];
  return start.length;
}
