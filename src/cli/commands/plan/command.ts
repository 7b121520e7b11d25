import type { Command } from '@commander-js/extra-typings';
import type { CliContext } from '../../context.ts';
import {
  groupArgument,
  jsonOption,
  settingsHelp,
  settingsOption,
  subscriptionOption,
} from '../../options.ts';

export function registerPlan(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('plan')
    .summary("show how a reconcile would change a container group's records")
    .description(
      'Shows the exact changes that a reconcile would now make to the records of a container group, and the record sets that it would not change. Nothing is written.',
    )
    .addArgument(groupArgument)
    .addOption(subscriptionOption)
    .addOption(settingsOption)
    .addOption(jsonOption)
    .addHelpText(
      'after',
      `
${settingsHelp}

Exit codes:
  0  nothing to do
  1  an error: wrong arguments or settings, no access, no answer, or neither a
     container group nor a record set of that name
  4  changes would be made

Example:
  evenkeel plan rg-spoke-a/web --subscription 00000000-0000-0000-0000-000000000000
`,
    )
    .action(async (group, options) => {
      const { runPlan } = await import('./run.ts');
      finish(await runPlan(group, options, context));
    });
}
