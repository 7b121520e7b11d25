import type { Output } from '../context.ts';

/** A piece of a line, and how it is coloured. Its characters are one column wide each. */
type Span = readonly [text: string, paint?: (text: string) => string];
export type Line = readonly Span[];

const hideCursor = '\x1b[?25l';
const showCursor = '\x1b[?25h';
const clearToEndOfLine = '\x1b[K';
const clearBelow = '\x1b[J';

/**
 * The last lines of a terminal, drawn again in place. Each drawing is one write that overwrites and then
 * clears what is left over, so that nothing flickers.
 */
export class LiveLines {
  private readonly output: Output;
  private height = 0;
  private isOpen = false;

  constructor(output: Output) {
    this.output = output;
  }

  draw(lines: readonly Line[]): void {
    const { columns, rows } = this.output;
    const shown = fitLines(lines, (rows || 24) - 1).map(
      (line) => fitLine(line, (columns || 80) - 1) + clearToEndOfLine,
    );
    const up = this.height === 0 ? '' : `\x1b[${this.height}A`;
    this.output.write(
      `${this.isOpen ? '' : hideCursor}${up}\r${shown.map((line) => `${line}\n`).join('')}${clearBelow}`,
    );
    this.height = shown.length;
    this.isOpen = true;
  }

  /** Leaves the last drawing where it is and gives the cursor back. */
  close(): void {
    if (this.isOpen) this.output.write(showCursor);
    this.isOpen = false;
    this.height = 0;
  }
}

/** What has scrolled out of the terminal cannot be drawn again, so there are never more lines than it has. */
function fitLines(lines: readonly Line[], height: number): readonly Line[] {
  if (lines.length <= height) return lines;
  const kept = lines.slice(0, Math.max(0, height - 1));
  return [...kept, [[`  … ${lines.length - kept.length} more`]]];
}

/** A line that wrapped would be two when the cursor goes up. */
function fitLine(line: Line, width: number): string {
  let left = width;
  let text = '';
  for (const [words, paint = String] of line) {
    const fitting = words.slice(0, Math.max(0, left));
    left -= fitting.length;
    text += paint(fitting);
  }
  return text;
}
