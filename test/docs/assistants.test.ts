import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPage, root } from './page.ts';

const page = readPage('docs/assistants.md');
const rows = page.tables.find(({ header }) => header.startsWith('| tool |'))?.rows ?? [];
const tools = readdirSync(new URL('src/functions/', root)).flatMap((file) => {
  const source = readFileSync(new URL(`src/functions/${file}`, root), 'utf8');
  const name = /toolName: '(\w+)'/.exec(source)?.[1];
  if (name === undefined) return [];
  const takes = [...source.matchAll(/propertyName: '(\w+)'/g)].flatMap(([, property]) => property ?? []);
  return [{ name, takes }];
});

describe('docs/assistants.md', () => {
  it('lists every tool, and no other', () => {
    expect(rows.flatMap(([tool]) => tool?.codeSpans ?? []).sort()).toEqual(
      tools.map(({ name }) => name).sort(),
    );
  });

  it.each(tools)('says what $name takes', ({ name, takes }) => {
    const row = rows.find(([tool]) => tool?.codeSpans.includes(name));
    expect(row?.[1]?.codeSpans).toEqual(expect.arrayContaining(takes));
  });
});

describe('docs/security.md', () => {
  it('says with which key tools are called, and what a leak of it allows', () => {
    const keys = readPage('docs/security.md').tables.flatMap((table) =>
      table.rows.filter((row) => row.some((cell) => cell.text.includes('`mcp_extension`'))),
    );
    expect(keys).toHaveLength(3);
  });
});
