import { readFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import type { Metafile } from 'esbuild';
import * as v from 'valibot';
import { bundledPackages, thirdPartyNotices } from './bundled-packages.ts';
import type { Files } from './zip.ts';

interface Build {
  /** The top of the repository. */
  readonly root: string;
  /** What the build wrote. */
  readonly dist: string;
  readonly metafile: Metafile;
}

const manifestSchema = v.object({
  name: v.string(),
  version: v.string(),
  license: v.string(),
  type: v.literal('module'),
  main: v.string(),
});

/** What is deployed: the bundle, what the host reads beside it, and the notices. No install is needed. */
export async function packageFiles({ root, dist, metafile }: Build): Promise<Files> {
  const files = new Map<string, Uint8Array>();
  for (const output of Object.keys(metafile.outputs)) {
    // Source maps are as large as the bundle; whoever needs one builds the same commit.
    if (output.endsWith('.map')) continue;
    const file = resolve(root, output);
    files.set(`dist/${relative(dist, file).replaceAll(sep, '/')}`, await readFile(file));
  }
  for (const name of ['host.json', 'LICENSE']) files.set(name, await readFile(join(root, name)));
  const manifest = v.parse(manifestSchema, JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  files.set('package.json', Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
  const notices = thirdPartyNotices(await bundledPackages(metafile, root));
  files.set('THIRD-PARTY-NOTICES.txt', Buffer.from(notices));
  return files;
}
