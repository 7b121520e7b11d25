import { ownerKeyOf } from '../../../dns/ownership.ts';
import { changeDocument } from '../../../dns/plan-document.ts';
import type { Prunable, PrunableOwner, PrunableRecordSet } from '../../../dns/prune/find.ts';
import type { Pruned } from '../../../dns/prune/remove.ts';
import { fullName, type ObservedRecordSet, recordSetId } from '../../../dns/record-set.ts';
import { tableLines } from '../../output/table.ts';
import type { Palette } from '../../output/terminal.ts';
import { count, plainText, shortGroup } from '../../output/text.ts';

/** The record sets that may go as a table, what could not be read, and their number. */
export function listLines({ owners, unread }: Prunable, pc: Palette): string[] {
  const rows = owners.flatMap((owner) =>
    owner.recordSets.map((prunable) => [
      shownName(prunable.recordSet),
      plainText(prunable.recordSet.values.join(' ')) || '(empty)',
      plainText(shortGroup(owner.owner.key)),
      reasonText(owner, prunable),
    ]),
  );
  const titles = ['record set', 'values', 'owner', 'why'];
  return [
    ...(rows.length === 0 ? [] : [...tableLines({ titles }, rows, pc), '']),
    ...unread.map(
      ({ scope, reason }) => `${pc.red('✖')} not read completely: ${plainText(`${scope}: ${reason}`)}`,
    ),
    numberLine(rows.length, unread.length === 0, pc),
  ];
}

function numberLine(number: number, isComplete: boolean, pc: Palette): string {
  if (number > 0) return `${pc.yellow('!')} ${count(number, 'record set')} to prune`;
  if (!isComplete) return `${pc.red('✖')} incomplete: nothing to prune in what could be read`;
  return `${pc.green('✔')} nothing to prune`;
}

/**
 * | reason      | the owner | zone is mapped | policy   | text                                            |
 * |-------------|-----------|----------------|----------|-------------------------------------------------|
 * | `unmapped`  | lives     | any            | any      | no entry covers it; it still exists             |
 * | `unmapped`  | gone      | any            | any      | no entry covers it; it is gone                  |
 * | `unmapped`  | unknown   | any            | any      | no entry covers it                              |
 * | `gone`      | gone      | yes            | `sync`   | gone; the app removes the record set by itself  |
 * | `gone`      | gone      | yes            | another  | gone; its policy lets the app remove nothing    |
 * | `gone`      | gone      | no             | any      | gone                                            |
 * | `misplaced` | lives     | no             | any      | the map has this zone no more                   |
 */
function reasonText({ reason, state, policy }: PrunableOwner, { isZoneMapped }: PrunableRecordSet): string {
  switch (reason) {
    case 'unmapped': {
      const existence = { lives: '; it still exists', gone: '; it is gone', unknown: '' }[state];
      return `no entry of DNS_ZONE_MAP covers its owner${existence}`;
    }
    case 'gone':
      if (!isZoneMapped) return 'its owner is gone';
      return policy === 'sync'
        ? 'its owner is gone; the app removes it by itself'
        : `its owner is gone; under the policy ${policy} the app removes nothing`;
    case 'misplaced':
      return 'DNS_ZONE_MAP does not name this zone any more, and has the records of its owner elsewhere';
  }
}

/** `unneeded`: there was nothing to ask about. `unasked`: nobody could answer, so nothing but the list was wanted. */
export type Answer = 'yes' | 'no' | 'unneeded' | 'unasked';

/** What became of the list. */
export function resultLines(answer: Answer, pruned: Pruned | undefined, pc: Palette): string[] {
  if (answer === 'unasked') return ['  nothing was removed; run this on a terminal, or give --yes'];
  if (pruned === undefined) return [];
  const { changes, left } = pruned;
  return [
    ...left.map(
      ({ recordSet, reason }) => `${pc.yellow('!')} left: ${shownName(recordSet)}: ${plainText(reason)}`,
    ),
    left.length === 0
      ? `${pc.green('✔')} ${count(changes.length, 'record set')} removed`
      : `${pc.yellow('!')} ${changes.length} removed, ${left.length} left; run this again`,
  ];
}

/** The list and what became of it, for programs. */
export const pruneDocument = (found: Prunable, pruned: Pruned | undefined, exitCode: number) => ({
  recordSets: found.owners.flatMap((owner) =>
    owner.recordSets.map((prunable) => ({
      ...locationDocument(prunable.recordSet),
      values: prunable.recordSet.values,
      owner: owner.owner.key,
      reason: owner.reason,
      ownerState: owner.state,
      why: reasonText(owner, prunable),
    })),
  ),
  removed: (pruned?.changes ?? []).map(changeDocument),
  left: (pruned?.left ?? []).map(({ recordSet, reason }) => ({
    ...locationDocument(recordSet),
    owner: ownerKeyOf(recordSet.metadata) ?? null,
    why: reason,
  })),
  unread: found.unread,
  exitCode,
});

const shownName = ({ key }: ObservedRecordSet): string => plainText(`${key.type} ${fullName(key)}`);

const locationDocument = ({ key }: ObservedRecordSet) => ({
  recordSet: recordSetId(key),
  type: key.type,
  name: fullName(key),
});
