import type { Finding } from './finding.ts';
import type { CheckContext } from './visit.ts';

/** One thing to look at: what is read, and what it means. */
export interface Check<Facts> {
  /** For programs. */
  readonly name: string;
  readonly title: string;
  /** @returns `Skip` where there is nothing to look at. Errors mean that it could not be looked at. */
  readonly read: (visit: CheckContext) => Promise<Facts | Skip>;
  readonly judge: (facts: Facts) => readonly Finding[];
}

/** Why a check does not apply, in a few words. */
export class Skip {
  readonly because: string;
  constructor(because: string) {
    this.because = because;
  }
}

export interface CheckResult {
  readonly check: string;
  readonly title: string;
  readonly findings: readonly Finding[];
  /** Why there was nothing to look at. */
  readonly skipped: string | null;
  /** Why it could not be looked at. */
  readonly failure: string | null;
}

export type RunCheck = (visit: CheckContext) => Promise<CheckResult>;

/** Never throws but when the visit is over: one check that cannot be made hides no other. */
export const runnable =
  <Facts>({ name, title, read, judge }: Check<Facts>): RunCheck =>
  async (visit) => {
    const result = { check: name, title, findings: [], skipped: null, failure: null };
    try {
      const facts = await read(visit);
      if (facts instanceof Skip) return { ...result, skipped: facts.because };
      return { ...result, findings: judge(facts) };
    } catch (error) {
      visit.interrupted.throwIfAborted();
      return { ...result, failure: error instanceof Error ? error.message : String(error) };
    }
  };
