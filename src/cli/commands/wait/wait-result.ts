import type { Replication } from './answer.ts';

/** Exit codes that pipelines branch on. */
export const exitCodes = {
  replicated: 0,
  failed: 1,
  timedOut: 2,
  stalled: 3,
  superseded: 3,
  diverged: 3,
  deleted: 3,
} as const;
type Outcome = keyof typeof exitCodes;

/** How a wait ended. */
export interface WaitResult {
  readonly outcome: Outcome;
  /** One line that names the cause and, where something can be done, what. */
  readonly message: string;
  /** The last that the app said of the image. */
  readonly image: Replication | undefined;
}
