import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import roles from '../../infra/roles.json' with { type: 'json' };
import { readPage, root } from './page.ts';

const { tables } = readPage('docs/security.md');
const rowsOf = (header: string) => tables.find((table) => table.header.startsWith(header))?.rows ?? [];

const httpFunctions = readdirSync(new URL('src/functions/', root)).flatMap((file) => {
  const source = readFileSync(new URL(`src/functions/${file}`, root), 'utf8');
  return source.includes('app.http(') ? [{ file, source }] : [];
});

describe('docs/security.md', () => {
  it.each(httpFunctions)('says who may call $file', ({ source }) => {
    const route = /route: '([\w-]+)'/.exec(source)?.[1] ?? 'a route that is written otherwise';
    const authLevel = /authLevel: '(\w+)'/.exec(source)?.[1];
    const row = rowsOf('| endpoint |').find(([endpoint]) => endpoint?.text.includes(`/api/${route}\``));
    expect(authLevel).toBe('function');
    expect(row?.[2]?.text).toContain('a function key');
  });

  it('lists the custom roles of the app', () => {
    const named = rowsOf('| role |').map(([role]) => role?.text);
    expect(named).toEqual(Object.values(roles).map(({ name }) => name));
  });
});
