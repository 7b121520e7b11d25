import type { Preview } from '../../../dns/dry-run.ts';
import type { BlockedRecordSet, Change } from '../../../dns/plan.ts';
import { fullName, type RecordSetContent, recordSetId } from '../../../dns/record-set.ts';
import { unchangedRecordSets } from './untouched.ts';

/** A plan for programs. */
export const planDocument = (plan: Preview) => ({
  containerGroup: plan.input.groupKey,
  live: plan.live,
  changes: plan.changes.map(changeDocument),
  leftAlone: unchangedRecordSets(plan).map(({ recordSet, isBlocked, why }) => ({
    ...placeOf(recordSet.key),
    ...contentOf(recordSet),
    isBlocked,
    why,
  })),
  uncoveredAddress: plan.uncoveredAddress ?? null,
});

export function changeDocument(change: Change) {
  const key = change.action === 'create' ? change.key : change.from.key;
  return {
    action: change.action,
    ...placeOf(key),
    before: change.action === 'create' ? null : contentOf(change.from),
    after: change.action === 'delete' ? null : contentOf(change.to),
  };
}

const placeOf = (key: BlockedRecordSet['recordSet']['key']) => ({
  type: key.type,
  name: fullName(key),
  recordSet: recordSetId(key),
});

const contentOf = ({ values, ttlSeconds, metadata }: RecordSetContent) => ({ values, ttlSeconds, metadata });
