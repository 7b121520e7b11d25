import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { freshKeys, type HostKeys, hostKeys } from './keys.ts';
import { SettingsError } from './settings.ts';

interface StoredKeys {
  readonly keys: HostKeys;
  /** Where an operator can read them: a setting or a file. */
  readonly source: string;
}

interface KeyStoreOptions {
  /** The folder of the app. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** Makes a key that nobody can guess. */
  readonly newKey: () => string;
}

/**
 * The keys from the setting `HOST_KEYS`, else from `.secrets/host-keys.json`, which is made at first use and
 * readable by its owner only.
 *
 * Throws `SettingsError` on keys that cannot be read; its message holds none of them.
 */
export async function readKeys({ directory, env, newKey }: KeyStoreOptions): Promise<StoredKeys> {
  const setting = env['HOST_KEYS'];
  if (setting) return { keys: parseKeys(setting, 'the setting HOST_KEYS'), source: 'the setting HOST_KEYS' };
  const path = join(directory, '.secrets', 'host-keys.json');
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const fresh = freshKeys(newKey);
  try {
    // Two hosts that start together agree on the file of the first.
    await writeFile(path, `${JSON.stringify(fresh, undefined, 2)}\n`, { flag: 'wx', mode: 0o600 });
    return { keys: fresh, source: path };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    return { keys: parseKeys(await readFile(path, 'utf8'), path), source: path };
  }
}

function parseKeys(text: string, source: string): HostKeys {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's own words would quote the text.
    throw new SettingsError(`${source} is no JSON`);
  }
  const keys = v.safeParse(hostKeys, parsed);
  if (keys.success) return keys.output;
  const [issue] = keys.issues;
  throw new SettingsError(
    `${source} holds no host keys: expected ${issue.expected} at ${v.getDotPath(issue) ?? 'its top'}`,
  );
}
