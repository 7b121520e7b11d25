import type { Change } from './plan.ts';

/**
 * How far evenkeel may go: the setting `DNS_POLICY`, and `policy` of a spoke.
 *
 * | policy        | creates, updates | deletes, takes names out of a PTR set | writes at all |
 * |---------------|------------------|---------------------------------------|---------------|
 * | `sync`        | yes              | yes                                   | yes           |
 * | `upsert-only` | yes              | no                                    | yes           |
 * | `observe`     | no               | no                                    | no: the plan of `sync` is logged |
 */
export const dnsPolicies = ['sync', 'upsert-only', 'observe'] as const;

export type DnsPolicy = (typeof dnsPolicies)[number];

/** The changes that the policy allows, in their order. `observe` allows none of what the plan says to be written. */
export const allowedChanges = (changes: readonly Change[], policy: DnsPolicy): readonly Change[] =>
  policy === 'upsert-only' ? changes.filter((change) => !takesAway(change)) : changes;

/** Whether a record set, or a name of a PTR record set, is gone afterwards. */
function takesAway(change: Change): boolean {
  if (change.action === 'create') return false;
  if (change.action === 'delete') return true;
  return (
    change.from.key.type === 'PTR' && !change.from.values.every((value) => change.to.values.includes(value))
  );
}
