import { NotSignedInError } from '../lib/errors.ts';
import { ArgumentError } from './argument-error.ts';
import type { CliContext } from './context.ts';
import { paletteOf } from './output/terminal.ts';
import { plainText } from './output/text.ts';
import { wrapLine } from './output/wrap.ts';

/** Why a command failed. It is one line for people, and a document for programs. */
export interface Failure {
  /** A word for programs; docs/cli.md lists them. */
  readonly code: string;
  /** One line. */
  readonly message: string;
}

/** The document that `--json` prints in place of a result. */
export const failureDocument = ({ code, message }: Failure) => ({ error: { code, message } });

/** What went wrong, for people and for programs. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: 'failed', message: plainText(String(error)) };
  if (commanderExitCode(error) !== undefined || error instanceof ArgumentError) {
    return { code: 'argumentBad', message: oneLine(error.message.replace(/^error: /, '')) };
  }
  // Whatever could not be read for want of a sign-in, that is what to mend.
  const signIn = causesOf(error).find((cause) => cause instanceof NotSignedInError);
  const { name, message } = signIn ?? error;
  const isLate = name === 'TimeoutError' || name === 'AbortError';
  return {
    code: codes[name] ?? 'failed',
    message: isLate ? 'no answer in time: try again' : oneLine(message),
  };
}

/**
 * The exit code of an error of commander's, such as a wrong option, or of its help, which ends as an error does;
 * `undefined` for every other. It is told by its code, since commander is loaded by those command lines alone that need it.
 */
export const commanderExitCode = (error: unknown): number | undefined =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  error.code.startsWith('commander.') &&
  'exitCode' in error &&
  typeof error.exitCode === 'number'
    ? error.exitCode
    : undefined;

/** The codes for programs, by the names of error classes. They stay the same when a class gets another name. */
export const codes: Readonly<Record<string, string>> = {
  SettingError: 'settingBad',
  AppCallError: 'appNotAnswered',
  AppRefusedError: 'appRefused',
  NotSignedInError: 'notSignedIn',
  MissingPermissionError: 'missingPermission',
  ThrottledError: 'throttled',
  UncertainCallError: 'uncertainCall',
  UnexpectedAnswerError: 'unexpectedAnswer',
  RefusedCallError: 'refusedCall',
  RestError: 'refusedCall',
  ZoneMissingError: 'zoneMissing',
  RecordSetChangedError: 'recordSetChanged',
  LiveStateUnknownError: 'liveStateUnknown',
  OwnershipConflictError: 'ownershipConflict',
  GroupChangedError: 'groupChanged',
  NotConvergedError: 'notConverged',
  RequeueError: 'requeueFailed',
  RegistryMissingError: 'registryMissing',
  TimeoutError: 'timedOut',
  AbortError: 'timedOut',
};

/** A second line of Commander's is a suggestion in brackets. */
const oneLine = (message: string): string => plainText(message.replaceAll('\n(', ' ('));

/** The error, and each error that led to it. Those of an aggregate come one after the other. */
function causesOf(error: unknown, seen: ReadonlySet<unknown> = new Set()): Error[] {
  if (!(error instanceof Error) || seen.has(error)) return [];
  const before = new Set([...seen, error]);
  const parts = error instanceof AggregateError || 'errors' in error ? error.errors : [];
  const next = [error.cause, ...(Array.isArray(parts) ? parts : [])];
  return [error, ...next.flatMap((cause) => causesOf(cause, before))];
}

/** The lines on stderr: what went wrong, and with `--verbose` what led to it and where. */
export function failureLines(
  error: unknown,
  { stderr, env, isVerbose }: Pick<CliContext, 'stderr' | 'env' | 'isVerbose'>,
): string {
  const line = failureLine(failureOf(error).message, { stderr, env });
  if (!isVerbose) return line;
  const pc = paletteOf(stderr, env);
  const causes = causesOf(error).map(({ name, message }, index) =>
    pc.dim(`  ${index === 0 ? 'error' : 'caused by'} ${name}: ${plainText(message)}\n`),
  );
  const frames = error instanceof Error ? (error.stack?.match(/^ {4}at .*$/gm) ?? []) : [];
  return [line, ...causes, ...frames.map((frame) => pc.dim(`${plainText(frame).padStart(4)}\n`))].join('');
}

/** What went wrong, as one line, which a terminal of known width shows on several. */
export function failureLine(message: string, { stderr, env }: Pick<CliContext, 'stderr' | 'env'>): string {
  const line = `${paletteOf(stderr, env).red('✖')} ${plainText(message)}`;
  return wrapLine(line, stderr)
    .map((part) => `${part}\n`)
    .join('');
}

/** Whether the command line has a flag, also where it cannot be parsed. */
export function hasFlag(args: readonly string[], flag: string): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? undefined : end).includes(flag);
}
