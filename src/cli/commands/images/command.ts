import { Argument, type Command } from '@commander-js/extra-typings';
import type { CliContext } from '../../context.ts';
import { appHelp, appOption, jsonOption } from '../../options.ts';

export function registerImages(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('images')
    .summary('list the images that are on their way, or look one image up')
    .description(
      'Lists the images that are not in every region yet, and where they are missing. With an image, shows that one region by region, whatever its state.',
    )
    .addArgument(
      new Argument('[image]', 'REGISTRY/REPOSITORY[:TAG|@DIGEST]; REGISTRY is a name or a login server'),
    )
    .addOption(appOption)
    .option('--registry <name>', 'only this registry, by name, login server or ARM id')
    .option('--repository <text>', 'only repositories whose name contains this text')
    .option('--region <region>', 'only images that are missing in this region')
    .option('--late', 'only images whose replication objective has passed')
    .addOption(jsonOption)
    .addHelpText(
      'after',
      `
${appHelp}

Exit codes:
  0  no image is late; with an image, it is in every region
  1  an error: no access, no answer, or evenkeel has not seen the image
  3  an image is late or diverged; with an image, it is not in every region

Examples:
  evenkeel images --region westus --late
  evenkeel images myregistry/team/app:v1
`,
    )
    .action(async (image, options) => {
      const { runImages } = await import('./run.ts');
      finish(await runImages(image, options, context));
    });
}
