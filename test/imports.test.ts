import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');

/**
 * The layers of `src/`, lowest first: a module imports from its own folder and from lower layers. `docs/architecture.md`
 * shows them.
 */
const layers: readonly (readonly string[])[] = [
  ['lib', 'settings', 'telemetry', 'signals'],
  ['registries'],
  ['dns', 'replication', 'routing'],
  ['status', 'events', 'config.ts'],
  ['http'],
  ['mcp'],
  ['functions'],
  ['azure'],
  ['composition'],
  ['compose.ts', 'sweep-worker.ts', 'cli', 'page'],
  ['main.ts'],
];
const jobs = ['dns', 'replication', 'routing'];
/** Folders of one layer that nobody else of that layer may import from. */
const separate = new Set([...jobs, 'cli', 'page', 'compose.ts', 'sweep-worker.ts']);

interface Import {
  readonly from: string;
  readonly to: string;
}

/** Every import of a module by its path, of types and at run time too; paths are relative to `src/`. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, 'src', file), 'utf8');
  const paths = [...text.matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']+\.tsx?)'/g)].flatMap(
    ([, path]) => path ?? [],
  );
  return paths.map((path) => ({ from: file, to: posix.normalize(posix.join(dirname(file), path)) }));
}

const files = globSync('**/*.{ts,tsx}', { cwd: join(root, 'src') }).map((file) => file.replaceAll('\\', '/'));
const imports = files.flatMap(importsOf);
const arrow = ({ from, to }: Import) => `${from} -> ${to}`;

const folderOf = (file: string): string => file.split('/')[0] ?? file;
const layerOf = (file: string): number => layers.findIndex((layer) => layer.includes(folderOf(file)));

/** The modules that are left when what imports none of the rest, or is imported by none of it, is taken away. */
function inCircles(left: readonly string[]): readonly string[] {
  const among = imports.filter(({ from, to }) => left.includes(from) && left.includes(to));
  const importing = new Set(among.map(({ from }) => from));
  const imported = new Set(among.map(({ to }) => to));
  const next = left.filter((file) => importing.has(file) && imported.has(file));
  return next.length === left.length ? next : inCircles(next);
}

describe('the modules of src', () => {
  it('are read with their imports', () => {
    expect(imports.length).toBeGreaterThan(2 * files.length);
    expect(imports.filter(({ to }) => !to.startsWith('../') && !files.includes(to)).map(arrow)).toEqual([]);
  });

  it('each belong to a layer', () => {
    expect(files.filter((file) => layerOf(file) < 0)).toEqual([]);
  });

  it('import from lower layers only', () => {
    const upwards = imports.filter(({ from, to }) => !to.startsWith('../') && layerOf(to) > layerOf(from));
    expect(upwards.map(arrow)).toEqual([]);
  });

  it('import nothing from another job, from the command line or from the page', () => {
    const foreign = imports.filter(
      ({ from, to }) =>
        folderOf(from) !== folderOf(to) && layerOf(from) === layerOf(to) && separate.has(folderOf(to)),
    );
    expect(foreign.map(arrow)).toEqual([]);
  });

  it('import each other in no circle, types included', () => {
    expect(inCircles(files)).toEqual([]);
  });

  it('use the SDKs of Azure in azure and telemetry only', () => {
    const allowed = /^(azure|telemetry)\//;
    const sdk = /\b(?:from|import)\s*\(?\s*'@azure\/(?!functions')/;
    const using = files.filter((file) => sdk.test(readFileSync(join(root, 'src', file), 'utf8')));
    expect(using.filter((file) => !allowed.test(file))).toEqual([]);
  });
});
