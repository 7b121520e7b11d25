import './node20.ts';
import { runStatus } from './commands/status/run.ts';
import type { PlainStatus } from './plain-status.ts';
import { processContext, waitingAfterMs } from './process-context.ts';
import { runReported } from './run-reported.ts';

/**
 * Runs `evenkeel status` in the world of this process, without commander.
 * @param args without the program's own name.
 * @returns the exit code.
 */
export const runPlainStatus = (args: readonly string[], options: PlainStatus): Promise<number> =>
  runReported(args, processContext(), (context) => runStatus(options, context), { waitingAfterMs });
