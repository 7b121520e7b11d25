import { describe, expect, it } from 'vitest';
import { wrapLine } from '../../../src/cli/output/wrap.ts';

const at = (columns: number) => ({ isTTY: true, columns });
const text = '  ✖ the zone spoke-a.internal.contoso.com does not exist';

describe('a line', () => {
  it('is broken at words by the width of the terminal, below its first word', () => {
    expect(wrapLine(text, at(32))).toEqual([
      '  ✖ the zone',
      '    spoke-a.internal.contoso.com',
      '    does not exist',
    ]);
    expect(wrapLine('    why: one two three four', at(22))).toEqual([
      '    why: one two three',
      '         four',
    ]);
  });

  it('keeps a word whole that is wider than the terminal', () => {
    expect(wrapLine(`✖ ${'x'.repeat(30)} yz`, at(20))).toEqual([`✖ ${'x'.repeat(30)}`, '  yz']);
  });

  it('counts no colours', () => {
    const red = '\u001b[31m✖\u001b[39m one two three four';
    expect(wrapLine(red, at(20))).toEqual([red]);
    expect(wrapLine(`${red} five`, at(20))).toEqual([red, '  five']);
  });

  it.each([
    ['that fits', at(200)],
    ['in a pipe', { isTTY: false, columns: 20 }],
    ['on a terminal of unknown width', { isTTY: true, columns: 0 }],
  ])('is left as it is %s', (_, output) => {
    expect(wrapLine(text, output)).toEqual([text]);
  });
});
