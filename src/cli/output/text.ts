/**
 * Text on one line, without control characters, which a terminal would obey, and without what the agents of Azure
 * Pipelines and GitHub Actions take for a command to them: `##vso[` and `##[` anywhere in a line.
 */
export const plainText = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/##(?=\[|vso\[)/gi, '## ')
    .trim();

/** `1 replica`, `2 replicas`. */
export const count = (number: number, one: string, more = `${one}s`): string =>
  `${number} ${number === 1 ? one : more}`;

/** `rg-spoke-a/web` for the ARM id of a container group or another resource in a group; other text unchanged. */
export function shortGroup(id: string): string {
  const [, resourceGroup, name] = /\/resourcegroups\/([^/]+)\/.*\/([^/]+)$/i.exec(id) ?? [];
  return resourceGroup === undefined || name === undefined ? id : `${resourceGroup}/${name}`;
}

/** `A web.spoke-a.internal.contoso.com` for the ARM id of a record set; other text unchanged. */
export function shortRecordSet(id: string): string {
  const [, zone, type, name] = /\/privatednszones\/([^/]+)\/([^/]+)\/([^/]+)$/i.exec(id) ?? [];
  if (zone === undefined || type === undefined || name === undefined) return id;
  return `${type.toUpperCase()} ${name === '@' ? zone : `${name}.${zone}`}`;
}

/** Copies a JSON value and makes each text in it safe to show on a terminal. */
export function withPlainTexts(value: unknown): unknown {
  if (typeof value === 'string') return plainText(value);
  if (Array.isArray(value)) return value.map(withPlainTexts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withPlainTexts(item)]));
}
