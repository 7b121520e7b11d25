import type { Command } from 'commander';
import type { CliContext } from '../../context.ts';
import { settingsHelp } from '../../options.ts';

/** Declares `evenkeel plan`; what it does is loaded when it runs. */
export function declarePlan(program: Command, context: CliContext, finish: (exitCode: number) => void): void {
  program
    .command('plan')
    .summary("show what a reconcile of a container group's records would do")
    .description(
      'Shows the exact changes that a reconcile would make to the records of a container group now, and what it would leave alone. Nothing is written.',
    )
    .argument('<group>', 'ARM id of the container group, or RESOURCE_GROUP/NAME with --subscription')
    .option('--subscription <id>', 'the subscription that RESOURCE_GROUP is in')
    .option('--settings <file>', 'settings of the function app')
    .option('--json', 'print one JSON document, and nothing else')
    .addHelpText(
      'after',
      `
${settingsHelp}

Exit codes:
  0  nothing to do
  1  an error: wrong arguments or settings, no access, no answer
  4  changes would be made

Example:
  evenkeel plan rg-spoke-a/web --subscription 00000000-0000-0000-0000-000000000000
`,
    )
    .action(async (group: unknown, options: unknown) => {
      const { runPlan } = await import('./run.ts');
      finish(await runPlan(group, options, context));
    });
}
