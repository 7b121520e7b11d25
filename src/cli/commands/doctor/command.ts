import type { Command } from 'commander';
import type { CliContext } from '../../context.ts';
import { appHelp, settingsHelp } from '../../options.ts';

/** Declares `evenkeel doctor`; what it does is loaded when it runs. */
export function declareDoctor(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('doctor')
    .summary('look at the whole installation and say what is blind')
    .description(
      'Looks at settings, schedules, storage, roles, zones, event subscriptions, webhooks and endpoints, and says what is blind, why it matters and what mends it. It reads only, unless --send-event is given.',
    )
    .option('--app <url>', 'base URL of the function app (default: EVENKEEL_APP)')
    .option('--app-id <id>', 'ARM id of the function app (default: EVENKEEL_FUNCTION_APP_ID)')
    .option('--principal <id>', "object id of the app's identity (default: EVENKEEL_PRINCIPAL_ID)")
    .option('--settings <file>', 'settings of the function app')
    .option('--send-event', 'send an event through: writes one A record set, which the app has to remove')
    .option('--json', 'print one JSON document, and nothing else')
    .addHelpText(
      'after',
      `
${appHelp}
  "azd env get-values" prints EVENKEEL_APP, EVENKEEL_FUNCTION_APP_ID and EVENKEEL_PRINCIPAL_ID.

${settingsHelp}

Exit codes:
  0  all is well
  1  an error, or something could not be looked at
  3  something to mend

Examples:
  evenkeel doctor --app https://my-evenkeel.azurewebsites.net --settings app.json
  evenkeel doctor --send-event --json
`,
    )
    .action(async (options: unknown) => {
      const { runDoctor } = await import('./run.ts');
      finish(await runDoctor(options, context));
    });
}
