import { Argument, type Command } from 'commander';
import * as v from 'valibot';
import type { CliContext } from '../../context.ts';
import { shells } from './scripts.ts';

/** Declares `evenkeel completion`; what it does is loaded when it runs. */
export function declareCompletion(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('completion')
    .summary('print a script by which a shell completes this command')
    .description('Prints a script by which a shell completes the commands and their options.')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .addHelpText(
      'after',
      `
Exit codes:
  0  printed
  1  an error: no such shell

Examples:
  source <(evenkeel completion bash)
  evenkeel completion zsh > ~/.zfunc/_evenkeel
  evenkeel completion fish > ~/.config/fish/completions/evenkeel.fish
`,
    )
    .action(async (shell: unknown) => {
      const [{ completionScript }, { completedCommands }] = await Promise.all([
        import('./scripts.ts'),
        import('./completed-commands.ts'),
      ]);
      const script = completionScript(v.parse(v.picklist(shells), shell), completedCommands(program));
      context.stdout.write(script);
      finish(0);
    });
}
