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
    .option(
      '--what-if <region>',
      'evaluate every interlock for the replica in this region now; changes nothing',
    )
    .addOption(jsonOption)
    .addHelpText(
      'after',
      `
${appHelp}

With --what-if, the app looks at Azure at this moment, and says whether the replica could be taken out of global routing.

Exit codes:
  0  no replica is flagged; with --what-if every interlock passes
  1  an error: no access, no answer, or a registry that is unknown or not reviewed yet
  3  at least one replica is flagged; with --what-if an interlock refuses

Examples:
  evenkeel flags --registry myregistry --all
  evenkeel flags --registry myregistry --what-if westus
`,
    )
    .action(async (options) => {
      const { runFlags } = await import('./run.ts');
      finish(await runFlags(options, context));
    });
}
