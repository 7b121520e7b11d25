import type { Output } from '../context.ts';

/** A part of a line and its colour. Each character has to be one column wide. */
type Span = readonly [text: string, paint?: (text: string) => string];
export type SpanLine = readonly Span[];
/** Spans, or text that has its colours already. */
type Line = SpanLine | string;

const hideCursor = '\x1b[?25l';
const showCursor = '\x1b[?25h';
const clearToEndOfLine = '\x1b[K';
const clearBelow = '\x1b[J';
const endColors = '\x1b[0m';

/**
 * The last lines of a terminal, redrawn in place. Each drawing is one write that overwrites the lines first and then
 * clears what is left of the old ones, so that nothing flickers.
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

  /** Leaves the last drawing in place and shows the cursor again. */
  close(): void {
    if (this.isOpen) this.output.write(showCursor);
    this.isOpen = false;
    this.height = 0;
  }
}

/** Never more lines than the terminal has: lines that scrolled out of it cannot be redrawn. */
function fitLines(lines: readonly Line[], height: number): readonly Line[] {
  if (lines.length <= height) return lines;
  const kept = lines.slice(0, Math.max(0, height - 1));
  return [...kept, [[`  … ${lines.length - kept.length} more`]]];
}

/** Never wider than the terminal: a wrapped line would take two rows, and the cursor goes up by one. */
function fitLine(line: Line, width: number): string {
  if (typeof line === 'string') return fitText(line, width);
  let left = width;
  let text = '';
  for (const [words, paint = String] of line) {
    const fitting = words.slice(0, Math.max(0, left));
    left -= fitting.length;
    text += paint(fitting);
  }
  return text;
}

/** Select Graphic Rendition, ECMA-48 8.3.117. */
const colors = new RegExp(`(${'\x1b'}\\[[\\d;]*m)`);

/** The beginning of a text that has colours, which take no columns. */
function fitText(text: string, width: number): string {
  let left = width;
  let fitting = '';
  // Every second part is a colour.
  for (const [index, part] of text.split(colors).entries()) {
    if (index % 2 === 1) fitting += part;
    else {
      fitting += part.slice(0, left);
      left -= part.length;
      if (left < 0) return `${fitting}${fitting.includes('\x1b') ? endColors : ''}`;
    }
  }
  return fitting;
}
