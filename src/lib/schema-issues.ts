import * as v from 'valibot';

/** Says where an event is not what it should be. It names no value: that may be personal data. */
export const describeMalformed = (issues: readonly v.BaseIssue<unknown>[], root: string): string =>
  issues
    .map((issue) => {
      const path = v.getDotPath(issue) ?? root;
      // A check of ours has its own sentence; a missing key is expected by its name, which tells nobody what to write.
      if (issue.kind === 'validation') return `${path}: ${issue.message}`;
      const expected = issue.input === undefined ? 'a value' : (issue.expected ?? 'another value');
      return `${path}: expected ${expected}, found ${foundKind(issue.input)}`;
    })
    .join('; ');

function foundKind(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (value === '') return 'an empty string';
  return Array.isArray(value) ? 'array' : typeof value;
}
