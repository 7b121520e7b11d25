import { Argument, type Command } from '@commander-js/extra-typings';
import type { CliContext } from '../../context.ts';

export function registerCompletion(
  program: Command,
  context: CliContext,
  finish: (exitCode: number) => void,
): void {
  program
    .command('completion')
    .summary('print a shell completion script')
    .description('Prints a script that completes the commands and their options in a shell.')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish', 'powershell']))
    .addHelpText(
      'after',
      `
Registries, regions, spokes and container groups are completed from the settings here and from the last answer of
the app, without a call.

Exit codes:
  0  printed
  1  an error: unknown shell

Examples:
  source <(evenkeel completion bash)
  evenkeel completion zsh > ~/.zfunc/_evenkeel
  evenkeel completion fish > ~/.config/fish/completions/evenkeel.fish
  evenkeel completion powershell | Out-String | Invoke-Expression
`,
    )
    .action(async (shell) => {
      const { completionScript } = await import('./scripts.ts');
      context.stdout.write(completionScript(shell, program));
      finish(0);
    });
}
