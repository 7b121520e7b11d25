import { execFileSync } from 'node:child_process';
import { createHash, hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundledHost } from './support/bundled-host.ts';

const root = join(import.meta.dirname, '..');
const cache = join(dirname(bundledHost), '..');
/** Says of which sources what is built was built. */
const stamp = join(cache, 'evenkeel-built.txt');
const sources = ['src', 'scripts', 'local', 'package.json', 'package-lock.json', 'tsconfig.json'].map(inRoot);
const built = [...['dist', 'bin'].map(inRoot), dirname(bundledHost)];

/**
 * Tests run what is deployed, so `dist/`, `bin/` and the local host are built from the sources under test, unless
 * neither they nor the sources have changed since the last time.
 */
export default async function setup(): Promise<void> {
  process.env['NODE_COMPILE_CACHE'] = join(cache, 'node-compile');
  const before = digestOf(sources);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === `${before} ${digestOf(built)}`) return;
  const { buildHost } = await import('../scripts/build.ts');
  execFileSync(process.execPath, ['scripts/build.ts'], { stdio: 'inherit' });
  await buildHost(dirname(bundledHost));
  // The digest is of what was there before: a source that has changed meanwhile is built the next time.
  writeFileSync(stamp, `${before} ${digestOf(built)}`);
}

/** Of the names and contents of all files that are there. */
function digestOf(paths: readonly string[]): string {
  const all = createHash('sha256');
  for (const file of paths.flatMap(filesAt)) all.update(`${file} ${hash('sha256', readFileSync(file))}\n`);
  return all.digest('hex');
}

function filesAt(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries.flatMap((one) => (one.isFile() ? join(one.parentPath, one.name) : [])).toSorted();
}

function inRoot(path: string): string {
  return join(root, path);
}
