import { type Command, Option } from 'commander';
import type { CliContext } from '../../context.ts';
import { settingsHelp } from '../../options.ts';

/** Declares `evenkeel replay`; what it does is loaded when it runs. */
export function declareReplay(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('replay')
    .summary('show events that were given up, and send them again')
    .description(
      'Shows dead-lettered events and poison messages, grouped by who missed them and why, and sends them again to the function that missed them. That is safe: reconciling an event twice changes nothing. What was sent is marked; nothing is ever deleted.',
    )
    .option('--send', 'send again what waits')
    .option('--since <when>', 'only what was given up since: 24h, 7d or 2026-11-21T08:00:00Z')
    .addOption(
      new Option(
        '--function <name>',
        'only what this function missed; without it, all but trackIpDrift',
      ).choices(['reconcileDns', 'trackIpDrift', 'receiveRegistryEvent', 'resumeDns']),
    )
    .option('--again', 'also what was sent again before')
    .option(
      '--container <name>',
      'of dead letters (default: EVENKEEL_DEAD_LETTER_CONTAINER, or dead-letters)',
    )
    .option('--app <url>', 'base URL of the function app (default: EVENKEEL_APP)')
    .option('--settings <file>', 'settings of the function app, for its storage')
    .option('--json', 'print one JSON document, and nothing else')
    .addHelpText(
      'after',
      `
Environment:
  EVENKEEL_APP         base URL of the function app, where --app is not given
  EVENKEEL_EVENTS_KEY  its system key eventgrid_extension, for --send (without it: EVENKEEL_KEY)

${settingsHelp}

Exit codes:
  0  nothing waits, or all that did was sent again
  1  an error, or something was not taken
  3  something waits to be sent again

Examples:
  evenkeel replay --since 24h
  evenkeel replay --send --function reconcileDns
`,
    )
    .action(async (options: unknown) => {
      const { runReplay } = await import('./run.ts');
      finish(await runReplay(options, context));
    });
}
