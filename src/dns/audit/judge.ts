import { normalizedName } from '../host-name.ts';
import { ownershipOf } from '../mark.ts';
import type { ForeignRecords } from '../plan.ts';
import { fullName, type ObservedRecordSet, recordSetId } from '../record-set.ts';
import { addressOf } from '../reverse-name.ts';
import type { Census, Expectation } from './census.ts';
import type { Finding, FindingKind } from './finding.ts';

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
  census: Census,
  foreignRecords: ForeignRecords,
): Finding | undefined {
  if (set.isAutoRegistered) return undefined;
  const recordSet = recordSetId(set.key);
  const expectation = census.expected.get(recordSet);
  if (expectation !== undefined) return judgeExpected(set, recordSet, expectation);

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

function judgeExpected(
  { key, values }: ObservedRecordSet,
  recordSet: string,
  { candidates }: Expectation,
): Finding | undefined {
  const [only, ...more] = values;
  const isRight =
    only !== undefined && more.length === 0 && candidates.some(({ value }) => value === normalizedName(only));
  const [first] = candidates;
  if (isRight || first === undefined) return undefined;
  const finding: FindingKind = key.type === 'A' ? 'addressDiffers' : 'ptrDiffers';
  return { finding, group: first.group.id, recordSet, address: undefined };
}

/** What should be there and was not seen, in zones that were read to their end. */
export function* missingRecordSets(
  census: Census,
  seen: ReadonlySet<string>,
  isZoneComplete: (expectation: Expectation) => boolean,
): Generator<Finding> {
  for (const [recordSet, expectation] of census.expected) {
    const [first] = expectation.candidates;
    if (first === undefined || seen.has(recordSet) || !isZoneComplete(expectation)) continue;
    const finding: FindingKind = expectation.key.type === 'A' ? 'aMissing' : 'ptrMissing';
    yield { finding, group: first.group.id, recordSet, address: undefined };
  }
}
