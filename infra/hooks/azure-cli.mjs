// The Azure command line, called from hooks. Plain JavaScript with nothing but Node.js 20 or newer: whoever runs the
// second deployment by hand needs no `npm ci`.
import { spawn } from 'node:child_process';

/** What a person can do something about; hooks print its message and nothing else. */
export class HookError extends Error {}

/**
 * The environment variables of these names.
 * @template {string} Name
 * @param {readonly Name[]} names
 * @param {NodeJS.ProcessEnv} env
 * @returns {Record<Name, string>}
 * @throws {HookError} naming every one that is missing.
 */
export function required(names, env) {
  const missing = names.filter((name) => !env[name]);
  if (missing.length > 0) {
    throw new HookError(
      `not set: ${missing.join(', ')}. azd sets them for its hooks; by hand: set -a; eval "$(azd env get-values)"; set +a`,
    );
  }
  const found = Object.fromEntries(names.map((name) => [name, env[name] ?? '']));
  // Each name is there: none is missing.
  return /** @type {Record<Name, string>} */ (found);
}

/** @typedef {{ code: number | null, out: string, err: string }} Ended */

/**
 * Runs `az`, and lets it say what it has to say when it ends.
 * @param {readonly string[]} args
 * @returns {Promise<Ended>}
 */
export function az(args) {
  return new Promise((resolve, reject) => {
    // On Windows `az` is a batch file, which takes a shell, and the shell takes quotes.
    const isWindows = process.platform === 'win32';
    const child = isWindows
      ? spawn(
          'az',
          args.map((arg) => `"${arg.replaceAll('"', '\\"')}"`),
          { shell: true },
        )
      : spawn('az', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      out += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      err += text;
    });
    child.on('error', (error) =>
      reject(new HookError(`the Azure command line (az) cannot be started: ${error.message}`)),
    );
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

/** Whether Azure said that there is no such thing. @param {Ended} ended */
export const isMissing = ({ code, err }) =>
  code !== 0 && /\b(?:DeploymentNotFound|ResourceGroupNotFound|ResourceNotFound|NotFound|404)\b/i.test(err);

/**
 * What `az` prints, parsed; `undefined` where there is no such thing.
 * @param {readonly string[]} args
 * @throws {HookError} when it fails for another reason.
 */
export async function azJson(args) {
  const ended = await az([...args, '--output', 'json']);
  if (isMissing(ended)) return undefined;
  if (ended.code !== 0) throw new HookError(`az ${args.slice(0, 3).join(' ')} failed: ${ended.err.trim()}`);
  return ended.out.trim() === '' ? undefined : JSON.parse(ended.out);
}

/**
 * Runs a hook to its end, and exits with 1 after a {@link HookError}.
 * @param {() => Promise<void>} hook
 */
export async function runHook(hook) {
  try {
    await hook();
  } catch (error) {
    if (!(error instanceof HookError)) throw error;
    console.error(`evenkeel: ${error.message}`);
    process.exitCode = 1;
  }
}
