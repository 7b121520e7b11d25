import { readFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import type { Metafile } from 'esbuild';
import { type BundledPackage, thirdPartyNotices } from './bundled-packages.ts';
import { jsonFile, type SharedManifest } from './manifest.ts';
import type { Files } from './zip.ts';

interface App {
  /** The top of the repository. */
  readonly root: string;
  /** What the build wrote. */
  readonly dist: string;
  readonly metafile: Metafile;
  readonly bundled: readonly BundledPackage[];
  readonly manifest: SharedManifest;
}

/** What is deployed: the bundle, what the host reads beside it, and the notices. No install is needed. */
export async function appFiles({ root, dist, metafile, bundled, manifest }: App): Promise<Files> {
  const files = new Map<string, Uint8Array>();
  for (const output of Object.keys(metafile.outputs)) {
    // Source maps are as large as the bundle; whoever needs one builds the same commit.
    if (output.endsWith('.map')) continue;
    const file = resolve(root, output);
    files.set(`dist/${relative(dist, file).replaceAll(sep, '/')}`, await readFile(file));
  }
  for (const name of ['host.json', 'LICENSE']) files.set(name, await readFile(join(root, name)));
  files.set('package.json', jsonFile(appManifest(manifest)));
  files.set('THIRD-PARTY-NOTICES.txt', Buffer.from(thirdPartyNotices(bundled)));
  return files;
}

/** The versions of Node.js are those that Azure Functions has. */
export const appEngines = { node: '>=22' };

/** Names no repository: the same sources give the same bytes, whoever packs them. */
const appManifest = ({ version, license }: SharedManifest) => ({
  ...{ name: 'evenkeel-app', version, license },
  type: 'module',
  main: 'dist/main.js',
  engines: appEngines,
});
