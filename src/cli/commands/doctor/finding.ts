/**
 * | severity  | means                                                          |
 * |-----------|----------------------------------------------------------------|
 * | `error`   | something is blind, or does not work                           |
 * | `warning` | it works, and will not when it matters, or may more than it should |
 * | `note`    | to know; no reason for another exit code                       |
 */
type Severity = 'error' | 'warning' | 'note';

export interface Finding {
  readonly severity: Severity;
  readonly what: string;
  /** Why it matters. */
  readonly why: string;
  /** A command, or a line of a template. */
  readonly fix: string;
}
