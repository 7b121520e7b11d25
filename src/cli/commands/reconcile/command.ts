import type { Command } from '@commander-js/extra-typings';
import type { CliContext } from '../../context.ts';
import {
  groupArgument,
  jsonOption,
  settingsHelp,
  settingsOption,
  subscriptionOption,
  yesOption,
} from '../../options.ts';

export function registerReconcile(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('reconcile')
    .summary("correct a container group's records, after showing the changes")
    .description(
      'Shows the changes that a reconcile would make to the records of a container group, asks for confirmation, and then reconciles as the app does on an event. Needs permission to write A and PTR record sets in the zones.',
    )
    .addArgument(groupArgument)
    .addOption(subscriptionOption)
    .addOption(settingsOption)
    .addOption(yesOption)
    .addOption(jsonOption)
    .addHelpText(
      'after',
      `
${settingsHelp}

Exit codes:
  0  the records are correct
  1  an error: wrong arguments or settings, no access, a record of another live group; lists what was written
  2  not confirmed; nothing was written
  3  a record set was in the way and stayed as it is, or a quota deferred the rest

Example:
  evenkeel reconcile rg-spoke-a/web --subscription 00000000-0000-0000-0000-000000000000 --yes
`,
    )
    .action(async (group, options) => {
      const { runReconcile } = await import('./run.ts');
      finish(await runReconcile(group, options, context));
    });
}
