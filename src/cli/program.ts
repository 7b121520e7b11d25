import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { declareAudit } from './commands/audit/command.ts';
import { declareCompletion } from './commands/completion/command.ts';
import { declareDoctor } from './commands/doctor/command.ts';
import { declareFlags } from './commands/flags/command.ts';
import { declarePlan } from './commands/plan/command.ts';
import { declareReconcile } from './commands/reconcile/command.ts';
import { declareReplay } from './commands/replay/command.ts';
import { declareStatus } from './commands/status/command.ts';
import { declareWait } from './commands/wait/command.ts';
import type { CliContext } from './context.ts';
import { hasColors, paletteOf } from './output/colors.ts';

/** In the order in which help shows them. */
const commands = [
  declareStatus,
  declareWait,
  declareFlags,
  declarePlan,
  declareReconcile,
  declareAudit,
  declareDoctor,
  declareReplay,
  declareCompletion,
];

/**
 * Runs the command that the arguments name. Every failure is one line on stderr.
 * @param args without the program's own name.
 * @returns the exit code.
 */
export async function runProgram(args: readonly string[], context: CliContext): Promise<number> {
  const { stdout, stderr, env } = context;
  let exitCode = 0;
  const finish = (code: number) => {
    exitCode = code;
  };
  const program = new Command('evenkeel')
    .description('Shows what evenkeel, on Azure Functions, knows and does, and mends what it needs.')
    .version(packageJson.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => stdout.columns || 110,
      getErrHelpWidth: () => stderr.columns || 110,
      getOutHasColors: () => hasColors(stdout, env),
      getErrHasColors: () => hasColors(stderr, env),
    })
    .configureHelp({ styleTitle: (title) => paletteOf(stdout, env).bold(title) })
    .addHelpText('after', '\nExample:\n  evenkeel status --app https://my-evenkeel.azurewebsites.net\n');
  for (const declare of commands) declare(program, context, finish);

  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Printed already, as help is.
    if (error instanceof CommanderError) return error.exitCode;
    const { interrupted } = context;
    if (interrupted.aborted) {
      stderr.write('interrupted\n');
      return typeof interrupted.reason === 'number' ? interrupted.reason : 130;
    }
    const message = error instanceof Error ? error.message : String(error);
    stderr.write(`${paletteOf(stderr, env).red('✖')} ${message}\n`);
    return 1;
  }
}
