import { fetchStatus, findApp } from '../../app-client.ts';
import { ArgumentError } from '../../argument-error.ts';
import type { CliContext } from '../../context.ts';
import type { SharedOptions } from '../../options.ts';
import { printResult } from '../../output/print-result.ts';
import { parseDuration } from '../../time-arguments.ts';
import { readStatus } from './document.ts';
import { statusLines } from './status-lines.ts';

interface StatusOptions extends Pick<SharedOptions, 'app' | 'json'> {
  readonly watch?: true | undefined;
  readonly every: string;
}

/** The app puts the status together from storage each time. */
const shortestEveryMs = 1_000;

/**
 * `evenkeel status`: shows the state of the installation and its problems.
 * @returns the exit code: 0 no problems, 3 problems; with `--watch` that of the interruption.
 * @throws {ArgumentError | SettingError | AppCallError}
 */
export async function runStatus(options: StatusOptions, context: CliContext): Promise<number> {
  const everyMs = parseDuration('--every', options.every);
  if (everyMs < shortestEveryMs) throw new ArgumentError('--every: expected at least 1s');
  const app = findApp(options.app, context.env);
  if (options.watch) {
    const { watchStatus } = await import('./watch.ts');
    return watchStatus(app, { everyMs, json: options.json === true }, context);
  }
  const { status, body } = await fetchStatus(context, app, readStatus);
  printResult(context, options, {
    json: body,
    lines: (pc) => statusLines(status, app.url, pc, context.stdout),
  });
  return status.even ? 0 : 3;
}
