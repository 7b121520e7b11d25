/**
 * Joins parts to a key of an entity. {@link tableKeyParts} gives the parts back.
 *
 * A key may hold neither `/ \ # ?` nor control characters. Everything except letters, digits, `-`, `_`, `.` and `~`
 * is therefore escaped as in a URL, but with `!` in place of `%`, which proxies like to decode. Parts are joined by
 * `|`, which no escaped part contains.
 * https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model#characters-disallowed-in-key-fields
 */
export const tableKey = (...parts: readonly string[]): string => parts.map(escapePart).join('|');

export const tableKeyParts = (key: string): string[] => key.split('|').map(unescapePart);

const escapePart = (part: string): string =>
  encodeURIComponent(part)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%', '!');

const unescapePart = (part: string): string => decodeURIComponent(part.replaceAll('!', '%'));

/**
 * The properties `text0`, `text1`, … that hold a text of any length: one property holds 64 KB of UTF-16.
 * https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
 */
export function textProperties(text: string): Record<string, string> {
  const parts = Math.max(1, Math.ceil(text.length / maxCharacters));
  return Object.fromEntries(
    Array.from({ length: parts }, (_, index) => [
      `text${index}`,
      text.slice(index * maxCharacters, (index + 1) * maxCharacters),
    ]),
  );
}

const maxCharacters = 32_000;

/** The text that {@link textProperties} stored in an entity; empty when the entity has none. */
export function textOf(entity: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (let index = 0; ; index += 1) {
    const part = entity[`text${index}`];
    if (typeof part !== 'string') return text;
    text += part;
  }
}

/** A type rather than an interface: the SDK takes entities with further properties, and an interface has none. */
export type Keys = { partitionKey: string; rowKey: string };

/** Splits keys into groups that one transaction each can change: of one partition, without duplicates, 100 at most. */
export function byPartition(all: readonly Keys[]): Keys[][] {
  const unique = new Map(all.map((keys) => [`${keys.partitionKey}\n${keys.rowKey}`, keys]));
  const groups = Map.groupBy(unique.values(), ({ partitionKey }) => partitionKey);
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / maxActions) }, (_, index) =>
      group.slice(index * maxActions, (index + 1) * maxActions),
    ),
  );
}

/** https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions */
const maxActions = 100;
