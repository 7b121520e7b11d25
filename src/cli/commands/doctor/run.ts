import { parseConfig } from '../../../config.ts';
import { textOf } from '../../../settings/setting.ts';
import { findApp } from '../../app-client.ts';
import { readSettings } from '../../app-settings.ts';
import { type CliContext, commandDeadline } from '../../context.ts';
import { failureLines } from '../../failure.ts';
import type { SharedOptions } from '../../options.ts';
import { printJson, printLines } from '../../output/print-result.ts';
import { paletteOf } from '../../output/terminal.ts';
import type { CheckResult } from './check.ts';
import { createCheckContext } from './check-context.ts';
import { checks, sendEventCheck } from './checks.ts';
import { exitCodeOf, resultLines, summaryLine } from './doctor-output.ts';

interface DoctorOptions extends Pick<SharedOptions, 'app' | 'settings' | 'json'> {
  readonly appId?: string | undefined;
  readonly principal?: string | undefined;
  readonly sendEvent?: true | undefined;
}

const doctorMs = 180_000;

/**
 * `evenkeel doctor`: checks the whole installation.
 * @returns the exit code: 0 no problems, 1 a check could not run, 3 problems.
 * @throws {SettingError} when the app or the settings cannot be found.
 */
export async function runDoctor(options: DoctorOptions, context: CliContext): Promise<number> {
  const { env, stdout, stderr, interrupted } = context;
  const app = {
    ...findApp(options.app, env),
    appId: options.appId ?? textOf(env, 'EVENKEEL_FUNCTION_APP_ID'),
  };
  const principal = options.principal ?? textOf(env, 'EVENKEEL_PRINCIPAL_ID');
  const settings = await readSettings(options.settings, context);
  const deadline = commandDeadline(doctorMs, context);
  const checkContext = createCheckContext(
    { config: parseConfig(settings), settings, app, principal, deadline },
    context,
  );

  const pc = paletteOf(stdout, env);
  const selected = options.sendEvent ? [...checks, sendEventCheck] : checks;
  const running = selected.map((run) => run(checkContext));
  // All checks run at the same time. Each is printed in its turn, as soon as it has a result.
  for (const check of running) check.catch(() => {});
  const results: CheckResult[] = [];
  for (const check of running) {
    const result = await check;
    results.push(result);
    if (!options.json) printLines(stdout, resultLines(result, pc, stdout));
  }
  interrupted.throwIfAborted();
  const exitCode = exitCodeOf(results);
  if (options.json) printJson(stdout, { checks: results, exitCode });
  else printLines(stdout, ['', summaryLine(results, pc)]);
  const signInFailure = await checkContext.signInFailure();
  if (signInFailure !== undefined) stderr.write(failureLines(signInFailure, context));
  return exitCode;
}
