import { describe, expect, it } from 'vitest';
import { LiveLines, type SpanLine } from '../../../src/cli/output/live-lines.ts';

/** A terminal of the given size, which records each write. */
function terminal(columns: number, rows: number) {
  const writes: string[] = [];
  return { writes, output: { isTTY: true, columns, rows, write: (text: string) => writes.push(text) } };
}
const lines = (...texts: string[]): SpanLine[] => texts.map((text) => [[text]]);

describe('live lines', () => {
  it('are drawn in place, in one write each, over what was there', () => {
    const { writes, output } = terminal(80, 24);
    const live = new LiveLines(output);
    live.draw(lines('one', 'two'));
    live.draw(lines('three'));
    live.draw(lines('four'));
    live.close();
    expect(writes).toEqual([
      '\x1b[?25l\rone\x1b[K\ntwo\x1b[K\n\x1b[J',
      '\x1b[2A\rthree\x1b[K\n\x1b[J',
      '\x1b[1A\rfour\x1b[K\n\x1b[J',
      '\x1b[?25h',
    ]);
  });

  it('leave a terminal alone that they never drew on', () => {
    const { writes, output } = terminal(80, 24);
    new LiveLines(output).close();
    expect(writes).toEqual([]);
  });

  it('never wrap, and colour what they cut', () => {
    const { writes, output } = terminal(6, 24);
    new LiveLines(output).draw([[['abc'], ['defg', (text) => `<${text}>`], ['h', (text) => `<${text}>`]]]);
    expect(writes.join('')).toContain('\rabc<de><>\x1b[K\n');
  });

  it('are cut at the columns that are seen where they have colours already, and end those', () => {
    const { writes, output } = terminal(6, 24);
    new LiveLines(output).draw(['\x1b[31mab\x1b[39mcdefg', '\x1b[31mabcde\x1b[39m']);
    expect(writes.join('')).toContain('\r\x1b[31mab\x1b[39mcde\x1b[0m\x1b[K\n\x1b[31mabcde\x1b[39m\x1b[K\n');
  });

  it('never scroll', () => {
    const { writes, output } = terminal(80, 4);
    new LiveLines(output).draw(lines('1', '2', '3', '4', '5'));
    expect(writes.join('')).toContain('\r1\x1b[K\n2\x1b[K\n  … 3 more\x1b[K\n\x1b[J');
  });
});
