import type { Command } from 'commander';
import type { CliContext } from '../../context.ts';
import { settingsHelp } from '../../options.ts';

/** Declares `evenkeel reconcile`; what it does is loaded when it runs. */
export function declareReconcile(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('reconcile')
    .summary("make a container group's records right, after showing how")
    .description(
      'Shows what a reconcile of the records of a container group would do, asks, and then does it, as the app does at an event. It needs the right to write A and PTR record sets in the zones.',
    )
    .argument('<group>', 'ARM id of the container group, or RESOURCE_GROUP/NAME with --subscription')
    .option('--subscription <id>', 'the subscription that RESOURCE_GROUP is in')
    .option('--settings <file>', 'settings of the function app')
    .option('--yes', 'do not ask')
    .option('--json', 'print one JSON document at the end')
    .addHelpText(
      'after',
      `
${settingsHelp}

Exit codes:
  0  the records are right
  1  an error: wrong arguments or settings, no access, another live group's record; what was written is told
  2  not confirmed, and nothing was written
  3  a record set was in the way and left alone, or a quota put the rest off

Example:
  evenkeel reconcile rg-spoke-a/web --subscription 00000000-0000-0000-0000-000000000000 --yes
`,
    )
    .action(async (group: unknown, options: unknown) => {
      const { runReconcile } = await import('./run.ts');
      finish(await runReconcile(group, options, context));
    });
}
