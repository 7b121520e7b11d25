/**
 * Text from elsewhere, on one line, that cannot do anything but be read.
 *
 * | in the text                                                        | becomes                                    |
 * |--------------------------------------------------------------------|--------------------------------------------|
 * | control characters and line breaks, which a terminal would obey     | a space                                    |
 * | what is not seen and moves, joins or hides its neighbours            | its number, such as `\u202e`               |
 * | letters that are written from right to left                        | isolated, so that the line goes on as it was |
 * | `##vso[` and `##[`, which the agents of pipelines take for commands | the same with a space                      |
 *
 * https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
 */
export function plainText(text: string): string {
  // Most text is of none of these kinds.
  if (/^[ -~]*$/.test(text) && !text.includes('##')) return text.trim();
  const plain = text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/##(?=\[|vso\[)/gi, '## ')
    .trim();
  if (!/[\p{Cf}\p{Cs}\p{Co}\u0590-\u08ff\ufb1d-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u.test(plain))
    return plain;
  const isIsolated = hasWholeIsolates(plain);
  const escaped = plain.replace(/[\p{Cf}\p{Cs}\p{Co}]/gu, (sign) =>
    isIsolated && (sign === isolate || sign === endOfIsolate) ? sign : escapeOf(sign),
  );
  return isRightToLeft(escaped) && !isIsolated ? `${isolate}${escaped}${endOfIsolate}` : escaped;
}

const isolate = '\u2068';
const endOfIsolate = '\u2069';

const isRightToLeft = (text: string): boolean =>
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u.test(text);

/** Whether each isolate is one of ours: it begins and ends within the text. */
function hasWholeIsolates(text: string): boolean {
  let depth = 0;
  let isUsed = false;
  for (const sign of text) {
    if (sign === isolate) {
      depth++;
      isUsed = true;
    } else if (sign === endOfIsolate && --depth < 0) return false;
  }
  return isUsed && depth === 0;
}

/** `\u202e`, or `\u{e0041}` beyond four digits. */
function escapeOf(sign: string): string {
  const digits = (sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0');
  return digits.length > 4 ? `\\u{${digits}}` : `\\u${digits}`;
}

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
