import type { Command } from 'commander';
import type { CliContext } from '../../context.ts';
import { appHelp } from '../../options.ts';

/** Declares `evenkeel flags`; what it does is loaded when it runs. */
export function declareFlags(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('flags')
    .summary('show which replicas should be out of global routing, and why')
    .description(
      'Shows the replicas that are flagged or out of global routing: what was seen, which interlocks hold, and the command to run.',
    )
    .option('--app <url>', 'base URL of the function app (default: EVENKEEL_APP)')
    .option('--registry <name>', 'only this registry: its name or login server')
    .option('--all', 'replicas that are well, too')
    .option('--json', 'print one JSON document, and nothing else')
    .addHelpText(
      'after',
      `
${appHelp}

Exit codes:
  0  nothing is flagged
  1  an error: no access, no answer, a registry that is not known or was not reviewed yet
  3  something is flagged

Example:
  evenkeel flags --registry myregistry --all
`,
    )
    .action(async (options: unknown) => {
      const { runFlags } = await import('./run.ts');
      finish(await runFlags(options, context));
    });
}
