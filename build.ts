/**
 * Writes `dist/`: what the Functions runtime loads, here and in Azure.
 *
 * One entry for the host, one for the audit's thread, and lazily loaded chunks, so that a function pays only for the SDKs that it uses itself.
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const { metafile } = await build({
  entryPoints: { main: 'src/main.ts', 'sweep-worker': 'src/sweep-worker.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  chunkNames: 'chunks/[name]-[hash]',
  minify: true,
  keepNames: true,
  sourcemap: true,
  sourcesContent: false,
  // The host provides this module to the process; it is in no registry.
  external: ['@azure/functions-core'],
  // Some bundled packages are CommonJS, and ask for Node's own modules by `require`.
  banner: {
    js: "import{createRequire as __evenkeelRequire}from'node:module';const require=__evenkeelRequire(import.meta.url);",
  },
  logLevel: 'warning',
  metafile: true,
});

// Only what earlier builds left is removed, and only now: a host may be starting from `dist/` at this moment.
for (const entry of await readdir('dist', { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath, entry.name);
  if (entry.isFile() && metafile.outputs[file] === undefined) await rm(file, { force: true });
}
