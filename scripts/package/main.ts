/**
 * `npm run package`: everything that is released, in `build/`.
 *
 * - `evenkeel.zip` is what is deployed, and `app/` the same, unpacked, for tools that pack it.
 * - `evenkeel-VERSION.tgz` is the npm package of the command, and `command/` the same, unpacked: a GitHub action.
 * - `evenkeel-app-VERSION.tgz` is the npm package that holds the zip.
 * - `*.cdx.json` say what each bundle is made of, and `SHA256SUMS` is for `sha256sum --check`.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildApp } from '../build.ts';
import { appFiles } from './app-files.ts';
import { packageApp } from './app-package.ts';
import { billOfMaterials } from './bill-of-materials.ts';
import { type BundledPackage, bundledPackages } from './bundled-packages.ts';
import { packageCommand } from './command-package.ts';
import { jsonFile, readSharedManifest } from './manifest.ts';
import { zipped } from './zip.ts';

const root = join(import.meta.dirname, '../..');
const out = join(root, 'build');
await rm(out, { recursive: true, force: true });

const manifest = await readSharedManifest(root, process.env);
const metafile = await buildApp('dist');
const bundled = await bundledPackages(metafile, root);
const files = await appFiles({ root, dist: join(root, 'dist'), metafile, bundled, manifest });
for (const [path, content] of files) {
  const file = join(out, 'app', path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}
const zip = zipped(files);
await writeFile(join(out, 'evenkeel.zip'), zip);
await packageApp(root, join(out, 'app-package'), zip, manifest);
await writeBill('evenkeel-app', bundled);
await writeBill('evenkeel', await packageCommand(root, join(out, 'command'), manifest));

const pack = ['pack', './command', './app-package', '--silent', '--ignore-scripts'];
const packed = execFileSync('npm', pack, { cwd: out, encoding: 'utf8' }).trim().split('\n');
const released = ['evenkeel.zip', ...packed, 'evenkeel.cdx.json', 'evenkeel-app.cdx.json'];
const sums = await Promise.all(
  released.map(async (name) => {
    const content = await readFile(join(out, name));
    console.log(`build/${name}: ${(content.length / 1024).toFixed(0)} KiB`);
    return `${createHash('sha256').update(content).digest('hex')}  ${name}\n`;
  }),
);
await writeFile(join(out, 'SHA256SUMS'), sums.join(''));
console.log(`build/SHA256SUMS:\n${sums.join('')}`);

async function writeBill(name: string, packages: readonly BundledPackage[]): Promise<void> {
  const bill = billOfMaterials(name, manifest.version, manifest.license, packages);
  await writeFile(join(out, `${name}.cdx.json`), jsonFile(bill));
}
