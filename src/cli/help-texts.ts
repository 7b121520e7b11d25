import { runProgram } from './program.ts';
import type { HelpTexts } from './ready-help.ts';

/** Prints the help of the whole, for the build to keep. */
export async function helpTexts(): Promise<HelpTexts> {
  return { plain: await printed(false), colored: await printed(true) };
}

async function printed(isTTY: boolean): Promise<string> {
  const parts: string[] = [];
  const stdout = { write: (text: string) => parts.push(text), isTTY };
  const none = async () => undefined;
  const refuse = async () => Promise.reject(new Error('help asks nobody'));
  const exitCode = await runProgram(['--help'], {
    stdin: { readLine: none },
    stdout,
    stderr: stdout,
    env: {},
    send: refuse,
    readFile: refuse,
    cache: { read: none, write: none },
    clock: { now: () => new Date(0), sleep: none },
    interrupted: new AbortController().signal,
  });
  if (exitCode !== 0) throw new Error(`--help failed: ${parts.join('')}`);
  return parts.join('');
}
