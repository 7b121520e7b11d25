import { fetchStatus, findApp } from '../../app-client.ts';
import type { CliContext } from '../../context.ts';
import type { SharedOptions } from '../../options.ts';
import { printResult } from '../../output/print-result.ts';
import { readStatus } from './document.ts';
import { statusLines } from './status-lines.ts';

/**
 * `evenkeel status`: shows the state of the installation and its problems.
 * @returns the exit code: 0 no problems, 3 problems.
 * @throws {SettingError | AppCallError}
 */
export async function runStatus(
  options: Pick<SharedOptions, 'app' | 'json'>,
  context: CliContext,
): Promise<number> {
  const app = findApp(options.app, context.env);
  const { status, body } = await fetchStatus(context, app, readStatus);
  printResult(context, options, {
    json: body,
    lines: (pc) => statusLines(status, app.url, pc, context.stdout),
  });
  return status.even ? 0 : 3;
}
