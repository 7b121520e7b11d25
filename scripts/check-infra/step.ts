/** What a check has found. */
export type Result =
  | { readonly kind: 'passed'; readonly detail: string }
  | { readonly kind: 'failed'; readonly findings: readonly string[] }
  /** The tool is not on this machine, and could not be brought. */
  | { readonly kind: 'leftOut'; readonly why: string };

/** One tool over the files that it knows. */
export interface Step {
  readonly name: string;
  readonly run: () => Promise<Result>;
}

/** Passed where there is nothing to say, and failed otherwise. */
export const resultOf = (findings: readonly string[], detail: string): Result =>
  findings.length === 0 ? { kind: 'passed', detail } : { kind: 'failed', findings };
