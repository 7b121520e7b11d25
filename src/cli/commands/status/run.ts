import * as v from 'valibot';
import { AppCallError, askApp } from '../../app-call.ts';
import { findApp } from '../../app-client.ts';
import type { CliContext } from '../../context.ts';
import { paletteOf } from '../../output/colors.ts';
import { readStatus } from './document.ts';
import { statusLines } from './summary.ts';

const optionsSchema = v.object({ app: v.optional(v.string()), json: v.optional(v.boolean(), false) });

/**
 * `evenkeel status`: whether all is even, and what is not.
 * @returns the exit code: 0 even, 3 not even.
 * @throws {SettingError | AppCallError}
 */
export async function runStatus(rawOptions: unknown, context: CliContext): Promise<number> {
  const options = v.parse(optionsSchema, rawOptions);
  const app = findApp(options.app, context.env);
  const body = await askApp(context, app, '/api/status');
  const status = readStatus(body);
  if (status === undefined) {
    throw new AppCallError(
      'the app answered something that is no status; is another version deployed there?',
    );
  }
  const lines = options.json
    ? [JSON.stringify(body, undefined, 2)]
    : statusLines(status, app.url, paletteOf(context.stdout, context.env));
  context.stdout.write(`${lines.join('\n')}\n`);
  return status.even ? 0 : 3;
}
