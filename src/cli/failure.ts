import { CommanderError } from '@commander-js/extra-typings';
import { ArgumentError } from './argument-error.ts';
import type { CliContext } from './context.ts';
import { paletteOf } from './output/terminal.ts';
import { plainText } from './output/text.ts';

/** Why a command failed. It is one line for people, and a document for programs. */
export interface Failure {
  /** A word for programs; docs/cli.md lists them. */
  readonly code: string;
  /** One line. */
  readonly message: string;
}

/** The document that `--json` prints in place of a result. */
export const failureDocument = ({ code, message }: Failure) => ({ error: { code, message } });

/**
 * What went wrong, for people and for programs.
 *
 * | error                                    | code              |
 * |------------------------------------------|-------------------|
 * | a command line that cannot be used       | `argumentBad`     |
 * | a setting or variable that is bad        | `settingBad`      |
 * | no usable answer of the app              | `appNotAnswered`  |
 * | any other of a class of ours or Azure's  | after its class: `RecordSetConflictError` is `recordSetConflict` |
 * | any other                                | `failed`          |
 */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: 'failed', message: plainText(String(error)) };
  const message = plainText(error.message.replace(/^error: /, ''));
  if (error instanceof CommanderError || error instanceof ArgumentError) {
    return { code: 'argumentBad', message };
  }
  return { code: codes[error.name] ?? codeAfter(error.name), message };
}

const codes: Readonly<Record<string, string>> = {
  SettingError: 'settingBad',
  AppCallError: 'appNotAnswered',
};

function codeAfter(className: string): string {
  const name = className.replace(/Error$/, '');
  return /^[A-Z]\w+$/.test(name) ? `${name[0]?.toLowerCase()}${name.slice(1)}` : 'failed';
}

/** The one line on stderr. */
export const failureLine = (message: string, { stderr, env }: Pick<CliContext, 'stderr' | 'env'>): string =>
  `${paletteOf(stderr, env).red('✖')} ${plainText(message)}\n`;

/** Whether the command line asks for JSON, also where it cannot be parsed. */
export function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? undefined : end).includes('--json');
}
