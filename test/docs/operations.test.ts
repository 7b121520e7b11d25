import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/operations.md', root), 'utf8');

/** What the functions are made of; the command line and the page say what they mean themselves. */
const source = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !/^(cli|page)\//.test(file))
  .map((file) => readFileSync(new URL(`src/${file}`, root), 'utf8'))
  .join('\n');

const unique = (pattern: RegExp): string[] =>
  [...new Set([...source.matchAll(pattern)].flatMap(([, found]) => found ?? []))].sort();

const lines = unique(/\b(?:log\.(?:info|warn|error)|say)\(\s*'([^']+)'/g);
const failing = unique(/logFailure\(\s*'([^']+)'/g).map((job) => `${job} failed`);
const reasons = [
  ...unique(/\breason: '(\w+)'/g),
  ...unique(/new RefusedRequestError\(\s*\d+,\s*'(\w+)'/g),
  ...unique(/override readonly name = '(\w+Error)'/g),
];
const codes = unique(/\bproblem\(\s*'(\w+)'/g);
/** Never the reason of a line: caught by the code that knows what to do about it, or said of a group or a replica. */
const unlogged = [
  ...['RecordSetChangedError', 'GroupChangedError', 'RefusedRequestError'],
  ...['claimed', 'gone', 'noNetwork', 'public', 'recovered', 'stopped'],
];

describe('docs/operations.md', () => {
  it.each([...lines, ...failing])('explains the line "%s"', (line) => {
    expect(page).toContain(`\`${line}\``);
  });

  it.each(reasons.filter((reason) => !unlogged.includes(reason)))('explains the reason %s', (reason) => {
    expect(page).toContain(`\`${reason}\``);
  });

  it.each(codes)('explains the code %s of the status', (code) => {
    expect(page).toContain(`\n| \`${code}\` |`);
  });
});
