import { type Command, Option } from '@commander-js/extra-typings';
import type { CliContext } from '../../context.ts';
import { appOption, jsonOption, settingsHelp, settingsOption } from '../../options.ts';

export function registerReplay(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('replay')
    .summary('show dead-lettered events and poison messages, and send them again')
    .description(
      'Shows dead-lettered events and poison messages, grouped by function and reason, and sends them again to the function that failed. Sending is safe: a function that gets an event twice changes nothing. Whatever was sent is marked; nothing is ever deleted.',
    )
    .option('--send', 'send what is waiting')
    .option('--since <when>', 'only what failed since then: 24h, 7d or 2026-11-21T08:00:00Z')
    .addOption(
      new Option('--function <name>', 'only for this function (default: all but trackIpDrift)').choices([
        'reconcileDns',
        'trackIpDrift',
        'receiveRegistryEvent',
        'resumeDns',
      ]),
    )
    .option('--again', 'include what was sent before')
    .option(
      '--container <name>',
      'blob container of dead letters (default: EVENKEEL_DEAD_LETTER_CONTAINER, or dead-letters)',
    )
    .addOption(appOption)
    .addOption(settingsOption)
    .addOption(jsonOption)
    .addHelpText(
      'after',
      `
Environment:
  EVENKEEL_APP         base URL of the function app, used without --app
  EVENKEEL_EVENTS_KEY  system key eventgrid_extension of the app, for --send (default: EVENKEEL_KEY)

${settingsHelp}

Exit codes:
  0  nothing is waiting, or everything was sent
  1  an error, or something was not accepted
  3  something is waiting to be sent

Examples:
  evenkeel replay --since 24h
  evenkeel replay --send --function reconcileDns
`,
    )
    .action(async (options) => {
      const { runReplay } = await import('./run.ts');
      finish(await runReplay(options, context));
    });
}
