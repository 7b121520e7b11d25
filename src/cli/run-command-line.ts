import './node20.ts';
import { processContext, waitingAfterMs } from './process-context.ts';
import { runProgram } from './program.ts';

/**
 * Runs a command in the world of this process.
 * @param args without the program's own name.
 * @returns the exit code.
 */
export const runCommandLine = (args: readonly string[]): Promise<number> =>
  runProgram(args, processContext(), { waitingAfterMs });
