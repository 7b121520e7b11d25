import * as v from 'valibot';
import { parseJson } from '../lib/json.ts';
import { isKeyVaultReference } from '../settings/key-vault-reference.ts';
import { type Environment, SettingError } from '../settings/setting.ts';
import { ArgumentError } from './argument-error.ts';
import type { CliContext } from './context.ts';

const valueSchema = v.union([v.string(), v.number(), v.boolean()]);

/** https://learn.microsoft.com/azure/azure-functions/functions-develop-local#local-settings-file */
const localSettingsSchema = v.object({
  IsEncrypted: v.optional(v.boolean(), false),
  Values: v.optional(v.record(v.string(), valueSchema), {}),
});

/** What `az functionapp config appsettings list` prints. */
const appSettingsSchema = v.array(v.object({ name: v.string(), value: v.nullish(valueSchema) }));

const defaultFile = 'local.settings.json';

/**
 * The app settings that a command uses. A named file takes precedence over the environment. Without one, the
 * environment takes precedence over `local.settings.json`, as in the Functions host.
 * @throws {ArgumentError} when a file has no name.
 * @throws {SettingError} when a file holds no settings; only `local.settings.json` may be missing.
 */
export async function readSettings(
  file: string | undefined,
  { env, readFile }: Pick<CliContext, 'env' | 'readFile'>,
): Promise<Environment> {
  if (file !== undefined) {
    if (file.trim() === '') throw new ArgumentError(`--settings: expected a file, found "${file}"`);
    return withoutReference({ ...env, ...parseSettings(file, await readText(file, readFile)) });
  }
  const text = await readFile(defaultFile).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw unreadable(defaultFile, error);
  });
  return withoutReference(text === undefined ? env : { ...parseSettings(defaultFile, text), ...env });
}

/**
 * The template deploys the secret as a Key Vault reference, which only the host of the app can resolve. No command
 * needs the secret.
 */
function withoutReference({ REGISTRY_WEBHOOK_SECRET: secret, ...others }: Environment): Environment {
  return secret === undefined || isKeyVaultReference(secret)
    ? others
    : { ...others, REGISTRY_WEBHOOK_SECRET: secret };
}

async function readText(file: string, readFile: CliContext['readFile']): Promise<string> {
  try {
    return await readFile(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

function parseSettings(file: string, text: string): Record<string, string> {
  // Windows PowerShell starts redirected output with a byte order mark.
  const json = parseJson(text.replace(/^\uFEFF/, ''));
  const list = v.safeParse(appSettingsSchema, json);
  if (list.success) {
    return Object.fromEntries(
      list.output.flatMap(({ name, value }) => (value == null ? [] : [[name, String(value)]])),
    );
  }
  const local = v.safeParse(localSettingsSchema, json);
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
