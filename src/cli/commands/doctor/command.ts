import type { Command } from '@commander-js/extra-typings';
import type { CliContext } from '../../context.ts';
import { appHelp, appOption, jsonOption, settingsHelp, settingsOption } from '../../options.ts';

export function registerDoctor(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('doctor')
    .summary('check the whole installation, and show how to fix it')
    .description(
      'Checks settings, schedules, storage, roles, zones, event subscriptions, webhooks and endpoints. Shows for each problem why it matters and how to fix it. Only reads, unless --send-event is given.',
    )
    .addOption(appOption)
    .option('--app-id <id>', 'ARM id of the function app (default: EVENKEEL_FUNCTION_APP_ID)')
    .option('--principal <id>', "object id of the app's identity (default: EVENKEEL_PRINCIPAL_ID)")
    .addOption(settingsOption)
    .option('--send-event', 'send a test event: writes one A record set, which the app has to remove')
    .addOption(jsonOption)
    .addHelpText(
      'after',
      `
${appHelp}
  "azd env get-values" prints EVENKEEL_APP, EVENKEEL_FUNCTION_APP_ID and EVENKEEL_PRINCIPAL_ID.

${settingsHelp}

Exit codes:
  0  no problems
  1  an error, or a check that could not run
  3  problems to fix

Examples:
  evenkeel doctor --app https://my-evenkeel.azurewebsites.net --settings app.json
  evenkeel doctor --send-event --json
`,
    )
    .action(async (options) => {
      const { runDoctor } = await import('./run.ts');
      finish(await runDoctor(options, context));
    });
}
