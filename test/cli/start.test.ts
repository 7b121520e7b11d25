import { build, type Metafile } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { appCommands } from '../../src/cli/app-commands.ts';

const root = new URL('../../', import.meta.url).pathname;
const entry = 'src/cli/main.ts';

/** Modules whose code runs as soon as a module is imported, itself included; lazy imports are not followed. */
function loadedWith(module: string, { inputs }: Metafile): string[] {
  const loaded = new Set<string>();
  const load = (path: string) => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { path: imported, kind } of inputs[path]?.imports ?? []) {
      if (kind !== 'dynamic-import') load(imported);
    }
  };
  load(module);
  return [...loaded];
}

describe('the start of evenkeel', () => {
  let metafile: Metafile;
  beforeAll(async () => {
    const result = await build({
      entryPoints: [entry],
      absWorkingDir: root,
      outdir: 'bin',
      write: false,
      metafile: true,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      logLevel: 'error',
    });
    metafile = result.metafile;
  });

  it('loads nothing but the help that is ready', () => {
    const loaded = loadedWith(entry, metafile);
    expect(loaded).toContain('src/cli/ready-help.ts');
    expect(loaded.filter((path) => /node_modules|commands\/|program/.test(path))).toEqual([]);
  });

  it('of a command loads the declarations of all, and neither what they run nor schemas nor SDKs', () => {
    const loaded = loadedWith('src/cli/run-command-line.ts', metafile);
    expect(loaded).toContain('src/cli/commands/doctor/command.ts');
    expect(loaded.filter((path) => /\/run\.ts$|valibot|@azure|src\/(azure|dns|config)/.test(path))).toEqual(
      [],
    );
  });

  it('of a plain status loads no parser of command lines, and no other command', () => {
    const loaded = loadedWith('src/cli/run-plain-status.ts', metafile);
    expect(loaded).toContain('src/cli/commands/status/run.ts');
    expect(
      loaded.filter((path) => /commander|@azure|commands\/(?!status)|src\/(azure|dns|config)/.test(path)),
    ).toEqual([]);
  });

  it.each(appCommands)('of %s loads no other command and no SDK', (name) => {
    const run = `src/cli/commands/${name}/run.ts`;
    const loaded = loadedWith(run, metafile);
    expect(loaded).toContain('src/cli/app-client.ts');
    expect(loaded.filter((path) => /@azure|src\/(azure|dns|config)/.test(path))).toEqual([]);
    const commands = loaded.filter((path) => path.startsWith('src/cli/commands/'));
    expect(commands.filter((path) => !path.startsWith(`src/cli/commands/${name}/`))).toEqual([]);
  });
});
