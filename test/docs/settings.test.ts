import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { namesThatConfigReads } from '../support/names-that-config-reads.ts';

const page = readFileSync(new URL('../../docs/settings.md', import.meta.url), 'utf8');
const settings = /^[A-Z][A-Za-z]*(?:_+[A-Za-z0-9]+)*$/;
const named = new Set(
  [...page.matchAll(/`([^`]+)`/g)].flatMap(([, name = '']) =>
    settings.test(name) && /_|WebJobs|^(STATE|DEFERRAL|REGISTRIES)$/.test(name) ? name : [],
  ),
);

describe('docs/settings.md', () => {
  it('names every setting that the app reads', () => {
    expect(namesThatConfigReads().filter((name) => !named.has(name))).toEqual([]);
  });

  it('names no setting that the app does not read', () => {
    const read = new Set(namesThatConfigReads());
    expect([...named].filter((name) => !read.has(name))).toEqual([]);
  });
});
