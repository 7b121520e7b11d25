/**
 * What is invisible and changes how text around it is shown: controls, line separators, and the marks that turn the
 * direction of writing around or hide a character between others.
 * https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters, https://trojansource.codes
 */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Joins letters of some scripts and the parts of an emoji, and turns nothing around. */
const joiners = new Set(['\u200c', '\u200d']);
const spaces = new Set(['\t', '\n', '\r']);

/** Shows each hidden character of a text by its number: `db\u202Egnp` becomes `db⟨U+202E⟩gnp`. White space stays. */
export const visibleText = (text: string): string =>
  text.replace(hidden, (character) =>
    joiners.has(character) || spaces.has(character)
      ? character
      : `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  );
