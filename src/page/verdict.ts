import type { Problem, StatusDocument } from '../status/schema.ts';
import { pluralize, problemLabel, type SectionId } from './labels.ts';
import type { Failure, View } from './poller.ts';

export interface ProblemGroup {
  readonly code: string;
  readonly title: string;
  readonly kind: 'wrong' | 'unseen';
  readonly section: SectionId | undefined;
  readonly problems: readonly Problem[];
  /** The oldest; `null` where no time is known. */
  readonly since: string | null;
}

export interface Verdict {
  readonly kind: 'even' | 'uneven' | 'unseen' | 'empty';
  /** One sentence, which does not change as long as the verdict does not. */
  readonly headline: string;
  /** What is wrong before what cannot be seen. */
  readonly groups: readonly ProblemGroup[];
}

/** Nobody has said what to look after. */
const isEmpty = ({ dns, registries }: StatusDocument): boolean =>
  dns.spokes.length === 0 && registries.length === 0;

/**
 * | problems                  | verdict  | headline                                              |
 * |---------------------------|----------|-------------------------------------------------------|
 * | none, nothing configured  | `empty`  | Nothing to look after yet                             |
 * | none                      | `even`   | Everything is even                                    |
 * | some wrong                | `uneven` | Not even: 2 problems                                  |
 * | some wrong, some unseen   | `uneven` | Not even: 2 problems, and 1 thing that cannot be seen |
 * | some unseen               | `unseen` | Not known: 1 thing cannot be seen                     |
 */
export function verdictOf(status: StatusDocument): Verdict {
  const groups = groupsOf(status.problems);
  const sum = (kind: ProblemGroup['kind']) =>
    groups.reduce((total, group) => total + (group.kind === kind ? group.problems.length : 0), 0);
  const [wrong, unseen] = [sum('wrong'), sum('unseen')];
  if (wrong > 0) {
    const more = unseen === 0 ? '' : `, and ${pluralize(unseen, 'thing')} that cannot be seen`;
    return { kind: 'uneven', headline: `Not even: ${pluralize(wrong, 'problem')}${more}`, groups };
  }
  if (unseen > 0) {
    return { kind: 'unseen', headline: `Not known: ${pluralize(unseen, 'thing')} cannot be seen`, groups };
  }
  return isEmpty(status)
    ? { kind: 'empty', headline: 'Nothing to look after yet', groups }
    : { kind: 'even', headline: 'Everything is even', groups };
}

function groupsOf(problems: readonly Problem[]): ProblemGroup[] {
  const groups = [...Map.groupBy(problems, ({ code }) => code)].map(([code, found]): ProblemGroup => {
    const { one, many, kind, section } = problemLabel(code);
    const title = found.length === 1 ? one : `${found.length.toLocaleString('en')} ${many}`;
    const since = found.flatMap((problem) => problem.since ?? []).sort()[0] ?? null;
    return { code, title, kind, section, problems: found, since };
  });
  return groups.sort((a, b) => Number(a.kind === 'unseen') - Number(b.kind === 'unseen'));
}

/** The verdict as the page may state it now. */
export interface CurrentVerdict extends Verdict {
  /** Why there is no newer data. */
  readonly failure: Failure | undefined;
  /** When the app is asked again, by the page's clock. */
  readonly nextAtMs: number | undefined;
  /** What the last answer said, where it is too old to be stated as it is. */
  readonly before: { readonly headline: string; readonly receivedAtMs: number } | undefined;
}

/** What is older than this is history as soon as the app has stopped answering. */
export const staleAfterMs = 30_000;

/** One failed refresh changes nothing; data that grows old because the app does not answer says nothing of now. */
export function currentVerdict(
  { status, receivedAtMs, failure, nextAtMs }: View,
  nowMs: number,
): CurrentVerdict {
  const about = { failure, nextAtMs, before: undefined };
  if (status === undefined || receivedAtMs === undefined) {
    const headline = failure === undefined ? 'Asking the app' : 'Not known: the app does not answer';
    return { kind: 'unseen', headline, groups: [], ...about };
  }
  const verdict = verdictOf(status);
  if (failure === undefined || nowMs - receivedAtMs < staleAfterMs) return { ...verdict, ...about };
  const before = { headline: verdict.headline, receivedAtMs };
  return { ...verdict, kind: 'unseen', headline: 'Not known: the app does not answer', ...about, before };
}
