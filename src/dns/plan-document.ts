import { describeError } from '../lib/errors.ts';
import { type Change, keyOf } from './change.ts';
import type { DryRun } from './dry-run.ts';
import { fullName, type RecordSetContent, type RecordSetKey, recordSetId } from './record-set.ts';
import { unchangedRecordSets } from './unchanged-record-sets.ts';

/**
 * A plan for programs.
 * @param why the words for a place that could not be read.
 */
export const planDocument = (plan: DryRun, why: (error: unknown) => string = describeError) => ({
  containerGroup: plan.input.groupKey,
  live: liveDocument(plan.live),
  changes: plan.changes.map(changeDocument),
  leftAlone: unchangedRecordSets(plan).map(({ recordSet, isBlocked, reason }) => ({
    ...locationDocument(recordSet.key),
    ...contentDocument(recordSet),
    isObstacle: isBlocked,
    why: reason,
  })),
  unread: plan.unread.map(({ key, error }) => ({ ...locationDocument(key), why: why(error) })),
  uncoveredAddress: plan.uncoveredAddress ?? null,
});

/** Tags may say anything, and nothing here depends on most of them. */
function liveDocument({ tags: _, ...live }: DryRun['live']) {
  return live;
}

export function changeDocument(change: Change) {
  return {
    action: change.action,
    ...locationDocument(keyOf(change)),
    before: change.action === 'create' ? null : contentDocument(change.from),
    after: change.action === 'delete' ? null : contentDocument(change.to),
  };
}

const locationDocument = (key: RecordSetKey) => ({
  type: key.type,
  name: fullName(key),
  recordSet: recordSetId(key),
});

const contentDocument = ({ values, ttlSeconds, metadata }: RecordSetContent) => ({
  values,
  ttlSeconds,
  metadata,
});

/** Whether there is neither such a container group nor a record set of its name. */
export const isNothing = (plan: DryRun): boolean =>
  plan.live.kind === 'unaddressed' &&
  plan.live.reason === 'gone' &&
  plan.changes.length === 0 &&
  plan.unread.length === 0 &&
  unchangedRecordSets(plan).length === 0;

/**
 * What a plan comes to, the first that holds:
 *
 * | verdict       | when                                                                       |
 * |---------------|----------------------------------------------------------------------------|
 * | `changes`     | changes would be made                                                      |
 * | `unread`      | nothing to do as far as could be read                                      |
 * | `nothing`     | there is neither such a container group nor a record set of its name       |
 * | `blocked`     | a record set is in the way, or the name of the group is no DNS label       |
 * | `nothingToDo` | the records are correct                                                    |
 */
export function planVerdict(plan: DryRun): 'changes' | 'unread' | 'nothing' | 'blocked' | 'nothingToDo' {
  if (plan.changes.length > 0) return 'changes';
  if (plan.unread.length > 0) return 'unread';
  if (isNothing(plan)) return 'nothing';
  return plan.blocked.length > 0 || plan.unusableName !== undefined ? 'blocked' : 'nothingToDo';
}
