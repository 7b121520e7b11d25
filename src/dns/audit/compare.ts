import { normalizedName } from '../names.ts';
import { ownershipOf } from '../ownership.ts';
import type { ForeignRecords } from '../plan.ts';
import { fullName, type ObservedRecordSet, recordSetId } from '../record-set.ts';
import { addressOf } from '../reverse-name.ts';
import type { Finding, FindingKind } from './finding.ts';
import type { Census, Expectation } from './inventory.ts';

/**
 * What is wrong with a record set, if anything.
 *
 * | the census expects one here | owner by its mark                  | it says           | finding                        |
 * |-----------------------------|------------------------------------|-------------------|--------------------------------|
 * | yes                         | any                                | what is expected  | none                           |
 * | yes                         | any but the platform               | anything else     | `addressDiffers`, `ptrDiffers` |
 * | no                          | a group that is gone or needs none | anything          | `orphan`                       |
 * | no, A                       | a live group                       | anything          | `orphan`: its records are elsewhere |
 * | no, PTR                     | a live group                       | anything          | `stalePtr`                     |
 * | no, PTR                     | none, under `overwrite`            | a live group's name | `stalePtr`                   |
 * | no                          | unknown, not counted, the platform | anything          | none                           |
 */
export function judgeRecordSet(
  set: ObservedRecordSet,
  expectation: Expectation | undefined,
  census: Census,
  foreignRecords: ForeignRecords,
): Finding | undefined {
  if (set.isAutoRegistered) return undefined;
  if (expectation !== undefined) return judgeExpected(set, expectation);

  const recordSet = recordSetId(set.key);
  const address = set.key.type === 'PTR' ? addressOf(fullName(set.key)) : undefined;
  // No group's own name compares equal to the empty key, so every mark is read as another's.
  const ownership = ownershipOf(set, '');
  if (ownership.kind === 'other') {
    const { owner } = ownership;
    const group = census.groups.get(owner.key);
    if (group === undefined && !census.isCounted(owner)) return undefined;
    if (group !== undefined && group.address === undefined) return undefined;
    const isLive = typeof group?.address === 'string';
    const finding: FindingKind = isLive && set.key.type === 'PTR' ? 'stalePtr' : 'orphan';
    return { finding, group: owner, recordSet, address };
  }
  if (set.key.type === 'A' || foreignRecords === 'refuse') return undefined;
  const named = set.values
    .map((value) => census.byHostName.get(normalizedName(value)))
    .find((group) => group);
  return named && { finding: 'stalePtr', group: named.id, recordSet, address };
}

function judgeExpected({ key, values }: ObservedRecordSet, expectation: Expectation): Finding | undefined {
  const { value, others, group } = expectation;
  const [only, ...more] = values.map(normalizedName);
  const isRight = only !== undefined && more.length === 0 && (only === value || others.includes(only));
  if (isRight) return undefined;
  const finding: FindingKind = key.type === 'A' ? 'addressDiffers' : 'ptrDiffers';
  return { finding, group: group.id, recordSet: recordSetId(key), address: undefined };
}

/** What should be in a zone that was read to its end, and was not seen there. */
export function* missingRecordSets(
  expected: ReadonlyMap<string, Expectation>,
  seen: ReadonlySet<string>,
): Generator<Finding> {
  for (const [name, { key, group }] of expected) {
    if (seen.has(name)) continue;
    const finding: FindingKind = key.type === 'A' ? 'aMissing' : 'ptrMissing';
    yield { finding, group: group.id, recordSet: recordSetId(key), address: undefined };
  }
}
