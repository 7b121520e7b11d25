import type { Entity } from './storage/tables.ts';

/** A property holds 64 KB of UTF-16. https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model */
const maxCharacters = 32_000;

/** A text of any length as properties `text0`, `text1`, … */
export function textProperties(text: string): Record<string, string> {
  const parts = Math.max(1, Math.ceil(text.length / maxCharacters));
  return Object.fromEntries(
    Array.from({ length: parts }, (_, index) => [
      `text${index}`,
      text.slice(index * maxCharacters, (index + 1) * maxCharacters),
    ]),
  );
}

/** @returns an empty text when the entity has none. */
export function textOf(entity: Entity): string {
  let text = '';
  for (let index = 0; ; index += 1) {
    const part = entity[`text${index}`];
    if (typeof part !== 'string') return text;
    text += part;
  }
}
