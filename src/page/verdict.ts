import type { Problem, StatusDocument } from '../status/schema.ts';
import { mayPass } from './fetch-problem.ts';
import { pluralize } from './format.ts';
import { problemLabel, type SectionId } from './labels.ts';
import type { Failure, View } from './poller.ts';

/** Problems with the same code. */
export interface ProblemGroup {
  readonly code: string;
  readonly title: string;
  readonly kind: 'wrong' | 'unknown';
  readonly section: SectionId | undefined;
  readonly problems: readonly Problem[];
  /** Start of the oldest problem; `null` where nobody knows. */
  readonly since: string | null;
}

export interface Verdict {
  readonly kind: 'good' | 'problems' | 'unknown' | 'empty';
  /** One line, which does not change as long as the verdict does not. */
  readonly headline: string;
  /** Groups of what is wrong come before groups of what is unknown. */
  readonly groups: readonly ProblemGroup[];
}

/**
 * | problems                  | verdict    | headline                      |
 * |---------------------------|------------|-------------------------------|
 * | none, nothing configured  | `empty`    | Nothing configured yet        |
 * | none                      | `good`     | All good                      |
 * | some wrong                | `problems` | 2 problems                    |
 * | some wrong, some unknown  | `problems` | 2 problems, 1 blind spot      |
 * | some unknown              | `unknown`  | Status unknown: 1 blind spot  |
 */
export function verdictOf(status: StatusDocument): Verdict {
  const groups = groupByCode(status.problems);
  const count = (kind: ProblemGroup['kind']) =>
    groups.reduce((total, group) => total + (group.kind === kind ? group.problems.length : 0), 0);
  const [wrong, unknown] = [count('wrong'), count('unknown')];
  const blindSpots = pluralize(unknown, 'blind spot');
  if (wrong > 0) {
    const problems = pluralize(wrong, 'problem');
    return { kind: 'problems', headline: unknown === 0 ? problems : `${problems}, ${blindSpots}`, groups };
  }
  if (unknown > 0) return { kind: 'unknown', headline: `Status unknown: ${blindSpots}`, groups };
  return isEmpty(status)
    ? { kind: 'empty', headline: 'Nothing configured yet', groups }
    : { kind: 'good', headline: 'All good', groups };
}

const isEmpty = ({ dns, registries }: StatusDocument): boolean =>
  dns.spokes.length === 0 && registries.length === 0;

function groupByCode(problems: readonly Problem[]): ProblemGroup[] {
  const codes = [...new Set(problems.map(({ code }) => code))];
  const groups = codes.map((code): ProblemGroup => {
    const found = problems.filter((problem) => problem.code === code);
    const { one, many, kind, section } = problemLabel(code);
    const title = found.length === 1 ? one : pluralize(found.length, one, many);
    const since = found.flatMap((problem) => problem.since ?? []).sort()[0] ?? null;
    return { code, title, kind, section, problems: found, since };
  });
  return groups.sort((a, b) => Number(a.kind === 'unknown') - Number(b.kind === 'unknown'));
}

/** The verdict that the page may show now. */
export interface CurrentVerdict extends Verdict {
  /** Why there is no newer data. */
  readonly failure: Failure | undefined;
  /** Time of the next request, by the page's clock. */
  readonly nextAtMs: number | undefined;
  /** The last verdict, where it does not stand as the current one: everything on the page is from then. */
  readonly previous: { readonly headline: string; readonly receivedAtMs: number } | undefined;
}

/** Older data says nothing about now, whatever the reason that there is none newer. */
export const staleAfterMs = 30_000;

/**
 * | data         | last request                       | verdict               |
 * |--------------|------------------------------------|-----------------------|
 * | none         | under way                          | Asking the app…       |
 * | any          | failed, and not only once          | unknown, with why     |
 * | any          | failed for good, or asked by hand  | unknown, with why     |
 * | young        | fine, or failed this once          | that of the data      |
 * | old          | under way                          | Asking the app again… |
 * | old          | none, because the page is paused   | unknown: paused       |
 * | old          | none, because nobody looks         | unknown: not in view  |
 */
export function currentVerdict(view: View, nowMs: number): CurrentVerdict {
  const { status, receivedAtMs, nextAtMs } = view;
  const hasData = status !== undefined && receivedAtMs !== undefined;
  const isOld = !hasData || nowMs - receivedAtMs >= staleAfterMs;
  const failure =
    view.failure !== undefined && (isOld || !isPassing(view.failure)) ? view.failure : undefined;
  const last: Verdict = hasData ? verdictOf(status) : { kind: 'unknown', headline: '', groups: [] };
  if (failure === undefined && !isOld) return { ...last, failure, nextAtMs, previous: undefined };
  return {
    ...last,
    kind: 'unknown',
    headline: unknownHeadline(view, failure),
    failure,
    nextAtMs,
    previous: hasData ? { headline: last.headline, receivedAtMs } : undefined,
  };
}

/** A single failure of the kind that passes by itself, which nobody waits for. */
const isPassing = ({ problem, count, isByHand }: Failure): boolean =>
  count === 1 && !isByHand && mayPass(problem);

function unknownHeadline({ status, isPaused, isFetching }: View, failure: Failure | undefined): string {
  if (failure !== undefined) return `Status unknown: ${failure.problem.headline}`;
  if (status === undefined) return 'Asking the app…';
  if (isPaused) return 'Status unknown: the page is paused';
  return isFetching ? 'Asking the app again…' : 'Status unknown: the page was not in view';
}
