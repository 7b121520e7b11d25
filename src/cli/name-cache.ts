import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Environment, textOf } from '../settings/setting.ts';
import type { CliContext } from './context.ts';

/**
 * A file in the user's cache, which only the user can read.
 * https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function nameCache(env: Environment): CliContext['cache'] {
  const folder = textOf(env, 'XDG_CACHE_HOME') ?? textOf(env, 'LOCALAPPDATA') ?? join(homedir(), '.cache');
  const file = join(folder, 'evenkeel', 'names.json');
  return {
    read: () => readFile(file, 'utf8'),
    async write(text) {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await writeFile(file, text, { mode: 0o600 });
    },
  };
}
