import type { CliContext } from './context.ts';
import { nameCache } from './name-cache.ts';

/** How long a terminal may stay empty before it is told that the command waits. */
export const waitingAfterMs = 1_000;

/** What a command touches outside itself, in this process. Whatever most commands never use is loaded when it is used. */
export function processContext(): Omit<CliContext, 'isVerbose'> {
  const interruption = new AbortController();
  const { signal } = interruption;
  // Only the first signal is handled: a second Ctrl-C ends the process at once.
  process.once('SIGINT', () => interruption.abort(130));
  process.once('SIGTERM', () => interruption.abort(143));
  // As stdout in main.ts.
  process.stderr.on('error', () => {});
  return {
    stdin: {
      get isTTY() {
        return process.stdin.isTTY;
      },
      readLine: () => readLine(signal),
    },
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    send: async (...request) => (await import('./http-request.ts')).sendHttpRequest(...request),
    readFile: async (path) => (await import('node:fs/promises')).readFile(path, 'utf8'),
    cache: nameCache(process.env),
    clock: { now: () => new Date(), sleep: (ms) => sleep(ms, signal) },
    interrupted: signal,
  };
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  const { setTimeout } = await import('node:timers/promises');
  await setTimeout(ms, undefined, { signal }).catch(() => {});
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
