#!/usr/bin/env node
/** The entry point of the command `evenkeel`. */
import { appCommands } from './app-commands.ts';
import { readyHelp } from './ready-help.ts';

const args = process.argv.slice(2);
const { stdout } = process;
// The reader of a pipe may close it early; the exit code stays the same.
stdout.on('error', () => {});
const help = readyHelp(args, stdout, process.env);
if (help !== undefined) stdout.write(help);
else {
  const { runCommandLine } = appCommands.includes(args[0] ?? '')
    ? await import('./run-app-command.ts')
    : await import('./run-command-line.ts');
  process.exitCode = await runCommandLine(args);
}
