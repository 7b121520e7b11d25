import type { Command } from '@commander-js/extra-typings';
import type { CliContext } from '../../context.ts';
import { jsonOption, settingsHelp, settingsOption } from '../../options.ts';

export function registerGroups(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('groups')
    .summary('list the container groups, their addresses, and what DNS says')
    .description(
      'Lists the container groups of the mapped resource groups: the address that each has, and the address that its A record set says. Reads only what the filters leave; audit compares everything, PTR record sets included.',
    )
    .option('--spoke <name>', 'only this entry of DNS_ZONE_MAP, by its key or resource group')
    .option('--name <text>', 'only groups whose name contains this text')
    .option('--wrong', 'only groups whose record is not right')
    .addOption(settingsOption)
    .addOption(jsonOption)
    .addHelpText(
      'after',
      `
${settingsHelp}

Exit codes:
  0  the record of each listed group is right
  1  something could not be read, or an error
  3  at least one record is missing, differs or is left over

Examples:
  evenkeel groups --settings app.json
  evenkeel groups --spoke rg-spoke-a --wrong
`,
    )
    .action(async (options) => {
      const { runGroups } = await import('./run.ts');
      finish(await runGroups(options, context));
    });
}
