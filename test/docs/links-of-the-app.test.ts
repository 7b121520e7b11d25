import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pagePaths, readPage, root } from './page.ts';

const pages = new Set(pagePaths());
/** `docs/cli.md`, and `operations.md#problem-codes` of the status page, whose links begin in `docs/`. */
const address = /['"` ](?:docs\/)?([a-z][a-z-]*\.md)(?:#([\w-]+))?/g;

const named = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file))
  .flatMap((file) => {
    const source = readFileSync(new URL(`src/${file}`, root), 'utf8');
    return [...source.matchAll(address)].map(([, page, anchor]) => ({ file, page: `docs/${page}`, anchor }));
  });

describe('the app', () => {
  it('names only pages of the documentation that are there, and headings that they have', () => {
    expect(named.length).toBeGreaterThan(3);
    const broken = named.filter(
      ({ page, anchor }) => !pages.has(page) || !(anchor === undefined || readPage(page).anchors.has(anchor)),
    );
    expect(broken).toEqual([]);
  });
});
