/**
 * `npm run package`: what is deployed, as `build/evenkeel.zip`, and unpacked in `build/app` for tools that pack it; and
 * the command for pipelines, as `build/evenkeel-VERSION.tgz`, and unpacked in `build/command`.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildApp } from '../build.ts';
import { packageCommand } from './command.ts';
import { packageFiles } from './package-files.ts';
import { zipped } from './zip.ts';

const root = join(import.meta.dirname, '../..');
const out = join(root, 'build');

const metafile = await buildApp('dist');
const files = await packageFiles({ root, dist: join(root, 'dist'), metafile });
const zip = zipped(files);

await rm(join(out, 'app'), { recursive: true, force: true });
for (const [path, content] of files) {
  const file = join(out, 'app', path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}
await writeFile(join(out, 'evenkeel.zip'), zip);
const digest = createHash('sha256').update(zip).digest('hex');
console.log(
  `build/evenkeel.zip: ${files.size} files, ${(zip.length / 1024 / 1024).toFixed(2)} MiB, sha256:${digest}`,
);

await packageCommand(root, join(out, 'command'));
const packed = execFileSync('npm', ['pack', './command', '--silent'], { cwd: out, encoding: 'utf8' }).trim();
console.log(`build/${packed}: the command for pipelines, unpacked in build/command`);
