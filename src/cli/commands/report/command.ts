import type { Command } from '@commander-js/extra-typings';
import type { CliContext } from '../../context.ts';
import { appHelp, appOption, jsonOption } from '../../options.ts';

export function registerReport(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('report')
    .summary('show how long copies take, and how to repair images that miss a region')
    .description(
      'Shows how long the last copies to each region took, against the objective, and the images that are missing in a region after their objective, each with the commands that repair it.',
    )
    .addOption(appOption)
    .option('--registry <name>', 'only this registry, by name, login server or ARM id')
    .addOption(jsonOption)
    .addHelpText(
      'after',
      `
${appHelp}

Exit codes:
  0  no image misses a region after its objective
  1  an error: no access, no answer, or something could not be read
  3  at least one image does

Example:
  evenkeel report --registry myregistry
`,
    )
    .action(async (options) => {
      const { runReport } = await import('./run.ts');
      finish(await runReport(options, context));
    });
}
