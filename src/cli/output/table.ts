import Table from 'cli-table3';
import type { Palette } from './terminal.ts';

interface Columns {
  readonly titles: readonly string[];
  /** Widths that text wraps to; without them each column is as wide as its longest text. */
  readonly widths?: readonly number[];
}

/** Spaces between two columns. */
export const columnGap = 2;

/** A table of plain columns, without borders, that tools such as `cut` and `grep` can read. */
export function tableLines(
  { titles, widths = [] }: Columns,
  rows: readonly (readonly string[])[],
  pc: Palette,
): string[] {
  const table = new Table({
    chars: borderless,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    head: titles.map((title) => pc.bold(title)),
    colWidths: [...widths],
    wordWrap: widths.length > 0,
  });
  table.push(...rows.map((row) => [...row]));
  // The last column is padded, too.
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

const borderless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' '.repeat(columnGap),
};
