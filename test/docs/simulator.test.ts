import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/simulator.md', root), 'utf8');
const source = readdirSync(new URL('local/azure/', root), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(new URL(`local/azure/${file}`, root), 'utf8'))
  .join('\n');
const known = [...source.matchAll(/\bname: '([A-Z]\w+_[A-Z]\w+)'/g)].map(([, name]) => name);
const named = [...page.matchAll(/`([A-Z][a-z]\w+_[A-Z]\w+)`/g)].map(([, name]) => name);

describe('docs/simulator.md', () => {
  it('names every operation that the simulator knows, and no other', () => {
    expect([...new Set(named)].sort()).toEqual([...new Set(known)].sort());
  });
});
