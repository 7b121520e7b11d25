import { randomBytes, randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { parseHostArguments } from '../arguments.ts';
import { onStopRequest } from '../stop-requests.ts';
import { startHost } from './host.ts';
import { createHostLog, describeError } from './host-log.ts';
import { readKeys } from './key-store.ts';
import { createKeyRing, freshKeys, type KeyRing, openKeyRing } from './keys.ts';
import { applyLocalSettings, defaultStorage, namesStorage } from './settings.ts';

const options = parseHostArguments(process.argv);
const directory = resolve(options.app);
const now = () => new Date();
const { stdout } = process;
/**
 * A write to a pipe holds up the process until it is done, so the lines of one turn of the event loop go together.
 * https://nodejs.org/api/process.html#a-note-on-process-io
 */
const print = (line: string) => {
  if (stdout.writableCorked === 0) {
    stdout.cork();
    setImmediate(() => stdout.uncork());
  }
  stdout.write(`${line}\n`);
};
process.on('exit', () => stdout.uncork());
const colors = options.color && process.stdout.isTTY === true && !process.env['NO_COLOR'];
const log = createHostLog({ print, colors, now });

const fail = (error: unknown): never => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
};
process.on('uncaughtException', (error) => {
  log.write('error', `The app left an error uncaught, which ends the host: ${describeError(error)}`);
  process.exit(1);
});

const newKey = () => randomBytes(32).toString('base64url');

async function storedKeyRing(): Promise<KeyRing> {
  const { keys, source } = await readKeys({ directory, env: process.env, newKey });
  print(`Keys are asked for. They are in ${source}.`);
  return createKeyRing(keys);
}

try {
  await applyLocalSettings(directory, process.env);
  if (!namesStorage(process.env)) {
    const storage = await defaultStorage();
    if (storage !== undefined) process.env['AzureWebJobsStorage'] = storage;
  }
  const host = await startHost({
    directory,
    port: options.port,
    keys: options.auth ? await storedKeyRing() : openKeyRing(freshKeys(newKey)),
    env: process.env,
    queueLeaseSeconds: options.queueLease,
    log,
    print,
    now,
    newId: randomUUID,
  });

  onStopRequest(() => void host.stop().then(() => process.exit(0), fail));
  print(`evenkeel host ready on ${host.url}`);
} catch (error) {
  fail(error);
}
