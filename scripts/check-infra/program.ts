import { spawn } from 'node:child_process';

/** How a program ended. `code` is null when a signal ended it. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A program has five minutes, so that one that waits for something ends the check and not the day. */
const limitMs = 5 * 60_000;

/**
 * Runs a program to its end, without a shell.
 * @throws when it cannot be started.
 */
export function run(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  const child = spawn(file, args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(limitMs),
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  child.on('error', reject);
  child.on('close', (code) => resolve({ code, out, err }));
  return promise;
}

/** Whether a program can be started here. */
export const exists = (file: string, args: readonly string[] = ['--version']): Promise<boolean> =>
  run(file, args).then(
    ({ code }) => code === 0,
    () => false,
  );

/** The lines of a program's output that say anything. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
