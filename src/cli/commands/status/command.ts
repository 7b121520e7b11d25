import type { Command } from '@commander-js/extra-typings';
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
    .addOption(jsonOption)
    .addHelpText(
      'after',
      `
${appHelp}

Exit codes:
  0  no problems
  1  an error: no access or no answer
  3  problems

Example:
  evenkeel status --app https://my-evenkeel.azurewebsites.net
`,
    )
    .action(async (options) => {
      const { runStatus } = await import('./run.ts');
      finish(await runStatus(options, context));
    });
}
