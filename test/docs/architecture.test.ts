import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPage, root } from './page.ts';

const functions = readdirSync(new URL('src/functions/', root)).flatMap((file) => {
  const source = readFileSync(new URL(`src/functions/${file}`, root), 'utf8');
  return [...source.matchAll(/\bapp\.\w+\('(\w+)'/g)].flatMap(([, name]) => name ?? []);
});
const picture = readFileSync(new URL('docs/images/how-it-works.svg', root), 'utf8');
const shown = [...picture.matchAll(/<text [^>]*>([^<]*)</g)].map(([, text]) => text).join('\n');

describe('docs/architecture.md', () => {
  it('shows every function in the picture', () => {
    expect(functions.length).toBeGreaterThan(10);
    expect(functions.filter((name) => !new RegExp(`\\b${name}\\b`).test(shown))).toEqual([]);
  });

  it('lists every function, and no other', () => {
    const table = readPage('docs/architecture.md').tables.find(({ header }) =>
      header.startsWith('| function |'),
    );
    const listed = table?.rows.flatMap(([name]) => name?.codeSpans ?? []);
    expect(listed?.toSorted()).toEqual(functions.toSorted());
  });
});
