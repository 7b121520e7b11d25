import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import type { BuiltPage } from '../../src/http/page-response.ts';

const root = join(import.meta.dirname, '../..');
const source = 'src/page';

/** The oldest browsers in which the page works: those of about the last three years. `docs/status-page.md` names them. */
export const oldestBrowsers = { chrome: '111', edge: '111', firefox: '115', safari: '16.4' } as const;

const shared = {
  bundle: true,
  minify: true,
  write: false,
  absWorkingDir: root,
  target: Object.entries(oldestBrowsers).map(([name, version]) => `${name}${version}`),
  logLevel: 'warning',
} as const satisfies BuildOptions;

type Inputs = Metafile['outputs'][string]['inputs'];

/** Where people read `docs/`: in the repository that `package.json` names. */
async function docsUrl(): Promise<string> {
  const { repository } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return `${String(repository.url).replace(/^git\+|\.git$/g, '')}/blob/HEAD/docs/`;
}

/** Puts the page's script and style into its document, and returns the page with what went into the script. */
export async function buildStatusPage(): Promise<{ page: BuiltPage; inputs: Inputs }> {
  const [script, style, document] = await Promise.all([
    build({
      ...shared,
      entryPoints: [join(source, 'main.tsx')],
      format: 'iife',
      jsx: 'automatic',
      jsxImportSource: 'preact',
      define: { DOCS_URL: JSON.stringify(await docsUrl()) },
      metafile: true,
    }),
    build({ ...shared, entryPoints: [join(source, 'style/main.css')] }),
    readFile(join(root, source, 'index.html'), 'utf8'),
  ]);
  return {
    page: composed(document, textOf(script.outputFiles), textOf(style.outputFiles)),
    inputs: Object.assign({}, ...Object.values(script.metafile.outputs).map((output) => output.inputs)),
  };
}

function composed(document: string, script: string, style: string): BuiltPage {
  return {
    html: document
      .replace('<style></style>', () => `<style>${style}</style>`)
      .replace('<script></script>', () => `<script>${script}</script>`),
    contentSecurityPolicy: [
      "default-src 'none'",
      `script-src '${hashOf(script)}'`,
      `style-src '${hashOf(style)}'`,
      // The icon is part of the document.
      'img-src data:',
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join('; '),
  };
}

const textOf = ([file]: readonly { readonly text: string }[]): string => (file?.text ?? '').trim();

/** https://www.w3.org/TR/CSP3/#framework-directive-source-list */
const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

interface StatusPagePlugin {
  readonly plugin: Plugin;
  /** Adds to a metafile what went into the page: all of that is in the bundle too. */
  opened(metafile: Metafile): Metafile;
}

/** Makes the built page a module that the app can import, so that it is deployed with the rest of the bundle. */
export function statusPagePlugin(): StatusPagePlugin {
  const name = 'status-page';
  const path = 'evenkeel:status-page';
  let inputs: Inputs = {};
  return {
    plugin: {
      name,
      setup({ onResolve, onLoad }) {
        onResolve({ filter: new RegExp(`^${path}$`) }, () => ({ path, namespace: name }));
        onLoad({ filter: /^/, namespace: name }, async () => {
          const built = await buildStatusPage();
          inputs = built.inputs;
          return { contents: JSON.stringify(built.page), loader: 'json' };
        });
      },
    },
    opened(metafile) {
      const outputs = Object.entries(metafile.outputs).map(([file, output]) =>
        `${name}:${path}` in output.inputs
          ? [file, { ...output, inputs: { ...output.inputs, ...inputs } }]
          : [file, output],
      );
      return { ...metafile, outputs: Object.fromEntries(outputs) };
    },
  };
}
