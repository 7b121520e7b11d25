#!/usr/bin/env node
/** The command `evenkeel`. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { runProgram } from './program.ts';

const interruption = new AbortController();
const { signal } = interruption;
// Once: a second Ctrl-C ends the process at once.
process.once('SIGINT', () => interruption.abort(130));
process.once('SIGTERM', () => interruption.abort(143));
for (const stream of [process.stdout, process.stderr]) {
  // Whoever read along has gone; that changes nothing about the answer.
  stream.on('error', () => {});
}

process.exitCode = await runProgram(process.argv.slice(2), {
  stdin: { isTTY: process.stdin.isTTY, readLine },
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  fetch,
  readFile: (path) => readFile(path, 'utf8'),
  clock: {
    now: () => new Date(),
    sleep: (ms) => sleep(ms, undefined, { signal }).catch(() => {}),
  },
  interrupted: signal,
});

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
