#!/usr/bin/env node
/** The entry point of the command `evenkeel`. */
import { readyHelp } from './ready-help.ts';

const args = process.argv.slice(2);
const { stdout } = process;
// The reader of a pipe may close it early; the exit code stays the same.
stdout.on('error', () => {});
const help = readyHelp(args, stdout, process.env);
if (help !== undefined) stdout.write(help);
else {
  const { runCommandLine } = await import('./run-command-line.ts');
  process.exitCode = await runCommandLine(args);
}
