import { glob, readFile } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as v from 'valibot';
import type { FunctionApp } from './function-app.ts';

/** The app cannot be served; the message says in one line what is wrong with it. */
export class AppLoadError extends Error {
  override readonly name = 'AppLoadError';
}

const packageJson = v.object({ main: v.string() });

/**
 * Imports what `package.json` names as `main`, a path or a glob, then starts the app.
 *
 * Throws `AppLoadError` when there is nothing to import, when an import or a start hook throws, or when the app
 * registers no function.
 */
export async function loadApp(directory: string, app: FunctionApp): Promise<void> {
  provideCoreModule();
  const main = await readMain(directory);
  const files: string[] = [];
  for await (const file of glob(main, { cwd: directory })) files.push(file);
  if (files.length === 0) {
    throw new AppLoadError(
      `${join(directory, main)} does not exist; package.json names it as main. Build the app first.`,
    );
  }
  for (const file of files.toSorted()) {
    try {
      await import(pathToFileURL(join(directory, file)).href);
    } catch (cause) {
      throw new AppLoadError(`${file} failed to load: ${messageOf(cause)}`, { cause });
    }
  }
  try {
    await app.runHooks('appStart', {
      hookData: app.startAndEndHookData,
      appHookData: app.appHookData,
      functionAppDirectory: directory,
    });
  } catch (cause) {
    throw new AppLoadError(`a start hook of the app failed: ${messageOf(cause)}`, { cause });
  }
  const capabilities = await app.programmingModel?.getCapabilities?.({ ...workerCapabilities });
  if (capabilities?.['HttpUri'] !== undefined) {
    throw new AppLoadError('the app asks for HTTP streams (enableHttpStream), which this host does not have');
  }
  app.lock();
  if (app.functions.length === 0) throw new AppLoadError(`${main} registers no function`);
}

/** What the Node.js worker announces. `@azure/functions` reads none of it today, and returns it with its own. */
const workerCapabilities = {
  RawHttpBodyBytes: 'true',
  RpcHttpBodyOnly: 'true',
  RpcHttpTriggerMetadataRemoved: 'true',
  UseNullableValueDictionaryForHttp: 'true',
  TypedDataCollection: 'true',
};

/** `@azure/functions` asks by `require` from CommonJS; a bundle asks by a `require` that `createRequire` made. */
function provideCoreModule(): void {
  // Beside this file, also where both were bundled.
  const url = new URL(`./functions-core${extname(import.meta.url)}`, import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === '@azure/functions-core' ? { url, shortCircuit: true } : next(specifier, context),
  });
}

async function readMain(directory: string): Promise<string> {
  const path = join(directory, 'package.json');
  try {
    return v.parse(packageJson, JSON.parse(await readFile(path, 'utf8'))).main;
  } catch (cause) {
    throw new AppLoadError(`${path} must be a JSON file with a "main": ${messageOf(cause)}`, { cause });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
