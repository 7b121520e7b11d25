import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Environment, textOf } from '../settings/setting.ts';
import type { CliContext } from './context.ts';

/**
 * A file in the user's cache, which only the user can read. It is small, and read at each start of a command: to load
 * `node:fs/promises` would take longer.
 * https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function nameCache(env: Environment): CliContext['cache'] {
  const findFile = async () => {
    const folder = textOf(env, 'XDG_CACHE_HOME') ?? textOf(env, 'LOCALAPPDATA');
    return join(folder ?? join((await import('node:os')).homedir(), '.cache'), 'evenkeel', 'names.json');
  };
  return {
    read: async () => readFileSync(await findFile(), 'utf8'),
    async write(text) {
      const file = await findFile();
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, text, { mode: 0o600 });
    },
  };
}
