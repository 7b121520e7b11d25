import type { Clock } from '../lib/clock.ts';
import type { Environment } from '../settings/setting.ts';

/** The part of a stream that a command writes to. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** Where somebody may answer a question. */
interface Input {
  readonly isTTY?: boolean;
  /** @returns `undefined` when there will be no line any more. */
  readLine(): Promise<string | undefined>;
}

/** All that a command touches outside itself. */
export interface CliContext {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Environment;
  readonly fetch: (url: URL, init: RequestInit) => Promise<Response>;
  /** The text of a file. @throws the errors of `node:fs`. */
  readonly readFile: (path: string) => Promise<string>;
  /** Its sleep ends early when the command is interrupted. */
  readonly clock: Clock;
  /** Aborted by Ctrl-C or SIGTERM, with the exit code as its reason. */
  readonly interrupted: AbortSignal;
}
