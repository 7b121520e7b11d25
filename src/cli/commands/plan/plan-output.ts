import { type Change, keyOf } from '../../../dns/change.ts';
import type { LiveGroup } from '../../../dns/container-group.ts';
import type { DryRun } from '../../../dns/dry-run.ts';
import { isNothing } from '../../../dns/plan-document.ts';
import { fullName, type RecordSetContent } from '../../../dns/record-set.ts';
import { unchangedRecordSets } from '../../../dns/unchanged-record-sets.ts';
import { describeError } from '../../../lib/errors.ts';
import type { Palette } from '../../output/terminal.ts';
import { count, plainText } from '../../output/text.ts';
import { type Screen, wrapLine } from '../../output/wrap.ts';

/** What is said of a plan for a container group that neither exists nor has a record set. */
export const nothingOfThatName =
  'There is no such container group, and it has no record set: check its name.';

/** A plan for people: each change with the content before and after, and the record sets that would stay. */
export function planLines(plan: DryRun, pc: Palette, screen: Screen): string[] {
  const { live, input, changes, unread, uncoveredAddress, unusableName } = plan;
  const unchanged = unchangedRecordSets(plan);
  const prose = (...lines: readonly string[]) => lines.flatMap((line) => wrapLine(line, screen));
  return [
    ...prose(`${pc.bold(input.groupKey)} ${describeLive(live)}`),
    ...changes.flatMap((change) => ['', ...changeLines(change, pc)]),
    ...(unchanged.length === 0 ? [] : ['', 'Unchanged:']),
    ...unchanged.flatMap(({ recordSet: { key, values }, isBlocked, reason }) => {
      const mark = isBlocked ? pc.yellow('!') : ' ';
      return wrapLine(`${mark} ${key.type} ${fullName(key)} ${valuesText(values)}: ${reason}`, screen, 2);
    }),
    ...(uncoveredAddress === undefined
      ? []
      : [
          '',
          ...prose(
            `${pc.yellow('!')} no reverse zone of DNS_ZONE_MAP covers ${uncoveredAddress}: it gets no PTR`,
          ),
        ]),
    ...(unusableName === undefined
      ? []
      : [
          '',
          ...prose(
            `${pc.yellow('!')} ${plainText(unusableName)} is no DNS label: the group gets no record sets`,
          ),
        ]),
    ...(unread.length === 0 ? [] : ['', 'Could not be read:']),
    ...prose(
      ...unread.map(({ key, error }) => `? ${key.type} ${fullName(key)}: ${plainText(describeError(error))}`),
    ),
    '',
    ...prose(summaryOf(plan)),
  ];
}

function describeLive(live: LiveGroup): string {
  switch (live.kind) {
    case 'addressed':
      return `has the address ${live.address}${live.isRunning ? '' : ' and is stopped'}`;
    case 'unaddressed':
      return live.reason === 'gone' ? 'does not exist' : `needs no records: ${noAddressReasons[live.reason]}`;
    default:
      return 'is in an unknown state';
  }
}

const noAddressReasons = {
  stopped: 'it is stopped and has no address',
  public: 'its address is public',
  noNetwork: 'it is in no virtual network',
  optedOut: 'it has the tag evenkeel:dns = off',
} as const;

function summaryOf(plan: DryRun): string {
  const { changes, blocked, unread } = plan;
  if (isNothing(plan)) return nothingOfThatName;
  if (changes.length > 0) return count(changes.length, 'change');
  if (unread.length > 0) return 'Nothing to do as far as could be read.';
  return blocked.length === 0
    ? 'Nothing to do.'
    : 'Nothing would be written: a record set marked with ! is in the way.';
}

function changeLines(change: Change, pc: Palette): string[] {
  const key = keyOf(change);
  const before = change.action === 'create' ? undefined : change.from;
  const after = change.action === 'delete' ? undefined : change.to;
  return [`${pc.bold(change.action)} ${key.type} ${fullName(key)}`, ...diffLines(before, after, pc)];
}

/** Field by field, as a diff shows lines. */
function diffLines(
  before: RecordSetContent | undefined,
  after: RecordSetContent | undefined,
  pc: Palette,
): string[] {
  const oldFields = fieldsOf(before);
  const newFields = fieldsOf(after);
  const names = [...new Set([...oldFields.keys(), ...newFields.keys()])];
  return names.flatMap((name) => {
    const oldValue = oldFields.get(name);
    const newValue = newFields.get(name);
    if (oldValue === newValue) return [`    ${name} ${oldValue}`];
    return [
      ...(oldValue === undefined ? [] : [pc.red(`  - ${name} ${oldValue}`)]),
      ...(newValue === undefined ? [] : [pc.green(`  + ${name} ${newValue}`)]),
    ];
  });
}

function fieldsOf(content: RecordSetContent | undefined): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  if (content === undefined) return fields;
  fields.set('values', valuesText(content.values));
  fields.set('ttl', `${content.ttlSeconds} s`);
  for (const [name, value] of Object.entries(content.metadata)) fields.set(plainText(name), plainText(value));
  return fields;
}

const valuesText = (values: readonly string[]): string => plainText(values.join(' ')) || '(empty)';
