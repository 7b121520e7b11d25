import type * as v from 'valibot';

interface IssueStyle {
  /** Names the place of an issue, by the keys that lead to it. */
  readonly where: (keys: readonly unknown[]) => string;
  /** Hidden values are told by their kind only: what strangers send may be personal data. */
  readonly values: 'shown' | 'hidden';
}

/** Says of each issue that a schema found where it is, what was found and what was expected, in one sentence. */
export const describeIssues = (
  issues: readonly v.BaseIssue<unknown>[],
  { where, values }: IssueStyle,
): string =>
  issues
    .map((issue) => `${where((issue.path ?? []).map(({ key }) => key))}: ${problemOf(issue, values)}`)
    .join('; ');

/** `target.tag`, as most people write paths; `root` names the whole. */
export const dotPath =
  (root: string) =>
  (keys: readonly unknown[]): string =>
    keys.length === 0 ? root : keys.join('.');

function problemOf(issue: v.BaseIssue<unknown>, values: IssueStyle['values']): string {
  const isShown = values === 'shown';
  // A schema's own sentence says more than the library's; checks carry one, types do not.
  if (issue.kind !== 'schema') return isShown ? `found ${issue.received}, ${issue.message}` : issue.message;
  if (issue.expected === 'never') return 'is not a known key; remove it or correct its spelling';
  // A missing key is expected by its name, which tells nobody what to write.
  if (issue.input === undefined) return 'expected a value, found nothing';
  return `expected ${issue.expected ?? 'another value'}, found ${isShown ? issue.received : kindOf(issue.input)}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === '') return 'an empty string';
  return Array.isArray(value) ? 'array' : typeof value;
}
