import { sendHttpRequest } from '../../src/cli/http-request.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { Clock } from '../../src/lib/clock.ts';

/** A clock that only sleep and the test move. */
export class TestClock {
  private ms = Date.parse('2026-11-21T08:00:00Z');
  readonly sleeps: number[] = [];
  now = (): Date => new Date(this.ms);
  advance = (ms: number): void => {
    this.ms += ms;
  };
  sleep = async (ms: number): Promise<void> => {
    this.sleeps.push(ms);
    this.advance(ms);
  };
}

interface Run {
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly interrupted?: AbortSignal;
  /** What stdout and stderr are terminals of; pipes otherwise. */
  readonly terminal?: { readonly columns: number; readonly rows: number };
  /** What somebody types at a terminal; without any, stdin is no terminal. */
  readonly typed?: readonly string[];
  /** What is kept between commands. */
  readonly cache?: { text?: string };
  /** Files by their paths; there are no others. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Runs `evenkeel` in this process. */
export async function runCommand(args: readonly string[], run: Run = {}) {
  const written = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      written[name] += text;
    },
    isTTY: run.terminal !== undefined,
    ...run.terminal,
  });
  const typed = [...(run.typed ?? [])];
  const exitCode = await runProgram(args, {
    stdin: { isTTY: run.typed !== undefined, readLine: async () => typed.shift() },
    stdout: output('stdout'),
    stderr: output('stderr'),
    env: run.env ?? {},
    send: sendHttpRequest,
    readFile: async (path) => {
      const text = run.files?.[path];
      if (text === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
      return text;
    },
    cache: {
      read: async () => run.cache?.text,
      write: async (text) => {
        if (run.cache !== undefined) run.cache.text = text;
      },
    },
    clock: run.clock ?? new TestClock(),
    interrupted: run.interrupted ?? new AbortController().signal,
  });
  return { exitCode, ...written };
}
