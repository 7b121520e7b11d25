#!/usr/bin/env node
/** The entry point of the command `evenkeel`. */
import './node20.ts';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { nameCache } from './name-cache.ts';
import { runProgram } from './program.ts';

const interruption = new AbortController();
const { signal } = interruption;
// Only the first signal is handled: a second Ctrl-C ends the process at once.
process.once('SIGINT', () => interruption.abort(130));
process.once('SIGTERM', () => interruption.abort(143));
for (const stream of [process.stdout, process.stderr]) {
  // The reader of a pipe may close it early; the exit code stays the same.
  stream.on('error', () => {});
}

process.exitCode = await runProgram(
  process.argv.slice(2),
  {
    stdin: { isTTY: process.stdin.isTTY, readLine },
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

async function readLine(): Promise<string | undefined> {
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
