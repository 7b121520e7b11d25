import { copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { buildCommand } from '../build.ts';
import { bundledPackages, thirdPartyNotices } from './bundled-packages.ts';

const manifestSchema = v.object({
  name: v.string(),
  version: v.string(),
  description: v.string(),
  license: v.string(),
  type: v.literal('module'),
  bin: v.object({ evenkeel: v.literal('bin/evenkeel.js') }),
  engines: v.object({ node: v.string() }),
});

/**
 * Writes the command as pipelines use it into a directory, which is a GitHub action and an npm package without
 * dependencies at once.
 * @param root the top of the repository.
 */
export async function packageCommand(root: string, directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(join(directory, 'bin'), { recursive: true });
  const metafile = await buildCommand(join(directory, 'bin'));
  const manifest = v.parse(manifestSchema, JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  await writeFile(join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const notices = thirdPartyNotices(await bundledPackages(metafile, root));
  await writeFile(join(directory, 'THIRD-PARTY-NOTICES.txt'), notices);
  for (const file of ['action.yml', 'LICENSE']) await copyFile(join(root, file), join(directory, file));
  await cp(join(root, 'templates'), join(directory, 'templates'), { recursive: true });
  await copyFile(join(root, 'docs/pipelines.md'), join(directory, 'README.md'));
}
