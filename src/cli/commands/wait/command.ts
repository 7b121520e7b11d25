import { type Command, Option } from 'commander';
import type { CliContext } from '../../context.ts';
import { minEvidences } from './wait-condition.ts';

/** Declares `evenkeel wait`; what it does is loaded when it runs. */
export function declareWait(program: Command, context: CliContext, finish: (exitCode: number) => void): void {
  program
    .command('wait')
    .summary('wait until an image is in every region of its registry')
    .description(
      'Waits until an image is in every region of its registry: for pipelines, between the push and what needs the image.',
    )
    .argument('<image>', 'REGISTRY/REPOSITORY[:TAG|@DIGEST]; REGISTRY is a name or a login server')
    .option('--app <url>', 'base URL of the function app (default: EVENKEEL_APP)')
    .option('--timeout <time>', 'such as 90s or 10m', '10m')
    .option('--regions <list>', 'only these have to have the image, separated by commas')
    .addOption(
      new Option('--min-evidence <kind>', 'how a region must be known to have the image; verified asks it')
        .choices(minEvidences)
        .default('any'),
    )
    .option('--through-stall', 'go on waiting for an image whose objective has passed')
    .option('--json', 'print one JSON document at the end, and nothing else')
    .addHelpText(
      'after',
      `
Environment:
  EVENKEEL_APP  base URL of the function app, where --app is not given
  EVENKEEL_KEY  function key of the app

Exit codes:
  0  replicated
  1  an error: wrong arguments, no access, no answer
  2  not yet, and the time is over
  3  stalled, superseded, resolved elsewhere or deleted

Example:
  evenkeel wait myregistry/team/app:v1 --timeout 15m --regions westus,westeurope
`,
    )
    .action(async (image: unknown, options: unknown) => {
      const { runWait } = await import('./run.ts');
      finish(await runWait(image, options, context));
    });
}
