import { describe, expect, it } from 'vitest';
import { plainText } from '../../../src/cli/output/text.ts';

describe('text that is shown', () => {
  it.each([
    ['two\r\nlines\u2028more', 'two lines more'],
    [' \u001b[2Jcleared\u0007 ', '[2Jcleared'],
    ['x ##vso[task.complete result=Succeeded;] y', 'x ## vso[task.complete result=Succeeded;] y'],
    ['##VSO[x]##[group]', '## VSO[x]## [group]'],
    ['a\u202egnp.exe', 'a\\u202egnp.exe'],
    ['\u2068left open', '\\u2068left open'],
    ['\u2069\u2068', '\\u2069\\u2068'],
    ['zero\u200bwidth \u{e0041}', 'zero\\u200bwidth \\u{e0041}'],
    ['by שלום (1)', '\u2068by שלום (1)\u2069'],
    ['\u2068by שלום (1)\u2069, later', '\u2068by שלום (1)\u2069, later'],
    ['\ud800', '\\ud800'],
    ['## a heading, C#, #1', '## a heading, C#, #1'],
  ])('%j becomes %j', (text, shown) => {
    expect(plainText(text)).toBe(shown);
  });
});
