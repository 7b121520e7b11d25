import { type Command, Option } from '@commander-js/extra-typings';
import type { CliContext } from '../../context.ts';
import { jsonOption, settingsHelp, settingsOption, yesOption } from '../../options.ts';

export function registerPrune(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('prune')
    .summary("remove evenkeel's record sets that nobody needs any more")
    .description(
      'Lists the record sets of evenkeel whose container group has no entry in DNS_ZONE_MAP or is gone, in every zone of the map and in those of --zone, asks for confirmation, and removes them. In a zone that no longer stands in the map, it also removes the record sets that the map wants elsewhere. Needs permission to write A and PTR record sets in the zones.',
    )
    .addOption(
      new Option('--zone <id...>', 'ARM id of another private DNS zone to look through; may be repeated'),
    )
    .addOption(settingsOption)
    .addOption(yesOption)
    .addOption(jsonOption)
    .addHelpText(
      'after',
      `
${settingsHelp}
  Record sets are judged by DNS_ZONE_MAP, so use exactly the settings of the app.

Without --yes, and where stdin is no terminal, the command only lists.

Exit codes:
  0  nothing to prune, or everything was removed
  1  an error, or something could not be read, such as a zone: the list is incomplete
  2  not confirmed; nothing was removed
  3  something is left: it was only listed, it changed meanwhile, or Azure refused

Example:
  evenkeel prune --settings app.json --zone /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-hub-dns/providers/Microsoft.Network/privateDnsZones/old.internal.contoso.com
`,
    )
    .action(async (options) => {
      const { runPrune } = await import('./run.ts');
      finish(await runPrune(options, context));
    });
}
