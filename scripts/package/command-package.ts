import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildCommand } from '../build.ts';
import { type BundledPackage, bundledPackages, thirdPartyNotices } from './bundled-packages.ts';
import { jsonFile, pageForReaders, type SharedManifest } from './manifest.ts';

/**
 * Writes the command into a directory, which is the npm package `evenkeel` and a GitHub action at once. It has no
 * dependencies: everything is in the bundle.
 * @param root the top of the repository.
 * @returns what is in the bundle.
 */
export async function packageCommand(
  root: string,
  directory: string,
  manifest: SharedManifest,
): Promise<BundledPackage[]> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const bundled = await bundledPackages(await buildCommand(join(directory, 'bin')), root);
  const readme = await pageForReaders(root, 'docs/packages/command.md', manifest);
  await Promise.all([
    writeFile(join(directory, 'package.json'), jsonFile(commandManifest(manifest))),
    writeFile(join(directory, 'THIRD-PARTY-NOTICES.txt'), thirdPartyNotices(bundled)),
    writeFile(join(directory, 'README.md'), readme),
    ...['action.yml', 'LICENSE', 'templates'].map((name) =>
      cp(join(root, name), join(directory, name), { recursive: true }),
    ),
  ]);
  return bundled;
}

const commandManifest = (shared: SharedManifest) => ({
  name: 'evenkeel',
  ...shared,
  type: 'module',
  bin: { evenkeel: 'bin/evenkeel.js' },
  // It is a command, and no module is for others to import.
  exports: { './package.json': './package.json' },
  files: ['bin', 'templates', 'action.yml', 'THIRD-PARTY-NOTICES.txt'],
  engines: { node: '>=20' },
});
