import type { Command } from 'commander';
import type { CliContext } from '../../context.ts';
import { appHelp } from '../../options.ts';

/** Declares `evenkeel status`; what it does is loaded when it runs. */
export function declareStatus(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('status')
    .summary('tell whether all is even, and what is not')
    .description(
      'Tells what evenkeel knows: whether DNS, images and replicas are as they should be, and what is not.',
    )
    .option('--app <url>', 'base URL of the function app (default: EVENKEEL_APP)')
    .option('--json', 'print the whole status document, and nothing else')
    .addHelpText(
      'after',
      `
${appHelp}

Exit codes:
  0  even
  1  an error: no access, no answer
  3  not even

Example:
  evenkeel status --app https://my-evenkeel.azurewebsites.net
`,
    )
    .action(async (options: unknown) => {
      const { runStatus } = await import('./run.ts');
      finish(await runStatus(options, context));
    });
}
