import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPage, root } from './page.ts';

const source = readFileSync(new URL('src/telemetry/metrics.ts', root), 'utf8');
const made = [
  ...source.matchAll(/\b(?:count|measure)\('([\w.]+)', '([^']+)'(?:, \w+)?(?:, \{ ([\w, ]+) \})?\)/g),
].map(([, name, unit, attributes]) => [`evenkeel.${name}`, unit, attributes?.split(', ') ?? []]);

describe('docs/telemetry.md', () => {
  it('lists every metric with its unit and its attributes', () => {
    const rows = readPage('docs/telemetry.md').tables.flatMap((table) => table.rows);
    const shown = rows.map(([name, unit, attributes]) => [
      name?.codeSpans[0],
      unit?.codeSpans[0],
      attributes?.codeSpans,
    ]);
    expect(made.length).toBeGreaterThan(10);
    expect(shown).toEqual(made);
  });
});
