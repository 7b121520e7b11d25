import * as v from 'valibot';
import { parseJson } from '../lib/json.ts';
import { isKeyVaultReference } from '../settings/key-vault-reference.ts';
import { type Environment, SettingError } from '../settings/setting.ts';
import type { Surroundings } from './surroundings.ts';

const plain = v.union([v.string(), v.number(), v.boolean()]);

/** https://learn.microsoft.com/azure/azure-functions/functions-develop-local#local-settings-file */
const localSettings = v.object({
  IsEncrypted: v.optional(v.boolean(), false),
  Values: v.optional(v.record(v.string(), plain), {}),
});

/** What `az functionapp config appsettings list` prints. */
const appSettings = v.array(v.object({ name: v.string(), value: v.nullish(plain) }));

const usualFile = 'local.settings.json';

/**
 * The settings that a command goes by: those of a named file before those of the environment, or those of the
 * environment before those of the usual file, as the Functions host takes them.
 * @throws {SettingError} when a file cannot be read as settings; only the usual one may be missing.
 */
export async function readSettings(
  file: string | undefined,
  { env, readFile }: Pick<Surroundings, 'env' | 'readFile'>,
): Promise<Environment> {
  if (file !== undefined) {
    return withoutReference({ ...env, ...settingsIn(file, await textIn(file, readFile)) });
  }
  const text = await readFile(usualFile).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw unreadable(usualFile, error);
  });
  return withoutReference(text === undefined ? env : { ...settingsIn(usualFile, text), ...env });
}

/**
 * The template deploys the secret as a Key Vault reference, which the host of the app resolves and nobody here can.
 * No command has to know it.
 */
function withoutReference({ REGISTRY_WEBHOOK_SECRET: secret, ...others }: Environment): Environment {
  return secret === undefined || isKeyVaultReference(secret)
    ? others
    : { ...others, REGISTRY_WEBHOOK_SECRET: secret };
}

async function textIn(file: string, readFile: Surroundings['readFile']): Promise<string> {
  try {
    return await readFile(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

function settingsIn(file: string, text: string): Record<string, string> {
  // Windows PowerShell writes a byte order mark before what it redirects.
  const json = parseJson(text.replace(/^\uFEFF/, ''));
  const list = v.safeParse(appSettings, json);
  if (list.success) {
    return Object.fromEntries(
      list.output.flatMap(({ name, value }) => (value == null ? [] : [[name, String(value)]])),
    );
  }
  const local = v.safeParse(localSettings, json);
  if (!local.success) {
    throw new SettingError(
      `${file}: expected a JSON file of settings, such as local.settings.json or what "az functionapp config appsettings list" prints`,
    );
  }
  if (local.output.IsEncrypted) throw new SettingError(`${file} is encrypted; run: func settings decrypt`);
  return Object.fromEntries(
    Object.entries(local.output.Values).map(([name, value]) => [name, String(value)]),
  );
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

function unreadable(file: string, cause: unknown): SettingError {
  const reason = isMissing(cause) ? 'there is no such file' : 'it cannot be opened';
  return new SettingError(`${file} cannot be read: ${reason}`, { cause });
}
