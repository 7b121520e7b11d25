import { Command, CommanderError } from '@commander-js/extra-typings';
import packageJson from '../../package.json' with { type: 'json' };
import { registerAudit } from './commands/audit/command.ts';
import { registerCompletion } from './commands/completion/command.ts';
import { registerDoctor } from './commands/doctor/command.ts';
import { registerFlags } from './commands/flags/command.ts';
import { registerPlan } from './commands/plan/command.ts';
import { registerPrune } from './commands/prune/command.ts';
import { registerReconcile } from './commands/reconcile/command.ts';
import { registerReplay } from './commands/replay/command.ts';
import { registerStatus } from './commands/status/command.ts';
import { registerWait } from './commands/wait/command.ts';
import type { CliContext } from './context.ts';
import { hasColors, paletteOf } from './output/terminal.ts';
import { plainText } from './output/text.ts';

/** The commands, in the order in which help lists them. */
const registrations = [
  registerStatus,
  registerWait,
  registerFlags,
  registerPlan,
  registerReconcile,
  registerAudit,
  registerPrune,
  registerDoctor,
  registerReplay,
  registerCompletion,
];

/**
 * Runs the command that the arguments name. Every failure is one line on stderr.
 * @param args without the program's own name.
 * @returns the exit code.
 */
export async function runProgram(args: readonly string[], context: CliContext): Promise<number> {
  const { stderr, interrupted } = context;
  let exitCode = 0;
  const finish = (code: number) => {
    exitCode = code;
  };
  const program = createProgram(context);
  for (const register of registrations) register(program, context, finish);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has printed its own errors, and help, already.
    if (error instanceof CommanderError) return error.exitCode;
    if (interrupted.aborted) {
      stderr.write('interrupted\n');
      return typeof interrupted.reason === 'number' ? interrupted.reason : 130;
    }
    stderr.write(errorLine(error instanceof Error ? error.message : String(error), context));
    return 1;
  }
}

function createProgram(context: CliContext): Command {
  const { stdout, stderr, env } = context;
  return new Command('evenkeel')
    .description(
      'Shows what evenkeel knows about an installation on Azure Functions, and repairs what it can.',
    )
    .version(packageJson.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: (text, write) => write(errorLine(text.replace(/^error: /, ''), context)),
      getOutHelpWidth: () => stdout.columns || 110,
      getErrHelpWidth: () => stderr.columns || 110,
      getOutHasColors: () => hasColors(stdout, env),
      getErrHasColors: () => hasColors(stderr, env),
    })
    .configureHelp({ styleTitle: (title) => paletteOf(stdout, env).bold(title) })
    .addHelpText('after', '\nExample:\n  evenkeel status --app https://my-evenkeel.azurewebsites.net\n');
}

const errorLine = (message: string, { stderr, env }: CliContext): string =>
  `${paletteOf(stderr, env).red('✖')} ${plainText(message)}\n`;
