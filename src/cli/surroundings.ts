import type { Clock } from '../clock.ts';
import type { Environment } from '../environment.ts';

/** The part of a stream that a command writes to. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** All that a command touches outside itself. */
export interface Surroundings {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Environment;
  readonly fetch: (url: URL, init: RequestInit) => Promise<Response>;
  /** Its sleep ends early when the command is interrupted. */
  readonly clock: Clock;
  /** Aborted by Ctrl-C or SIGTERM, with the exit code as its reason. */
  readonly interrupted: AbortSignal;
}
