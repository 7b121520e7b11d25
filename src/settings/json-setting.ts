import { type CstValueNode, parse } from 'json-cst';
import { unresolvedReference } from './key-vault-reference.ts';
import { badSetting, goodSetting, pathText, type Setting } from './setting.ts';

/** The value of a setting that is JSON, not yet checked for anything else. */
export interface JsonValue {
  readonly value: unknown;
  /** Where a key stands more than once in one object, of which `value` holds the last only: the path to each such key. */
  readonly repeated: readonly JsonPath[];
}

type JsonPath = readonly (string | number)[];

/** Says of a repeated key where it is. */
export const repeatedKeyProblem = (setting: string, path: JsonPath): string =>
  `${setting}${pathText(path)}: found the key more than once, expected it once`;

/**
 * @param unset what an empty setting means, as JSON.
 * @param expected what the setting is, for the error of text that is no JSON.
 */
export function parseJsonSetting(
  name: string,
  text: string | undefined,
  unset: string,
  expected = 'JSON',
): Setting<JsonValue> {
  const json = text === undefined || text.trim() === '' ? unset : text;
  const unresolved = unresolvedReference(name, json);
  if (unresolved !== undefined) return badSetting(unresolved);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    const hint = quotingHint(json.trim());
    const advice = hint === undefined ? '' : `; ${hint}`;
    return badSetting(`${name}: expected ${expected}, found text that is not: ${firstLine(error)}${advice}`);
  }
  if (typeof value === 'string' && /^\s*[[{]/.test(value)) {
    return badSetting(`${name}: expected ${expected}, found JSON as the text of a string; ${outerQuotes}`);
  }
  // Text that is written as programs write it has every key that its value has, and no other.
  const isWhole = JSON.stringify(value) === json;
  return goodSetting({ value, repeated: isWhole ? [] : [...repeatedKeys(parse(json).root, [])] });
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1).join('');

const outerQuotes = 'remove the quotes around it, which were meant for a shell';
const fileAdvice = 'give the settings in a file: az functionapp config appsettings set --settings @FILE';

/**
 * What a shell did to the quotes of a text that should be JSON; `undefined` when that is not the trouble.
 *
 * | text                        | what happened                              |
 * |-----------------------------|--------------------------------------------|
 * | `'{"rg":{}}'`               | the quotes for the shell are still there   |
 * | `{\"rg\":{}}`               | so are its backslashes                     |
 * | `{'rg':{}}`                 | single quotes where JSON has double quotes |
 * | `{rg:{}}`                   | a shell took the quotes away               |
 */
function quotingHint(text: string): string | undefined {
  if (/^(['"`])\s*[[{].*[\]}]\s*\1$/s.test(text)) return outerQuotes;
  if (!/^[[{]/.test(text)) return undefined;
  if (/^[[{\s]*\\"/.test(text))
    return 'remove the backslashes before its quotes, which were meant for a shell';
  if (text.includes('"')) return undefined;
  if (text.includes("'")) return 'JSON takes double quotes only';
  return `it has no double quotes, so a shell took them away; ${fileAdvice}`;
}

/** `JSON.parse` tells nothing of them: the last one wins. */
function* repeatedKeys(node: CstValueNode, path: JsonPath): Generator<JsonPath> {
  if (node.kind === 'array') {
    for (const [index, { valueNode }] of node.children.entries())
      yield* repeatedKeys(valueNode, [...path, index]);
  }
  if (node.kind !== 'object') return;
  const counts = new Map<string, number>();
  for (const { key, valueNode } of node.children) {
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (count === 2) yield [...path, key];
    yield* repeatedKeys(valueNode, [...path, key]);
  }
}
