import { addressOf, normalizedName } from '../names.ts';
import { ownershipOf } from '../ownership.ts';
import type { ForeignRecords } from '../plan.ts';
import { fullName, type ObservedRecordSet, recordSetId } from '../record-set.ts';
import { maxHints } from '../signals.ts';
import type { Inventory, InventoryRecordSet } from './inventory.ts';
import type { Finding, FindingKind, ReportedFinding } from './report.ts';

/**
 * What is wrong with a record set; `undefined` when nothing is.
 *
 * | desired here | owner by its metadata              | values              | finding                        |
 * |--------------|------------------------------------|---------------------|--------------------------------|
 * | yes          | any                                | the desired one     | none                           |
 * | yes          | any but the platform               | any others          | `addressDiffers`, `ptrDiffers` |
 * | no           | a group that is gone or needs none | any                 | `orphan`                       |
 * | no, A        | a live group                       | any                 | `orphan`: its records are elsewhere |
 * | no, PTR      | a live group                       | any                 | `stalePtr`                     |
 * | no, PTR      | none, under `overwrite`            | a live group's name | `stalePtr`                     |
 * | no           | unknown, not listed, the platform  | any                 | none                           |
 */
export function compareRecordSet(
  set: ObservedRecordSet,
  desired: InventoryRecordSet | undefined,
  inventory: Inventory,
  foreignRecords: ForeignRecords,
): Finding | undefined {
  if (set.isAutoRegistered) return undefined;
  if (desired !== undefined) return compareDesired(set, desired);

  const recordSet = recordSetId(set.key);
  const address = set.key.type === 'PTR' ? addressOf(fullName(set.key)) : undefined;
  // No group has the empty key, so every owner is read as another group.
  const ownership = ownershipOf(set, '');
  if (ownership.kind === 'other') {
    const { owner } = ownership;
    const group = inventory.groups.get(owner.key);
    if (group === undefined && !inventory.isListed(owner)) return undefined;
    if (group !== undefined && group.address === undefined) return undefined;
    const isLive = typeof group?.address === 'string';
    const finding: FindingKind = isLive && set.key.type === 'PTR' ? 'stalePtr' : 'orphan';
    return { finding, group: owner, recordSet, address };
  }
  if (set.key.type === 'A' || foreignRecords === 'refuse') return undefined;
  const named = set.values
    .map((value) => inventory.byHostName.get(normalizedName(value)))
    .find((group) => group);
  return named && { finding: 'stalePtr', group: named.id, recordSet, address };
}

function compareDesired(
  { key, values }: ObservedRecordSet,
  { value, others, group }: InventoryRecordSet,
): Finding | undefined {
  const [only, ...more] = values.map(normalizedName);
  const isRight = only !== undefined && more.length === 0 && (only === value || others.includes(only));
  if (isRight) return undefined;
  const finding: FindingKind = key.type === 'A' ? 'addressDiffers' : 'ptrDiffers';
  return { finding, group: group.id, recordSet: recordSetId(key), address: undefined };
}

/** The desired record sets of a zone that was read to its end which were not seen there. */
export function* missingRecordSets(
  desired: ReadonlyMap<string, InventoryRecordSet>,
  seen: ReadonlySet<string>,
): Generator<Finding> {
  for (const [name, { key, group }] of desired) {
    if (seen.has(name)) continue;
    const finding: FindingKind = key.type === 'A' ? 'aMissing' : 'ptrMissing';
    yield { finding, group: group.id, recordSet: recordSetId(key), address: undefined };
  }
}

/** Whether the reconciler may take something away because of it. */
export const mayRemove = ({ finding }: Finding): boolean => finding === 'orphan' || finding === 'stalePtr';

/**
 * Puts the findings of one kind and group together, so that a group is reconciled once for all its stale PTRs, and
 * splits them where there are more addresses than one event may name. What the sweep before found too keeps its
 * `since`.
 */
export function mergeFindings(
  findings: readonly Finding[],
  startedAt: string,
  before: readonly ReportedFinding[],
): ReportedFinding[] {
  const sinceOf = new Map(before.map((known) => [identity(known), known.since]));
  const together = Map.groupBy(findings, ({ finding, group }) => `${finding} ${group.key}`);
  return [...together.values()].flatMap(splitByHints).flatMap((part) => {
    const [first] = part;
    if (first === undefined) return [];
    const merged = {
      finding: first.finding,
      containerGroup: first.group.key,
      recordSets: part.map(({ recordSet }) => recordSet),
      addresses: part.flatMap(({ address }) => address ?? []),
    };
    return [{ ...merged, since: sinceOf.get(identity(merged)) ?? startedAt }];
  });
}

function splitByHints(findings: readonly Finding[]): (readonly Finding[])[] {
  // Sorted, so that the same findings are told apart the same way at every sweep.
  const sorted = findings.toSorted((a, b) => (a.recordSet < b.recordSet ? -1 : 1));
  const parts = Math.ceil(sorted.length / maxHints);
  return Array.from({ length: parts }, (_, part) => sorted.slice(part * maxHints, (part + 1) * maxHints));
}

const identity = ({ finding, containerGroup, recordSets }: Omit<ReportedFinding, 'since'>): string =>
  JSON.stringify([finding, containerGroup, recordSets]);
