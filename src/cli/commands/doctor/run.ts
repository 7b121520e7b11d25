import * as v from 'valibot';
import { parseConfig } from '../../../config.ts';
import { textOf } from '../../../settings/setting.ts';
import { findApp } from '../../app-client.ts';
import { readSettings } from '../../app-settings.ts';
import { commandDeadline } from '../../command-deadline.ts';
import type { CliContext } from '../../context.ts';
import { paletteOf } from '../../output/colors.ts';
import type { CheckResult } from './check.ts';
import { createCheckContext } from './check-context.ts';
import { checks, sendEventCheck } from './checks.ts';
import { exitCodeOf, resultLines, summaryLine } from './doctor-lines.ts';

const optionsSchema = v.object({
  app: v.optional(v.string()),
  appId: v.optional(v.string()),
  principal: v.optional(v.string()),
  settings: v.optional(v.string()),
  sendEvent: v.optional(v.boolean(), false),
  json: v.optional(v.boolean(), false),
});

const visitMs = 180_000;

/**
 * `evenkeel doctor`: looks at the whole installation and says what is blind.
 * @returns the exit code: 0 all well, 1 something could not be looked at, 3 something to mend.
 * @throws {SettingError} when not even the app or the settings can be found.
 */
export async function runDoctor(rawOptions: unknown, context: CliContext): Promise<number> {
  const options = v.parse(optionsSchema, rawOptions);
  const { env, stdout, interrupted } = context;
  const app = {
    ...findApp(options.app, env),
    appId: options.appId ?? textOf(env, 'EVENKEEL_FUNCTION_APP_ID'),
  };
  const principal = options.principal ?? textOf(env, 'EVENKEEL_PRINCIPAL_ID');
  const settings = await readSettings(options.settings, context);
  const deadline = commandDeadline(visitMs, context);
  const visit = createCheckContext(parseConfig(settings), settings, { app, principal }, deadline, context);

  const pc = paletteOf(stdout, env);
  const running = [...checks, ...(options.sendEvent ? [sendEventCheck] : [])].map((check) => check(visit));
  // All are under way already; each is told as soon as it is its turn.
  for (const check of running) check.catch(() => {});
  const results: CheckResult[] = [];
  for (const check of running) {
    const result = await check;
    results.push(result);
    if (!options.json) stdout.write(`${resultLines(result, pc).join('\n')}\n`);
  }
  interrupted.throwIfAborted();
  const exitCode = exitCodeOf(results);
  stdout.write(
    options.json
      ? `${JSON.stringify({ checks: results, exitCode }, undefined, 2)}\n`
      : `\n${summaryLine(results, pc)}\n`,
  );
  return exitCode;
}
