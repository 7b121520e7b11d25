import type { ContainerGroupId } from '../container-group.ts';
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
 * | no           | a group that no entry covers       | any                 | `unmapped`                     |
 * | no           | a group that is gone or needs none | any                 | `orphan`                       |
 * | no, A        | a live group                       | any                 | `misplaced`                    |
 * | no, PTR of its address | a live group             | any                 | `misplaced`                    |
 * | no, any other PTR      | a live group             | any                 | `stalePtr`                     |
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
  if (desired !== undefined) return compareDesired(set, desired, foreignRecords);

  const address = set.key.type === 'PTR' ? addressOf(fullName(set.key)) : undefined;
  const found = (finding: FindingKind, group: ContainerGroupId, liveAddress: string | null): Finding => ({
    finding,
    group,
    recordSet: recordSetId(set.key),
    address,
    liveAddress,
    recordAddress: set.key.type === 'A' ? set.values.join(',') || null : (address ?? null),
    isRefused: false,
  });
  // No group has the empty key, so every owner is read as another group.
  const ownership = ownershipOf(set, '');
  if (ownership.kind === 'other') {
    const { owner } = ownership;
    if (!inventory.isMapped(owner)) return found('unmapped', owner, null);
    const group = inventory.groups.get(owner.key);
    if (group === undefined && !inventory.isListed(owner)) return undefined;
    if (group !== undefined && group.address === undefined) return undefined;
    const liveAddress = group?.address ?? null;
    if (liveAddress === null) return found('orphan', owner, null);
    const isElsewhere = set.key.type === 'A' || address === liveAddress;
    return found(isElsewhere ? 'misplaced' : 'stalePtr', owner, liveAddress);
  }
  if (set.key.type === 'A' || foreignRecords === 'refuse') return undefined;
  const named = set.values
    .map((value) => inventory.byHostName.get(normalizedName(value)))
    .find((group) => group);
  return named && found('stalePtr', named.id, named.address ?? null);
}

function compareDesired(
  set: ObservedRecordSet,
  { value, others, group }: InventoryRecordSet,
  foreignRecords: ForeignRecords,
): Finding | undefined {
  const { key, values } = set;
  const [only, ...more] = values.map(normalizedName);
  const isRight = only !== undefined && more.length === 0 && (only === value || others.includes(only));
  if (isRight) return undefined;
  const forForeign = key.type === 'A' && group.isNameFromTag ? 'refuse' : foreignRecords;
  return {
    finding: key.type === 'A' ? 'addressDiffers' : 'ptrDiffers',
    group: group.id,
    recordSet: recordSetId(key),
    address: undefined,
    liveAddress: group.address ?? null,
    recordAddress: values.join(',') || null,
    // No group has the empty key, so a set without a mark is the only foreign one.
    isRefused: forForeign === 'refuse' && ownershipOf(set, '').kind === 'foreign',
  };
}

/** The desired record sets of a zone that was read to its end which were not seen there. */
export function* missingRecordSets(
  desired: ReadonlyMap<string, InventoryRecordSet>,
  seen: ReadonlySet<string>,
): Generator<Finding> {
  for (const [name, { key, group }] of desired) {
    if (seen.has(name)) continue;
    yield {
      finding: key.type === 'A' ? 'aMissing' : 'ptrMissing',
      group: group.id,
      recordSet: recordSetId(key),
      address: undefined,
      liveAddress: group.address ?? null,
      recordAddress: null,
      isRefused: false,
    };
  }
}

/** Whether the reconciler may take something away because of it. */
export const mayRemove = ({ finding }: Finding): boolean =>
  finding === 'orphan' || finding === 'stalePtr' || finding === 'misplaced';

/**
 * Puts the findings of one kind and group together, so that a group is reconciled once for all its stale PTRs, and
 * splits them where there are more addresses than one event may name. What the sweep before found too keeps its
 * `since`. A group whose A record set is refused gets no PTR either.
 */
export function mergeFindings(
  findings: readonly Finding[],
  startedAt: string,
  before: readonly ReportedFinding[],
): ReportedFinding[] {
  const sinceOf = new Map(before.map((known) => [identity(known), known.since]));
  const refused = new Set(findings.filter(isRefusedAtA).map(({ group }) => group.key));
  const together = Map.groupBy(findings, ({ finding, group }) => `${finding} ${group.key}`);
  return [...together.values()].flatMap(splitByHints).flatMap((part) => {
    const [first] = part;
    if (first === undefined) return [];
    const merged = {
      finding: first.finding,
      containerGroup: first.group.key,
      recordSets: part.map(({ recordSet }) => recordSet),
      addresses: part.flatMap(({ address }) => address ?? []),
      liveAddress: first.liveAddress,
      recordAddress: first.recordAddress,
      isRefused: first.isRefused || refused.has(first.group.key),
    };
    return [{ ...merged, since: sinceOf.get(identity(merged)) ?? startedAt }];
  });
}

const isRefusedAtA = ({ finding, isRefused }: Finding): boolean => isRefused && finding === 'addressDiffers';

function splitByHints(findings: readonly Finding[]): (readonly Finding[])[] {
  // Sorted, so that the same findings are told apart the same way at every sweep.
  const sorted = findings.toSorted((a, b) => (a.recordSet < b.recordSet ? -1 : 1));
  const parts = Math.ceil(sorted.length / maxHints);
  return Array.from({ length: parts }, (_, part) => sorted.slice(part * maxHints, (part + 1) * maxHints));
}

type Identity = Pick<ReportedFinding, 'finding' | 'containerGroup' | 'recordSets'>;

const identity = ({ finding, containerGroup, recordSets }: Identity): string =>
  JSON.stringify([finding, containerGroup, recordSets]);
