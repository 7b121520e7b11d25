import type { Command } from '@commander-js/extra-typings';
import type { CliContext } from '../../context.ts';
import { appHelp, appOption, jsonOption, yesOption } from '../../options.ts';

export function registerRehearse(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('rehearse')
    .summary('take a replica out of global routing for a time')
    .description(
      'Shows every interlock as it stands now, asks for confirmation, and asks the app to take a replica out of global routing from the next review on, for a stated time. Asking again moves the end.',
    )
    .argument('<registry>', 'name, login server or ARM id of the registry')
    .argument('<region>', 'region of the replica, such as westus')
    .option('--for <duration>', 'how long, from now: 30m, 1h, 2d; at most 7d')
    .option('--reason <text>', 'why; shown on the status page')
    .option('--by <name>', 'who asks; shown on the status page (default: your user name)')
    .option('--end', 'end the rehearsal with the next review')
    .addOption(appOption)
    .addOption(yesOption)
    .addOption(jsonOption)
    .addHelpText(
      'after',
      `
${appHelp}

Under ROUTING_MODE=flag, the app raises a flag and you turn the switch, with the command that is printed. Under enforce,
the app turns it, both ways. docs/game-day.md says what to know before.

Exit codes:
  0  accepted, or ended
  1  an error: no access, no answer, an unknown registry or region, or no rehearsal to end
  2  not confirmed; nothing was changed
  3  an interlock refuses; nothing was changed

Examples:
  evenkeel rehearse myregistry westus --for 1h --reason 'game day 12'
  evenkeel rehearse myregistry westus --end
`,
    )
    .action(async (registry, region, options) => {
      const { runRehearse } = await import('./run.ts');
      finish(await runRehearse({ registry, region }, options, context));
    });
}
