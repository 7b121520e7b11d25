import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { parseJson } from '../../lib/json.ts';

/**
 * Joins parts to a key of an entity. {@link tableKeyParts} gives the parts back, unless the key had no room for them.
 *
 * A key may hold neither `/ \ # ?` nor control characters. Everything except letters, digits, `-`, `_`, `.` and `~`
 * is therefore escaped as in a URL, but with `!` in place of `%`, which proxies like to decode. Parts are joined by
 * `|`, which no escaped part contains.
 * https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model#characters-disallowed-in-key-fields
 *
 * A key holds 1 KiB of UTF-16. In one that would be longer, a hash takes the place of each long part: `=` and 64
 * hexadecimal digits, which no escaped part begins with.
 */
export function tableKey(...parts: readonly string[]): string {
  const escaped = parts.map(escapePart);
  const key = escaped.join('|');
  if (key.length <= maxKeyCharacters) return key;
  return escaped.map((part, index) => (part.length > hashLength ? hashOf(parts[index]) : part)).join('|');
}

/** @returns `undefined` when the key holds a hash in place of a part. */
export const tableKeyParts = (key: string): string[] | undefined =>
  holdsHash(key) ? undefined : key.split('|').map(unescapePart);

const holdsHash = (key: string): boolean => key.startsWith('=') || key.includes('|=');

const maxKeyCharacters = 512;
const hashLength = 65;

const hashOf = (part = ''): string => `=${createHash('sha256').update(part).digest('hex')}`;

/** Keys made of parts, beside the properties that give the parts back where the row key cannot. */
export function keysWithParts(partitionKey: string, ...parts: readonly string[]) {
  const rowKey = tableKey(...parts);
  const keys = { partitionKey, rowKey };
  return holdsHash(rowKey) ? { ...keys, parts: JSON.stringify(parts) } : keys;
}

/** The parts of the row key that {@link keysWithParts} made; `undefined` for an entity that it did not make. */
export function partsOf({ rowKey, parts }: { readonly rowKey?: string; readonly parts?: unknown }) {
  if (typeof parts !== 'string') return tableKeyParts(rowKey ?? '');
  const parsed = v.safeParse(v.array(v.string()), parseJson(parts));
  return parsed.success ? parsed.output : undefined;
}

const escapePart = (part: string): string =>
  encodeURIComponent(part).replace(/[%!'()*]/g, (character) =>
    character === '%' ? '!' : `!${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const unescapePart = (part: string): string => decodeURIComponent(part.replaceAll('!', '%'));

/**
 * The properties `text0`, `text1`, … that hold a text of any length: one property holds 64 KB of UTF-16. Another name
 * makes room for another text beside it.
 * https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
 */
export function textProperties(text: string, name = 'text'): Record<string, string> {
  const parts = Math.max(1, Math.ceil(text.length / maxCharacters));
  return Object.fromEntries(
    Array.from({ length: parts }, (_, index) => [
      `${name}${index}`,
      text.slice(index * maxCharacters, (index + 1) * maxCharacters),
    ]),
  );
}

const maxCharacters = 32_000;

/** The text that {@link textProperties} stored in an entity; empty when the entity has none. */
export function textOf(entity: Readonly<Record<string, unknown>>, name = 'text'): string {
  let text = '';
  for (let index = 0; ; index += 1) {
    const part = entity[`${name}${index}`];
    if (typeof part !== 'string') return text;
    text += part;
  }
}

/** A type rather than an interface: the SDK takes entities with further properties, and an interface has none. */
export type Keys = { partitionKey: string; rowKey: string };

/** Splits entities into groups that one transaction each can change: of one partition, without duplicates, 100 at most. */
export function byPartition<E extends Keys>(all: readonly E[]): E[][] {
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
