import { readdirSync, readFileSync } from 'node:fs';
import { Marked, type Tokens } from 'marked';

export const root = new URL('../../', import.meta.url);

/** A Markdown page as a browser shows it. */
export interface Page {
  readonly tables: readonly Table[];
  /** Lines that begin like the row of a table and are shown as running text. */
  readonly strayRows: readonly string[];
  /** Targets of links and images, as they are written. */
  readonly links: readonly string[];
  /** What a link to this page may name after the `#`. */
  readonly anchors: ReadonlySet<string>;
  readonly codeSpans: readonly string[];
  readonly codeBlocks: readonly { readonly language: string; readonly text: string }[];
}

export interface Table {
  /** The header as it is written. */
  readonly header: string;
  readonly rows: readonly (readonly Cell[])[];
  /** Rows, as they are written, that have more or fewer cells than the header. */
  readonly unevenRows: readonly string[];
}

interface Cell {
  /** The Markdown of the cell. */
  readonly text: string;
  readonly codeSpans: readonly string[];
}

/** Every page of the repository that people read, by its path. */
export function pagePaths(): string[] {
  const inFolder = (folder: string): string[] =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md'))
      .map((file) => `${folder}${file}`);
  const atTheTop = readdirSync(root, { encoding: 'utf8' }).filter((file) => file.endsWith('.md'));
  return [...atTheTop, ...inFolder('docs/'), ...inFolder('.github/')].sort();
}

export const readPage = (path: string): Page => parsePage(readFileSync(new URL(path, root), 'utf8'));

export function parsePage(markdown: string): Page {
  const tables: Table[] = [];
  const blocks: string[] = [];
  const links: string[] = [];
  const headings: string[] = [];
  const codeSpans: string[] = [];
  const codeBlocks: { language: string; text: string }[] = [];
  const marked = new Marked({
    // Each of these only looks: `false` leaves the rendering to the library.
    renderer: {
      table(token) {
        tables.push(tableOf(token));
        return false;
      },
      paragraph({ raw }) {
        blocks.push(raw);
        return false;
      },
      text(token) {
        // With tokens it is the text of a list item; without, a part of some block.
        if ('tokens' in token && token.tokens !== undefined) blocks.push(token.raw);
        return false;
      },
      heading({ tokens }) {
        headings.push(this.parser.parseInline(tokens, this.parser.textRenderer));
        return false;
      },
      link({ href }) {
        links.push(href);
        return false;
      },
      image({ href }) {
        links.push(href);
        return false;
      },
      html({ raw }) {
        for (const [, target = ''] of raw.matchAll(/\b(?:src|srcset|href)="([^"]*)"/g)) links.push(target);
        return false;
      },
      code({ lang, text }) {
        codeBlocks.push({ language: lang ?? '', text });
        return false;
      },
      codespan({ text }) {
        codeSpans.push(text);
        return false;
      },
    },
  });
  marked.parse(withoutFrontMatter(markdown), { async: false });
  return {
    tables,
    strayRows: blocks.flatMap((block) => block.split('\n').filter((line) => /^\s*\|/.test(line))),
    links,
    anchors: anchorsOf(headings),
    codeSpans,
    codeBlocks,
  };
}

/** GitHub's issue templates begin with settings of their own, which nobody sees. */
const withoutFrontMatter = (markdown: string): string => markdown.replace(/^---\n.*?\n---\n/s, '');

function tableOf({ raw, rows }: Tokens.Table): Table {
  const [header = '', delimiters = '', ...body] = raw.trimEnd().split('\n');
  return {
    header,
    rows: rows.map((row) =>
      row.map(({ text }) => ({
        text,
        codeSpans: [...text.matchAll(/`([^`]+)`/g)].flatMap(([, span]) => span ?? []),
      })),
    ),
    unevenRows: body.filter((row) => !couldBeHeader(row, delimiters)),
  };
}

/**
 * Browsers fill short rows up and cut long ones off, and so does the parser. A header is different: it makes a
 * table only when it has as many cells as the line below it.
 */
const couldBeHeader = (row: string, delimiters: string): boolean =>
  new Marked().lexer(`${row}\n${delimiters}`)[0]?.type === 'table';

/** https://docs.github.com/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#section-links */
function anchorsOf(headings: readonly string[]): Set<string> {
  const anchors = new Set<string>();
  for (const heading of headings) {
    const slug = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let repeat = 1; anchors.has(anchor); repeat += 1) anchor = `${slug}-${repeat}`;
    anchors.add(anchor);
  }
  return anchors;
}
