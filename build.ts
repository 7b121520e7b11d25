/**
 * Writes `dist/`, what the Functions runtime loads, here and in Azure, and `bin/`, the command `evenkeel`.
 *
 * In `dist/` there is one entry for the host, one for the audit's thread, and lazily loaded chunks, so that a
 * function pays only for the SDKs that it uses itself; in `bin/` likewise a command.
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

const shared = {
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  chunkNames: 'chunks/[name]-[hash]',
  minify: true,
  keepNames: true,
  // Some bundled packages are CommonJS, and ask for Node's own modules by `require`.
  banner: {
    js: "import{createRequire as __evenkeelRequire}from'node:module';const require=__evenkeelRequire(import.meta.url);",
  },
  logLevel: 'warning',
} as const satisfies BuildOptions;

await buildInto('dist', {
  entryPoints: { main: 'src/main.ts', 'sweep-worker': 'src/sweep-worker.ts' },
  target: 'node22',
  sourcemap: true,
  sourcesContent: false,
  // The host provides this module to the process; it is in no registry.
  external: ['@azure/functions-core'],
});
// Pipelines run it with the Node.js that they have.
await buildInto('bin', { entryPoints: { evenkeel: 'src/cli/main.ts' }, target: 'node20' });

async function buildInto(outdir: string, options: BuildOptions): Promise<void> {
  const { metafile } = await build({ ...shared, ...options, outdir, metafile: true });
  // Only what earlier builds left is removed, and only now: a process may be starting from it at this moment.
  for (const entry of await readdir(outdir, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile() && metafile.outputs[file] === undefined) await rm(file, { force: true });
  }
}
