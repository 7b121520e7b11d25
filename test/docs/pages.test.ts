import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Page, pagePaths, parsePage, readPage, root } from './page.ts';

const pages = new Map(pagePaths().map((path) => [path, readPage(path)]));

describe.each([...pages])('%s', (path, page) => {
  it('has as many cells in every row of a table as in its header', () => {
    expect(page.tables.flatMap(({ unevenRows }) => unevenRows)).toEqual([]);
  });

  it('shows no row of a table as running text', () => {
    expect(page.strayRows).toEqual([]);
  });

  it('links to files and headings that are there', () => {
    expect(page.links.filter((link) => isBroken(path, page, link))).toEqual([]);
  });

  it('shows YAML that can be parsed', () => {
    const shown = page.codeBlocks.filter(({ language }) => language === 'yaml');
    const errors = shown.flatMap(({ text }) =>
      parseAllDocuments(text).flatMap((document) => document.errors.map(({ message }) => message)),
    );
    expect(errors).toEqual([]);
  });

  it('names files of this repository that are there', () => {
    const named = page.codeSpans.filter((text) =>
      /^(?:src|test|local|infra|docs|bench)\/[\w./-]+$/.test(text),
    );
    expect(named.filter((file) => !existsSync(new URL(file, root)))).toEqual([]);
  });
});

function isBroken(path: string, page: Page, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return false;
  const [target = '', anchor] = link.split('#');
  const url = new URL(target, new URL(path, root));
  if (target !== '' && !existsSync(url)) return true;
  if (anchor === undefined) return false;
  const linked = target === '' ? page : pages.get(url.pathname.slice(root.pathname.length));
  return linked === undefined || !linked.anchors.has(anchor);
}

describe('docs/README.md', () => {
  it('links to every page of its folder', () => {
    const linked = new Set(pages.get('docs/README.md')?.links);
    const beside = [...pages.keys()].flatMap((path) => /^docs\/([^/]+\.md)$/.exec(path)?.[1] ?? []);
    expect(beside.filter((page) => page !== 'README.md' && !linked.has(page))).toEqual([]);
  });
});

describe('a page', () => {
  it('is found in every folder', () => {
    expect([...pages.keys()]).toEqual(
      expect.arrayContaining(['README.md', 'docs/operations.md', 'docs/decisions/0001-libraries.md']),
    );
  });

  it('has tables, links and anchors', () => {
    const page = parsePage(
      [
        '## `SOME_SETTING`, and why\n\n| a | b |\n|---|---|\n| `c` | [d](other.md#e) |\n',
        '## Again\n\n## Again\n\n<img src="picture.png">\n',
      ].join('\n'),
    );
    expect(page.tables).toEqual([
      {
        header: '| a | b |',
        rows: [
          [
            { text: '`c`', codeSpans: ['c'] },
            { text: '[d](other.md#e)', codeSpans: [] },
          ],
        ],
        unevenRows: [],
      },
    ]);
    expect(page.links).toEqual(['other.md#e', 'picture.png']);
    expect([...page.anchors]).toEqual(['some_setting-and-why', 'again', 'again-1']);
  });

  it.each([
    ['too few', '| one |'],
    ['too many', '| one | two | three |'],
  ])('has a row with %s cells', (_, row) => {
    const page = parsePage(`| a | b |\n|---|---|\n| c | d |\n${row}\n`);
    expect(page.tables.flatMap(({ unevenRows }) => unevenRows)).toEqual([row]);
  });

  it.each([
    ['after a blank line', '| a | b |\n|---|---|\n| c | d |\n\n| e | f |\n', ['| e | f |']],
    ['below a paragraph', 'Text\n| e | f |\n', ['| e | f |']],
    ['in a list', '- item\n  | e | f |\n', ['| e | f |']],
    ['in an example', '```\n| e | f |\n```\n', []],
  ])('has a stray row %s', (_, markdown, stray) => {
    expect(parsePage(markdown).strayRows.map((line) => line.trim())).toEqual(stray);
  });
});
