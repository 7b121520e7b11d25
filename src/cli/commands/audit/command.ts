import { type Command, Option } from '@commander-js/extra-typings';
import type { CliContext } from '../../context.ts';
import { appHelp, appOption, jsonOption, settingsHelp, settingsOption } from '../../options.ts';

export function registerAudit(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('audit')
    .summary('compare every container group with its records, now')
    .description(
      'Runs the sweep of auditDns from this machine: compares every mapped container group with its records. Writes and publishes nothing. With --now, the app itself sweeps, as at its schedule, and repairs what it finds.',
    )
    .addOption(
      new Option('--now', 'have the app sweep and repair, and show what it finds').conflicts(['settings']),
    )
    .addOption(appOption)
    .addOption(settingsOption)
    .addOption(jsonOption)
    .addHelpText(
      'after',
      `
${settingsHelp}

${appHelp}
  EVENKEEL_MASTER_KEY  master key of the app, which --now needs:
    az functionapp keys list --ids "$EVENKEEL_FUNCTION_APP_ID" --query masterKey -o tsv

Exit codes:
  0  no findings
  1  an incomplete sweep, or an error: wrong settings, no access, no answer
  3  findings

Examples:
  evenkeel audit --settings prod.settings.json
  evenkeel audit --now --app https://my-evenkeel.azurewebsites.net
`,
    )
    .action(async (options) => {
      const { runAudit } = await import('./run.ts');
      finish(await runAudit(options, context));
    });
}
