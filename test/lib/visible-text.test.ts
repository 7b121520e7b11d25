import { describe, expect, it } from 'vitest';
import { visibleText } from '../../src/lib/visible-text.ts';

describe('a text that may hold hidden characters', () => {
  it.each([
    ['a right-to-left override', 'db\u202Egnp', 'db⟨U+202E⟩gnp'],
    ['an isolate that nothing ends', '\u2067web', '⟨U+2067⟩web'],
    ['a mark of direction', 'a\u200Fb\u061Cc', 'a⟨U+200F⟩b⟨U+061C⟩c'],
    ['a zero-width space', 'team/\u200Bapp', 'team/⟨U+200B⟩app'],
    ['an escape sequence of a terminal', '\u001b[31mred', '⟨U+001B⟩[31mred'],
    ['a tag of the supplementary plane', 'v1\u{E0061}', 'v1⟨U+E0061⟩'],
    ['a line separator', 'a\u2028b', 'a⟨U+2028⟩b'],
  ])('shows %s by its number', (_, text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });

  it.each(['team/app:v1', 'עברית', 'a\nb\tc', '👩‍🚀', 'می‌خواهم'])('keeps %j as it is', (text) => {
    expect(visibleText(text)).toBe(text);
  });
});
