import { Argument, type Command, Option } from '@commander-js/extra-typings';
import type { CliContext } from '../../context.ts';
import { appHelp, appOption, jsonOption } from '../../options.ts';
import { minEvidences } from './wait-condition.ts';

export function registerWait(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('wait')
    .summary('wait until an image is in every region of its registry')
    .description(
      'Waits until an image is in every region of its registry. Use it in a pipeline, between the push of an image and the steps that need it.',
    )
    .addArgument(
      new Argument('<image>', 'REGISTRY/REPOSITORY[:TAG|@DIGEST]; REGISTRY is a name or a login server'),
    )
    .addOption(appOption)
    .option('--timeout <time>', 'how long to wait, such as 90s or 10m', '10m')
    .option(
      '--regions <list>',
      'wait for these regions only, separated by commas; may be repeated',
      (list: string, before: string | undefined) => (before === undefined ? list : `${before},${list}`),
    )
    .addOption(
      new Option(
        '--min-evidence <kind>',
        'weakest evidence that counts: verified asks each region for the manifest, pullable also for config and layers',
      )
        .choices(minEvidences)
        .default('any' as const),
    )
    .option('--closure', 'wait for the images of all platforms, too')
    .addOption(
      new Option('--gone', 'wait until the image is gone from every region, instead').conflicts([
        'minEvidence',
        'closure',
        'throughStall',
      ]),
    )
    .option('--through-stall', 'keep waiting after the replication objective has passed')
    .addOption(jsonOption)
    .addHelpText(
      'after',
      `
${appHelp}

Exit codes:
  0  replicated; with --regions, in these regions; with --gone, gone
  1  an error: wrong arguments, no access, no answer
  2  timed out
  3  stalled, superseded, diverged or deleted

Examples:
  evenkeel wait myregistry/team/app:v1 --timeout 15m --regions westus,westeurope
  evenkeel wait myregistry/team/app:v1 --min-evidence pullable --closure
  evenkeel wait myregistry/team/app:v1 --gone
`,
    )
    .action(async (image, options) => {
      const { runWait } = await import('./run.ts');
      finish(await runWait(image, options, context));
    });
}
