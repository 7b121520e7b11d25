/** The value of a JSON text; `undefined`, which no JSON text stands for, when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * JSON in ASCII only. A long text is stored in pieces, which must not split a character, and the storage emulator
 * misreads a character that arrives in two pieces.
 */
export const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
