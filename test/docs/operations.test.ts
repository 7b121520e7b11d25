import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPage, root } from './page.ts';

const { tables } = readPage('docs/operations.md');

/** What the rows of these tables are about: the code in their first cells. */
const explainedIn = (chosen: typeof tables): Set<string> =>
  new Set(chosen.flatMap(({ rows }) => rows.flatMap(([first]) => first?.codeSpans ?? [])));
const explained = explainedIn(tables);
const explainedLines = explainedIn(tables.filter(({ header }) => header.startsWith('| line |')));
const explainedCodes = explainedIn(tables.filter(({ header }) => header.startsWith('| code |')));

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
  'RecordSetChangedError',
  'GroupChangedError',
  'RefusedRequestError',
  'TokenRefusedError',
  'TokenServiceFailedError',
  'TokenServiceThrottledError',
  'claimed',
  'gone',
  'noNetwork',
  'notSelected',
  'optedOut',
  'public',
  'recovered',
  'seeding',
  'stopped',
];

describe('docs/operations.md', () => {
  it.each([...lines, ...failing])('explains the line "%s"', (line) => {
    expect(explainedLines).toContain(line);
  });

  it.each(reasons.filter((reason) => !unlogged.includes(reason)))('explains the reason %s', (reason) => {
    expect(explained).toContain(reason);
  });

  it('explains every code of the status, and no other', () => {
    expect([...explainedCodes].sort()).toEqual(codes);
  });
});

describe('docs/troubleshooting.md', () => {
  const [byCode] = readPage('docs/troubleshooting.md').tables.filter(({ header }) =>
    header.startsWith('| code of the problem |'),
  );

  it('leads from every code of the status to what to do', () => {
    const listed = byCode?.rows.flatMap(([code]) => code?.codeSpans ?? []);
    expect(listed?.toSorted()).toEqual(codes);
  });
});
