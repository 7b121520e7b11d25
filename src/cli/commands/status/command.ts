import { type Command, Option } from '@commander-js/extra-typings';
import type { CliContext } from '../../context.ts';
import { appHelp, appOption, jsonOption } from '../../options.ts';

export function registerStatus(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('status')
    .summary('show the state of the installation and its problems')
    .description(
      'Shows the state of the installation: every problem that evenkeel knows of, what to do about it, and the numbers of DNS, images and replicas.',
    )
    .addOption(appOption)
    .option('--watch', 'show it again and again until Ctrl-C; with --json one document a line')
    .addOption(
      new Option('--every <time>', 'how often to ask with --watch, at least 1s')
        .default('10s')
        .implies({ watch: true }),
    )
    .addOption(jsonOption)
    .addHelpText(
      'after',
      `
${appHelp}

Exit codes:
  0  no problems
  1  an error: no access or no answer
  3  problems
  130, 143  --watch was ended by Ctrl-C or SIGTERM

Examples:
  evenkeel status --app https://my-evenkeel.azurewebsites.net
  evenkeel status --watch --every 5s
`,
    )
    .action(async (options) => {
      if (options.watch) {
        const { watchStatus } = await import('./watch.ts');
        finish(await watchStatus(options, context));
      } else {
        const { runStatus } = await import('./run.ts');
        finish(await runStatus(options, context));
      }
    });
}
