import { normalizedName } from './names.ts';
import type { DnsPolicy } from './policy.ts';
import { fullName, type ObservedRecordSet, type RecordSetContent, type RecordSetKey } from './record-set.ts';

/** One conditional write of a record set: a creation, or a change of what was observed. */
export type Change =
  | { readonly action: 'create'; readonly key: RecordSetKey; readonly to: RecordSetContent }
  | { readonly action: 'update'; readonly from: ObservedRecordSet; readonly to: RecordSetContent }
  | { readonly action: 'delete'; readonly from: ObservedRecordSet };

export const keyOf = (change: Change): RecordSetKey =>
  change.action === 'create' ? change.key : change.from.key;

/** `update A web.spoke-a.internal.contoso.com 10.1.0.4 -> 10.1.0.7`, for people and logs. */
export function describeChange(change: Change): string {
  const key = keyOf(change);
  const name = `${change.action} ${key.type} ${fullName(key)}`;
  const values = (content: RecordSetContent) => content.values.join(' ') || '(empty)';
  switch (change.action) {
    case 'create':
      return `${name} ${values(change.to)}`;
    case 'update':
      return values(change.from) === values(change.to)
        ? `${name} ${values(change.to)} (metadata only)`
        : `${name} ${values(change.from)} -> ${values(change.to)}`;
    case 'delete':
      return `${name} ${values(change.from)}`;
  }
}

/** The changes that the policy allows, in their order. `observe` allows none of what the plan says to be written. */
export const allowedChanges = (changes: readonly Change[], policy: DnsPolicy): readonly Change[] =>
  policy === 'upsert-only' ? changes.filter((change) => !takesAway(change)) : changes;

/** Whether a record set, or a name of a PTR record set, is gone afterwards. */
function takesAway(change: Change): boolean {
  if (change.action === 'create') return false;
  if (change.action === 'delete') return true;
  const kept = new Set(change.to.values.map(normalizedName));
  return (
    change.from.key.type === 'PTR' && !change.from.values.every((value) => kept.has(normalizedName(value)))
  );
}
