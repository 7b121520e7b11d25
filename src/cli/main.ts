#!/usr/bin/env node
/** The entry point of the command `evenkeel`. */
import { appCommands } from './app-commands.ts';
import { plainStatus } from './plain-status.ts';
import { readyHelp } from './ready-help.ts';

const args = process.argv.slice(2);
const { stdout } = process;
// The reader of a pipe may close it early; the exit code stays the same.
stdout.on('error', () => {});
const help = readyHelp(args, stdout, process.env);
if (help !== undefined) stdout.write(help);
else {
  // That of a command that never ends, although nothing is left to wait for.
  process.exitCode = 1;
  // A rejection is uncaught, and ends the process.
  void run().then(async (exitCode) => {
    process.exitCode = exitCode;
    await Promise.all([stdout, process.stderr].map(written));
    // What the command gave up may go on for long: the Azure CLI that looks for a token, a name that does not resolve.
    process.exit();
  });
}

/** Resolves when all that was written has left this process, or cannot. */
const written = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => void stream.write('', () => resolve()));

/** Loads no more than the command line asks for. */
async function run(): Promise<number> {
  const status = plainStatus(args);
  if (status !== undefined) {
    const { runPlainStatus } = await import('./run-plain-status.ts');
    return runPlainStatus(args, status);
  }
  const { runCommandLine } = appCommands.includes(args[0] ?? '')
    ? await import('./run-app-command.ts')
    : await import('./run-command-line.ts');
  return runCommandLine(args);
}
