import type { Command } from '@commander-js/extra-typings';
import type { CliContext } from '../../context.ts';
import { jsonOption, settingsHelp, settingsOption } from '../../options.ts';

export function registerAudit(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('audit')
    .summary('compare every container group with its records, now')
    .description(
      'Runs the sweep of auditDns from this machine: compares every mapped container group with its records. Writes and publishes nothing.',
    )
    .addOption(settingsOption)
    .addOption(jsonOption)
    .addHelpText(
      'after',
      `
${settingsHelp}

Exit codes:
  0  no findings
  1  an incomplete sweep, or an error: wrong settings, no access, no answer
  3  findings

Example:
  evenkeel audit --settings prod.settings.json
`,
    )
    .action(async (options) => {
      const { runAudit } = await import('./run.ts');
      finish(await runAudit(options, context));
    });
}
