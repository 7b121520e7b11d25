import type { Command } from 'commander';
import type { CliContext } from '../../context.ts';
import { settingsHelp } from '../../options.ts';

/** Declares `evenkeel audit`; what it does is loaded when it runs. */
export function declareAudit(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('audit')
    .summary('compare every container group with its records, now')
    .description(
      'Runs the sweep of auditDns from here: compares every mapped container group with its records. Nothing is written or published.',
    )
    .option('--settings <file>', 'settings of the function app')
    .option('--json', 'print the report as one JSON document, and nothing else')
    .addHelpText(
      'after',
      `
${settingsHelp}

Exit codes:
  0  no findings
  1  incomplete, or an error: wrong settings, no access, no answer
  3  findings

Example:
  evenkeel audit --settings prod.settings.json
`,
    )
    .action(async (options: unknown) => {
      const { runAudit } = await import('./run.ts');
      finish(await runAudit(options, context));
    });
}
