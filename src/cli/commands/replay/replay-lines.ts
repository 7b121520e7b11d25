import Table from 'cli-table3';
import type { Palette } from '../../output/colors.ts';
import { shortGroup } from '../../output/short-names.ts';
import { borderless, tableLines } from '../../output/table.ts';
import { type Selection, type State, stateOf } from './due.ts';
import type { FailedDelivery } from './failed-delivery.ts';

/** As many as tell what a group is about. */
const shownSubjects = 3;

/** What was missed, grouped by who missed it and why. */
export function deliveryLines(all: readonly FailedDelivery[], selection: Selection, pc: Palette): string[] {
  if (all.length === 0) return [];
  const groups = Map.groupBy(all, (missed) =>
    JSON.stringify([missed.functionName, missed.reason, missed.detail, stateOf(missed, selection)]),
  );
  const head = ['missed by', 'reason', 'last outcome', 'state', 'count', 'oldest', 'newest', 'about'];
  const table = new Table({ ...borderless, head: head.map((title) => pc.bold(title)) });
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const times = group.map(({ failedAt: missedAt }) => missedAt.toISOString().replace(/\.\d+/, '')).sort();
    table.push([
      first.functionName ?? 'nobody known',
      first.reason,
      first.detail,
      painted(stateOf(first, selection), pc),
      String(group.length),
      times[0] ?? '',
      times.at(-1) ?? '',
      aboutOf(group),
    ]);
  }
  return tableLines(table);
}

const painted = (state: State, pc: Palette): string =>
  state === 'waiting' ? pc.yellow(state) : pc.dim(state);

function aboutOf(group: readonly FailedDelivery[]): string {
  const subjects = [...new Set(group.flatMap((missed) => missed.subjects.map(shortGroup)))];
  const more = subjects.length - shownSubjects;
  return `${subjects.slice(0, shownSubjects).join(', ')}${more > 0 ? `, … ${more} more` : ''}`;
}
