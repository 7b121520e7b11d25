import { Command } from '@commander-js/extra-typings';
import packageJson from '../../package.json' with { type: 'json' };
import { ArgumentError } from './argument-error.ts';
import { registerAudit } from './commands/audit/command.ts';
import { registerCompletion } from './commands/completion/command.ts';
import { registerDoctor } from './commands/doctor/command.ts';
import { registerFlags } from './commands/flags/command.ts';
import { registerGroups } from './commands/groups/command.ts';
import { registerHistory } from './commands/history/command.ts';
import { registerImages } from './commands/images/command.ts';
import { registerNames } from './commands/names/command.ts';
import { registerPlan } from './commands/plan/command.ts';
import { registerPrune } from './commands/prune/command.ts';
import { registerReconcile } from './commands/reconcile/command.ts';
import { registerRehearse } from './commands/rehearse/command.ts';
import { registerReplay } from './commands/replay/command.ts';
import { registerReport } from './commands/report/command.ts';
import { registerStatus } from './commands/status/command.ts';
import { registerWait } from './commands/wait/command.ts';
import type { CliContext } from './context.ts';
import { failureLine, failureOf } from './failure.ts';
import { verboseOption } from './options.ts';
import { hasColors } from './output/has-colors.ts';
import { paletteOf } from './output/terminal.ts';
import { type ReportOptions, runReported } from './run-reported.ts';

/** The commands, in the order in which help lists them. */
const registrations = {
  status: registerStatus,
  wait: registerWait,
  report: registerReport,
  images: registerImages,
  groups: registerGroups,
  history: registerHistory,
  flags: registerFlags,
  rehearse: registerRehearse,
  plan: registerPlan,
  reconcile: registerReconcile,
  audit: registerAudit,
  prune: registerPrune,
  doctor: registerDoctor,
  replay: registerReplay,
  completion: registerCompletion,
  names: registerNames,
};

/**
 * Runs the command that the arguments name.
 * @param args without the program's own name.
 * @returns the exit code.
 */
export const runProgram = (
  args: readonly string[],
  given: Omit<CliContext, 'isVerbose'>,
  options?: ReportOptions,
): Promise<number> => runReported(args, given, (context) => runCommand(args, context), options);

/** @throws {CommanderError} that commander has printed, or what the command throws. */
async function runCommand(args: readonly string[], context: CliContext): Promise<number> {
  let exitCode = 0;
  const finish = (code: number) => {
    exitCode = code;
  };
  const program = createProgram(context);
  for (const register of registrationsFor(args)) register(program, context, finish);
  for (const command of program.commands) {
    command
      .addOption(verboseOption)
      .configureOutput(errorOutput(`evenkeel ${command.name()} --help`, context));
  }
  await program.parseAsync([...args], { from: 'user' });
  return exitCode;
}

/** Only the command that is named first, because the others cost time; all, where none is, or where all are told of. */
function registrationsFor([name = '']: readonly string[]) {
  const all = Object.entries(registrations);
  const named = all.filter(([one]) => one === name && one !== 'completion');
  return (named.length > 0 ? named : all).map(([, register]) => register);
}

/** An error of Commander's, in the style of all others. */
const errorOutput = (help: string, context: CliContext) => ({
  outputError: (text: string, write: (text: string) => void) =>
    write(failureLine(`${failureOf(new ArgumentError(text)).message}; see ${help}`, context)),
});

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
      ...errorOutput('evenkeel --help', context),
      // A pipe has no width.
      getOutHelpWidth: () => stdout.columns || Number.POSITIVE_INFINITY,
      getErrHelpWidth: () => stderr.columns || Number.POSITIVE_INFINITY,
      getOutHasColors: () => hasColors(stdout, env),
      getErrHasColors: () => hasColors(stderr, env),
    })
    .configureHelp({ styleTitle: (title) => paletteOf(stdout, env).bold(title) })
    .addHelpText('after', '\nExample:\n  evenkeel status --app https://my-evenkeel.azurewebsites.net\n');
}
