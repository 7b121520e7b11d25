/**
 * Keys may hold none of `/ \ # ?` and no control characters, so everything else than letters, digits, `-`, `_`, `.`
 * and `~` is escaped, as in a URL but with `!` instead of `%`, which intermediaries like to decode. Parts are joined
 * by `|`, which no escaped part holds.
 * https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model#characters-disallowed-in-key-fields
 */
export const tableKey = (...parts: readonly string[]): string => parts.map(escapePart).join('|');

export const tableKeyParts = (key: string): string[] => key.split('|').map(unescapePart);

const escapePart = (part: string): string =>
  encodeURIComponent(part)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%', '!');

const unescapePart = (part: string): string => decodeURIComponent(part.replaceAll('!', '%'));
