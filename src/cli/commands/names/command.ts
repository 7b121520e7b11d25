import { Argument, type Command } from '@commander-js/extra-typings';
import type { CliContext } from '../../context.ts';
import { nameKinds } from '../../known-names.ts';

/** Hidden: completion scripts call it. It makes no call. */
export function registerNames(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('names', { hidden: true })
    .description('Prints the known names that begin with a word, for completion scripts.')
    .addArgument(new Argument('<kind>', 'what is named').choices(nameKinds))
    .argument('[word]', 'the beginning of a name, or of a list of names')
    .action(async (kind, word = '') => {
      const { runNames } = await import('./run.ts');
      finish(await runNames(kind, word, context));
    });
}
