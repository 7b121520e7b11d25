/**
 * Writes `dist/`, what the Functions runtime loads, here and in Azure, and `bin/`, the command `evenkeel`.
 *
 * In `dist/` there is one entry for the host, one for the audit's thread, and lazily loaded chunks, so that a
 * function pays only for the SDKs that it uses itself; in `bin/` likewise a command.
 */
import { readdir, rm } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { statusPagePlugin } from './status-page/build.ts';

const root = join(import.meta.dirname, '..');

const shared = {
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  chunkNames: 'chunks/[name]-[hash]',
  // Names stay as they are. Kept by a call for each function that comes into being, they would cost a webhook 4 %.
  minifySyntax: true,
  minifyWhitespace: true,
  // Some bundled packages are CommonJS, and ask for Node's own modules by `require`.
  banner: {
    js: "import{createRequire as __evenkeelRequire}from'node:module';const require=__evenkeelRequire(import.meta.url);",
  },
  logLevel: 'warning',
  absWorkingDir: root,
} as const satisfies BuildOptions;

/** Builds the app and tells what went into which file, by paths from the top of the repository. */
export async function buildApp(outdir: string): Promise<Metafile> {
  const page = statusPagePlugin();
  const metafile = await buildInto(outdir, {
    entryPoints: { main: 'src/main.ts', 'sweep-worker': 'src/sweep-worker.ts' },
    target: 'node22',
    sourcemap: true,
    sourcesContent: false,
    // The host provides this module to the process; it is in no registry.
    external: ['@azure/functions-core'],
    plugins: [page.plugin],
  });
  return page.opened(metafile);
}

if (import.meta.main) {
  await buildApp('dist');
  // Pipelines run it with the Node.js that they have.
  await buildInto('bin', { entryPoints: { evenkeel: 'src/cli/main.ts' }, target: 'node20' });
}

async function buildInto(outdir: string, options: BuildOptions): Promise<Metafile> {
  const { metafile } = await build({ ...shared, ...options, outdir, metafile: true });
  // Only what earlier builds left is removed, and only now: a process may be starting from it at this moment.
  for (const entry of await readdir(resolve(root, outdir), { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    const output = relative(root, file).replaceAll(sep, '/');
    if (entry.isFile() && metafile.outputs[output] === undefined) await rm(file, { force: true });
  }
  return metafile;
}
