import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const infra = join(import.meta.dirname, '../../infra');

/** The text of a file of `infra/`. */
export const infraFile = (name: string): string => readFileSync(join(infra, name), 'utf8');

/** The text of every Bicep file, for what may stand in any of them. */
export const allBicep = (): string =>
  readdirSync(infra, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.bicep'))
    .sort()
    .map(infraFile)
    .join('\n');

/**
 * The lines of a declaration such as `var settings = {`, up to the line that closes it at the same indentation.
 * @throws when the file has no such declaration.
 */
function blockOf(text: string, declaration: string): string[] {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.startsWith(declaration));
  if (start < 0) throw new Error(`no line begins with ${JSON.stringify(declaration)}`);
  const end = lines.findIndex((line, at) => at > start && /^[}\]]/.test(line));
  return lines.slice(start + 1, end);
}

/** Names of the properties of an object or a type, without those of objects in it. */
export const propertyNames = (text: string, declaration: string): string[] =>
  blockOf(text, declaration).flatMap((line) => /^ {2}(\w+):/.exec(line)?.[1] ?? []);

/** The items of an array of strings that has a line for each. */
export const arrayItems = (text: string, declaration: string): string[] =>
  blockOf(text, declaration).flatMap((line) => /^ {2}'(.*)'$/.exec(line)?.[1] ?? []);

/** Names of the parameters without a default. */
export const requiredParameters = (text: string): string[] =>
  [...text.matchAll(/^param (\w+) [^\n]*$/gm)].flatMap(([line, name = '']) =>
    / = /.test(line) || line.endsWith('?') ? [] : [name],
  );

/** What each of the pattern's matches has in its first group, each once. */
export const captures = (text: string, pattern: RegExp): string[] => [
  ...new Set([...text.matchAll(pattern)].map(([, first = '']) => first)),
];
