import { textOf } from '../settings/setting.ts';
import type { CliContext } from './context.ts';
import { commanderExitCode, failureDocument, failureLines, failureOf, hasFlag } from './failure.ts';
import { printJson } from './output/print-result.ts';
import { isLive } from './output/terminal.ts';
import { WaitingLine } from './output/waiting-line.ts';
import { watchOutput } from './output/watched-output.ts';

export interface ReportOptions {
  /** How long a terminal may stay empty before it is told that the command waits. */
  readonly waitingAfterMs?: number;
}

/**
 * Runs a command. Every failure is one line on stderr. With `--json` it is a document on stdout, too, unless the command
 * has printed one already.
 * @param args without the program's own name.
 * @returns the exit code.
 */
export async function runReported(
  args: readonly string[],
  given: Omit<CliContext, 'isVerbose'>,
  run: (context: CliContext) => Promise<number>,
  { waitingAfterMs }: ReportOptions = {},
): Promise<number> {
  const waiting =
    waitingAfterMs !== undefined && isLive(given.stderr, given.env)
      ? new WaitingLine(given.stderr, waitingAfterMs)
      : undefined;
  const endWaiting = () => waiting?.end();
  const stdout = watchOutput(given.stdout, endWaiting);
  const stderr = watchOutput(given.stderr, endWaiting);
  const isVerbose = hasFlag(args, '--verbose') || textOf(given.env, 'DEBUG') !== undefined;
  const context: CliContext = { ...given, stdout, stderr, isVerbose };
  try {
    return await run(context);
  } catch (error) {
    const { interrupted } = context;
    // Commander has printed its own errors, and help, already.
    const printedCode = commanderExitCode(error);
    const failure = interrupted.aborted ? interruption : failureOf(error);
    if (interrupted.aborted) stderr.write('interrupted\n');
    else if (printedCode === undefined) stderr.write(failureLines(error, context));
    const exitCode = printedCode ?? (interrupted.aborted ? interruptionCode(interrupted) : 1);
    if (hasFlag(args, '--json') && exitCode !== 0 && !stdout.isUsed)
      printJson(stdout, failureDocument(failure));
    return exitCode;
  } finally {
    endWaiting();
  }
}

const interruption = { code: 'interrupted', message: 'interrupted' };
const interruptionCode = ({ reason }: AbortSignal): number => (typeof reason === 'number' ? reason : 130);
