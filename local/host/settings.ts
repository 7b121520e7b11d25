import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import * as v from 'valibot';

export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

const localSettings = v.object({
  IsEncrypted: v.optional(v.boolean(), false),
  Values: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])), {}),
});

/**
 * Adds the `Values` of `local.settings.json` to the environment; what the environment has already stays.
 *
 * Throws `SettingsError` on a file that cannot be read as settings. No file is no error.
 */
export async function applyLocalSettings(directory: string, env: NodeJS.ProcessEnv): Promise<void> {
  const path = join(directory, 'local.settings.json');
  let settings: v.InferOutput<typeof localSettings>;
  try {
    settings = v.parse(localSettings, JSON.parse(withoutMark(await readFile(path, 'utf8'))));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SettingsError(
      `${path} must be a JSON file with an object "Values" of plain values: ${reason}`,
      { cause },
    );
  }
  if (settings.IsEncrypted) throw new SettingsError(`${path} is encrypted; run: func settings decrypt`);
  for (const [name, value] of Object.entries(settings.Values)) env[name] ??= String(value);
}

/** Editors on Windows begin a file with a byte order mark. */
const withoutMark = (text: string): string => text.replace(/^\uFEFF/, '');

/** Replaces each `%NAME%` by the setting of that name. Throws `SettingsError` when one is missing or empty. */
export function resolveReferences(text: string, env: NodeJS.ProcessEnv): string {
  return text.replaceAll(/%([^%]+)%/g, (reference, name: string) => {
    const value = env[name];
    if (value === undefined || value === '')
      throw new SettingsError(`${reference} names a setting that is not there`);
    return value;
  });
}

/** The default port of Azurite's queues. */
const queuePort = 10_001;
const connectTimeoutMs = 300;

/** Whether a setting names the host's storage. An empty one says that there is to be none. */
export const namesStorage = (env: NodeJS.ProcessEnv): boolean =>
  Object.entries(env).some(
    ([name, value]) =>
      name === 'AzureWebJobsStorage' || (name.startsWith('AzureWebJobsStorage__') && value !== ''),
  );

/**
 * The host's storage where no setting names one: the emulator, if it runs on its default ports.
 *
 * An emulator that does not run is no default: the app would report that its storage is unavailable.
 */
export async function defaultStorage(): Promise<string | undefined> {
  return (await isListening(queuePort)) ? 'UseDevelopmentStorage=true' : undefined;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: connectTimeoutMs });
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
    socket.once('timeout', () => finish(false));
  });
}
