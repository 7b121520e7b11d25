/** The same program as for every command, in a file of its own when it is built: see `buildCommand`. */
export { runCommandLine } from './run-command-line.ts';
