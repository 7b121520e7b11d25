import { anySignal } from '../lib/any-signal.ts';
import type { Clock } from '../lib/clock.ts';
import { type Deadline, deadlineIn } from '../lib/deadline.ts';
import type { Environment } from '../settings/setting.ts';
import type { sendHttpRequest } from './http-request.ts';

/** Everything that a command touches outside itself. */
export interface CliContext {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Environment;
  /** Sends a request to the app. */
  readonly send: typeof sendHttpRequest;
  /** The text of a file. @throws the errors of `node:fs`. */
  readonly readFile: (path: string) => Promise<string>;
  /** Names that shells complete, kept between commands. Reading fails where nothing is kept. */
  readonly cache: {
    readonly read: () => Promise<string | undefined>;
    readonly write: (text: string) => Promise<void>;
  };
  /** Its sleep ends early when the command is interrupted. */
  readonly clock: Clock;
  /** Aborted by Ctrl-C or SIGTERM, with the exit code as its reason. */
  readonly interrupted: AbortSignal;
  /** Whether an error is told with what led to it. */
  readonly isVerbose: boolean;
}

/** The part of a stream that a command writes to. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** A stream on which somebody may answer a question. */
interface Input {
  readonly isTTY?: boolean;
  /** @returns `undefined` at the end of the input. */
  readLine(): Promise<string | undefined>;
}

/** A deadline that an interruption ends as well. */
export function commandDeadline(ms: number, { interrupted }: Pick<CliContext, 'interrupted'>): Deadline {
  const { signal, remainingMs } = deadlineIn(ms);
  return {
    signal: anySignal(signal, interrupted),
    remainingMs: () => (interrupted.aborted ? 0 : remainingMs()),
  };
}
