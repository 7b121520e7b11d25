import type { Command } from '@commander-js/extra-typings';
import { bashScript } from './bash.ts';
import { completedCommands } from './completed-command.ts';
import { fishScript } from './fish.ts';
import { powershellScript } from './powershell.ts';
import { zshScript } from './zsh.ts';

type Shell = 'bash' | 'zsh' | 'fish' | 'powershell';

/**
 * A script that completes the commands of a program, their options and values. Only names are asked of the program,
 * because a key press should not start a process.
 */
export function completionScript(shell: Shell, program: Command): string {
  const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript, powershell: powershellScript };
  return scripts[shell](completedCommands(program));
}
