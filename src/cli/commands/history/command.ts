import { Argument, type Command } from '@commander-js/extra-typings';
import type { CliContext } from '../../context.ts';
import { jsonOption, settingsHelp, settingsOption } from '../../options.ts';

export function registerHistory(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('history')
    .summary('show what was observed of a record, from the log workspace')
    .description(
      'Shows what trackIpDrift observed of a record or a container group: the address that it had, the one that DNS said, and how late that was. Needs the table of drift observations (docs/drift-table.md).',
    )
    .addArgument(new Argument('<record>', 'such as web.spoke-a.internal.contoso.com, or RESOURCE_GROUP/NAME'))
    .option('--workspace <id>', 'customer id of the log workspace (default: EVENKEEL_LOG_WORKSPACE_ID)')
    .option('--since <time>', 'from when on: a time span such as 24h or 7d, or a time', '7d')
    .option('--limit <number>', 'at most so many observations, the newest', '50')
    .option('--changes', 'leave out observations that all was right')
    .option('--table <name>', 'table of the observations', 'EvenkeelDrift_CL')
    .addOption(settingsOption)
    .addOption(jsonOption)
    .addHelpText(
      'after',
      `
Environment:
  EVENKEEL_LOG_WORKSPACE_ID  customer id of the log workspace, used without --workspace:
    az monitor log-analytics workspace list --query "[].{name: name, id: customerId}" -o table

${settingsHelp}
  Only AZURE_CLOUD of them is used.

Exit codes:
  0  shown, also where nothing was observed
  1  an error: no access, no such table, no answer

Examples:
  evenkeel history web.spoke-a.internal.contoso.com --since 24h
  evenkeel history rg-spoke-a/web --changes --json
`,
    )
    .action(async (record, options) => {
      const { runHistory } = await import('./run.ts');
      finish(await runHistory(record, options, context));
    });
}
