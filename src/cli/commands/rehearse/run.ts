import { textOf } from '../../../settings/setting.ts';
import { type AppAccess, findApp } from '../../app-client.ts';
import { ArgumentError } from '../../argument-error.ts';
import { isConfirmed } from '../../confirmation.ts';
import type { CliContext } from '../../context.ts';
import type { SharedOptions } from '../../options.ts';
import { printLines, printResult } from '../../output/print-result.ts';
import { type Palette, paletteOf } from '../../output/terminal.ts';
import {
  deleteRehearsal,
  type EndedRehearsal,
  postRehearsal,
  type RehearsalBody,
  type RehearsalCheck,
} from '../../rehearsal-call.ts';
import { parseDuration } from '../../time-arguments.ts';
import { checkLines } from '../flags/what-if.ts';

interface Target {
  readonly registry: string;
  readonly region: string;
}

interface RehearseOptions extends Pick<SharedOptions, 'app' | 'yes' | 'json'> {
  readonly for?: string | undefined;
  readonly reason?: string | undefined;
  readonly by?: string | undefined;
  readonly end?: true | undefined;
}

const maxDays = 7;

/**
 * `evenkeel rehearse`: shows the interlocks, asks, and takes a replica out of global routing for a time; or ends that.
 * @returns the exit code: 0 accepted, 2 not confirmed, 3 an interlock refuses.
 * @throws {ArgumentError | SettingError | AppCallError}
 */
export async function runRehearse(
  target: Target,
  options: RehearseOptions,
  context: CliContext,
): Promise<number> {
  const { env } = context;
  if (options.end) {
    if (options.for !== undefined) throw new ArgumentError('--for and --end exclude each other');
    return end(target, options, findApp(options.app, env), context);
  }
  const app = findApp(options.app, env);
  if (options.for === undefined)
    throw new ArgumentError('--for: say how long, such as --for 1h, or --end to end a rehearsal');
  const seconds = Math.ceil(parseDuration('--for', options.for, maxDays) / 1000);
  const by = options.by ?? textOf(env, 'USER') ?? textOf(env, 'USERNAME');
  const body: RehearsalBody = {
    ...target,
    for: `PT${seconds}S`,
    ...(by === undefined ? {} : { by }),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  };
  return begin(body, options, app, context);
}

async function begin(
  body: RehearsalBody,
  options: RehearseOptions,
  app: AppAccess,
  context: CliContext,
): Promise<number> {
  const { stdin, stdout, stderr, env, interrupted } = context;
  const check = await postRehearsal(context, app, body, { whatIf: true });
  const asks = options.yes !== true && stdin.isTTY === true;
  if (!options.json || asks) {
    const output = options.json ? stderr : stdout;
    printLines(output, checkLines(check, paletteOf(output, env), output));
  }
  if (check.refusedBy.length > 0) return finish('refused', check, options, context);
  const { region, registry, until } = check;
  const question = `Take ${region} of ${registry} out of global routing until ${until ?? 'then'}?`;
  const isWanted = options.yes === true || (asks && (await isConfirmed(question, context)));
  interrupted.throwIfAborted();
  if (!isWanted) return finish(asks ? 'notConfirmed' : 'notAsked', check, options, context);
  const answer = await postRehearsal(context, app, body, { whatIf: false });
  return finish(answer.refusedBy.length > 0 ? 'refused' : 'accepted', answer, options, context);
}

type Result = 'accepted' | 'refused' | 'notConfirmed' | 'notAsked';

const exitCodes: Readonly<Record<Result, number>> = { accepted: 0, refused: 3, notConfirmed: 2, notAsked: 2 };

function finish(
  result: Result,
  check: RehearsalCheck,
  options: RehearseOptions,
  context: CliContext,
): number {
  printResult(context, options, {
    json: { result, ...check },
    lines: (pc) => resultLines(result, check, pc),
  });
  return exitCodes[result];
}

function resultLines(result: Result, check: RehearsalCheck, pc: Palette): string[] {
  const { loginServer, region, until, mode, commands, refusedBy } = check;
  switch (result) {
    case 'notConfirmed':
      return ['  nothing was changed'];
    case 'notAsked':
      return ['  nothing was changed; run this on a terminal, or give --yes'];
    case 'refused':
      return [`${pc.red('✖')} nothing was changed: ${refusedBy.join(', ')} refuses`];
    case 'accepted':
      return [
        `${pc.green('✔')} ${region} is to be out of global routing from the next review until ${until ?? 'its end'}`,
        ...(mode === 'enforce'
          ? ['  evenkeel turns the switch, both ways']
          : ['  then turn the switch yourself:', `    ${commands.off}`]),
        '  to end it:',
        `    evenkeel rehearse ${loginServer} ${region} --end`,
      ];
  }
}

/** Asks nothing: it gives clients a replica back, and whoever is in a hurry says so in the command. */
async function end(
  { registry, region }: Target,
  options: RehearseOptions,
  app: AppAccess,
  context: CliContext,
): Promise<number> {
  const ended = await deleteRehearsal(context, app, { registry, region });
  printResult(context, options, {
    json: { result: 'ended', ...ended },
    lines: (pc) => endedLines(region, ended, pc),
  });
  return 0;
}

const endedLines = (region: string, { mode, commands }: EndedRehearsal, pc: Palette): string[] => [
  `${pc.green('✔')} the rehearsal of ${region} ends with the next review`,
  ...(mode === 'enforce'
    ? ['  evenkeel switches on what it switched off, when its interlocks pass']
    : ['  then turn the switch yourself:', `    ${commands.on}`]),
];
