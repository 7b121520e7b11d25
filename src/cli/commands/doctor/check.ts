import { failureOf } from '../../failure.ts';
import type { CheckContext } from './check-context.ts';

/** One aspect of an installation: what is read about it, and what that means. */
export interface Check<Facts> {
  /** The name for programs. */
  readonly name: string;
  readonly title: string;
  /**
   * @returns a `Skip` where there is nothing to check.
   * @throws whatever keeps the check from running.
   */
  readonly read: (context: CheckContext) => Promise<Facts | Skip>;
  readonly evaluate: (facts: Facts) => readonly Finding[];
}

/** A problem of the installation. */
export interface Finding {
  readonly severity: Severity;
  readonly what: string;
  /** Why it matters. */
  readonly why: string;
  /** A command, or a line of a template. */
  readonly fix: string;
}

/**
 * | severity  | meaning                                                                     |
 * |-----------|-----------------------------------------------------------------------------|
 * | `error`   | something does not work, or goes unnoticed                                  |
 * | `warning` | it works, but will fail in an emergency or is allowed more than it needs    |
 * | `note`    | for information; it does not change the exit code                           |
 */
type Severity = 'error' | 'warning' | 'note';

/** Why a check does not apply, in a few words. */
export class Skip {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

export interface CheckResult {
  readonly check: string;
  readonly title: string;
  readonly findings: readonly Finding[];
  /** Why there was nothing to check. */
  readonly skipped: string | null;
  /** Why the check could not run. */
  readonly failure: string | null;
}

export type RunCheck = (context: CheckContext) => Promise<CheckResult>;

/** Throws only after an interruption: a check that cannot run hides no other. */
export const runnable =
  <Facts>({ name, title, read, evaluate }: Check<Facts>): RunCheck =>
  async (context) => {
    const result = { check: name, title, findings: [], skipped: null, failure: null };
    try {
      const facts = await read(context);
      if (facts instanceof Skip) return { ...result, skipped: facts.reason };
      return { ...result, findings: evaluate(facts) };
    } catch (error) {
      context.interrupted.throwIfAborted();
      const { code, message } = failureOf(error);
      // What to do about it is said once, below all checks.
      return { ...result, failure: code === 'notSignedIn' ? 'not signed in to Azure' : message };
    }
  };
