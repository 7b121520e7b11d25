import { Argument, type Command } from 'commander';
import * as v from 'valibot';
import { shells } from './completion/scripts.ts';
import type { Surroundings } from './surroundings.ts';

/** Declares `evenkeel completion`; what it does is loaded when it runs. */
export function declareCompletion(
  program: Command,
  surroundings: Surroundings,
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
        import('./completion/scripts.ts'),
        import('./completion/completed-commands.ts'),
      ]);
      const script = completionScript(v.parse(v.picklist(shells), shell), completedCommands(program));
      surroundings.stdout.write(script);
      finish(0);
    });
}
