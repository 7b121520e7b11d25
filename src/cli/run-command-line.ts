import './node20.ts';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { nameCache } from './name-cache.ts';
import { runProgram } from './program.ts';

/**
 * Runs a command in the world of this process.
 * @param args without the program's own name.
 * @returns the exit code.
 */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  const interruption = new AbortController();
  const { signal } = interruption;
  // Only the first signal is handled: a second Ctrl-C ends the process at once.
  process.once('SIGINT', () => interruption.abort(130));
  process.once('SIGTERM', () => interruption.abort(143));
  // As stdout in main.ts.
  process.stderr.on('error', () => {});
  return runProgram(
    args,
    {
      stdin: { isTTY: process.stdin.isTTY, readLine: () => readLine(signal) },
      stdout: process.stdout,
      stderr: process.stderr,
      env: process.env,
      send: async (...request) => (await import('./http-request.ts')).sendHttpRequest(...request),
      readFile: (path) => readFile(path, 'utf8'),
      cache: nameCache(process.env),
      clock: {
        now: () => new Date(),
        sleep: (ms) => sleep(ms, undefined, { signal }).catch(() => {}),
      },
      interrupted: signal,
    },
    { waitingAfterMs: 1000 },
  );
}

async function readLine(signal: AbortSignal): Promise<string | undefined> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin });
  const closed = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
  try {
    return await Promise.race([lines.question('', { signal }), closed]);
  } catch {
    return undefined;
  } finally {
    lines.close();
  }
}
