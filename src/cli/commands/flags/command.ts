import type { Command } from '@commander-js/extra-typings';
import type { CliContext } from '../../context.ts';
import { appHelp, appOption, jsonOption } from '../../options.ts';

export function registerFlags(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('flags')
    .summary('show which replicas should be out of global routing, and why')
    .description(
      'Shows the replicas that are flagged or out of global routing: the evidence, the interlocks, and the command to run.',
    )
    .addOption(appOption)
    .option('--registry <name>', 'only this registry, by name, login server or ARM id')
    .option('--all', 'include healthy replicas')
    .addOption(jsonOption)
    .addHelpText(
      'after',
      `
${appHelp}

Exit codes:
  0  no replica is flagged
  1  an error: no access, no answer, or a registry that is unknown or not reviewed yet
  3  at least one replica is flagged

Example:
  evenkeel flags --registry myregistry --all
`,
    )
    .action(async (options) => {
      const { runFlags } = await import('./run.ts');
      finish(await runFlags(options, context));
    });
}
