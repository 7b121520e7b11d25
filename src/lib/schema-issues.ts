import type * as v from 'valibot';

interface IssueStyle {
  /** Names the place of an issue from the keys that lead to it. */
  readonly where: (keys: readonly unknown[]) => string;
  /** Only the kind of a hidden value is named: what strangers send may be personal data. */
  readonly values: 'shown' | 'hidden';
}

/** Describes the issues that a schema found: for each, its place, what was found and what was expected. */
export const describeIssues = (
  issues: readonly v.BaseIssue<unknown>[],
  { where, values }: IssueStyle,
): string =>
  issues
    .map((issue) => `${where((issue.path ?? []).map(({ key }) => key))}: ${problemOf(issue, values)}`)
    .join('; ');

/** A path such as `target.tag`; `root` names the whole value. */
export const dotPath =
  (root: string) =>
  (keys: readonly unknown[]): string =>
    keys.length === 0 ? root : keys.join('.');

function problemOf(issue: v.BaseIssue<unknown>, values: IssueStyle['values']): string {
  const isShown = values === 'shown';
  // A check has a message of its own, which says more than the library's; a type has none.
  if (issue.kind !== 'schema') return isShown ? `found ${issue.received}, ${issue.message}` : issue.message;
  if (issue.expected === 'never') {
    const unknown = isShown ? 'found an unknown key, expected a known one' : 'is not a known key';
    return `${unknown}; remove it or correct its spelling`;
  }
  // For a missing key, the library expects the key's name, which helps nobody.
  if (issue.input === undefined) return 'expected a value, found nothing';
  return `expected ${issue.expected ?? 'another value'}, found ${isShown ? issue.received : kindOf(issue.input)}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === '') return 'an empty string';
  return Array.isArray(value) ? 'array' : typeof value;
}
