import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { appEngines } from './app-files.ts';
import { jsonFile, pageForReaders, type SharedManifest } from './manifest.ts';

/**
 * Writes the npm package `evenkeel-app` into a directory. It holds the zip as it is deployed and nothing to import, so
 * that its digest is the one of the release, and so that nobody has to pack it again.
 * @param root the top of the repository.
 */
export async function packageApp(
  root: string,
  directory: string,
  zip: Uint8Array,
  manifest: SharedManifest,
): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const readme = await pageForReaders(root, 'docs/packages/app.md', manifest);
  await Promise.all([
    writeFile(join(directory, 'evenkeel.zip'), zip),
    writeFile(join(directory, 'package.json'), jsonFile(zipManifest(manifest))),
    writeFile(join(directory, 'README.md'), readme),
    cp(join(root, 'LICENSE'), join(directory, 'LICENSE')),
  ]);
}

const zipManifest = (shared: SharedManifest) => ({
  name: 'evenkeel-app',
  ...shared,
  exports: { './evenkeel.zip': './evenkeel.zip', './package.json': './package.json' },
  files: ['evenkeel.zip'],
  engines: appEngines,
});
