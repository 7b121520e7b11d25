import type { LiveGroup } from '../../../dns/container-group.ts';
import type { Preview } from '../../../dns/dry-run.ts';
import type { Change } from '../../../dns/plan.ts';
import { fullName, type RecordSetContent } from '../../../dns/record-set.ts';
import type { Palette } from '../../output/colors.ts';
import { plainText } from '../../output/plain-text.ts';
import { unchangedRecordSets } from './untouched.ts';

/** The exact changes, each with what is there and what would be, and what would be left alone. */
export function planLines(plan: Preview, pc: Palette): string[] {
  const { live, input, changes, uncoveredAddress } = plan;
  const untouched = unchangedRecordSets(plan);
  return [
    `${pc.bold(input.groupKey)} ${describeLive(live)}`,
    ...changes.flatMap((change) => ['', ...changeLines(change, pc)]),
    ...(untouched.length === 0 ? [] : ['', 'Left alone:']),
    ...untouched.map(({ recordSet: { key, values }, isBlocked, why }) => {
      const mark = isBlocked ? pc.yellow('!') : ' ';
      return `${mark} ${key.type} ${fullName(key)} ${shown(values.join(' ')) || '(empty)'}: ${why}`;
    }),
    ...(uncoveredAddress === undefined
      ? []
      : ['', `${pc.yellow('!')} no reverse zone of DNS_ZONE_MAP covers ${uncoveredAddress}: it gets no PTR`]),
    '',
    summaryOf(plan),
  ];
}

function describeLive(live: LiveGroup): string {
  switch (live.kind) {
    case 'addressed':
      return `is on ${live.address}${live.isRunning ? '' : ', stopped'}`;
    case 'unaddressed':
      return live.reason === 'gone' ? 'is gone' : `needs no records: ${reasons[live.reason]}`;
    default:
      return 'is not known';
  }
}

const reasons = {
  stopped: 'it is stopped and has no address',
  public: 'its address is a public one',
  noNetwork: 'it is in no network',
} as const;

function summaryOf({ changes, blocked }: Preview): string {
  if (changes.length > 0) return `${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`;
  return blocked.length === 0
    ? 'Nothing to do.'
    : 'Nothing would be written: what is marked with ! is in the way.';
}

function changeLines(change: Change, pc: Palette): string[] {
  const key = change.action === 'create' ? change.key : change.from.key;
  const before = change.action === 'create' ? undefined : change.from;
  const after = change.action === 'delete' ? undefined : change.to;
  return [`${pc.bold(change.action)} ${key.type} ${fullName(key)}`, ...differences(before, after, pc)];
}

/** Line by line, as a diff shows them. */
function differences(
  before: RecordSetContent | undefined,
  after: RecordSetContent | undefined,
  pc: Palette,
): string[] {
  const [from, to] = [fieldsOf(before), fieldsOf(after)];
  const names = [...new Set([...from.keys(), ...to.keys()])];
  return names.flatMap((name) => {
    const [old, next] = [from.get(name), to.get(name)];
    if (old === next) return [`    ${name} ${old}`];
    return [
      ...(old === undefined ? [] : [pc.red(`  - ${name} ${old}`)]),
      ...(next === undefined ? [] : [pc.green(`  + ${name} ${next}`)]),
    ];
  });
}

const fieldsOf = (content: RecordSetContent | undefined): Map<string, string> =>
  content === undefined
    ? new Map()
    : new Map([
        ['values', shown(content.values.join(' ')) || '(empty)'],
        ['ttl', `${content.ttlSeconds} s`],
        ...Object.entries(content.metadata).map(
          ([name, value]) => [shown(name), shown(value)] as [string, string],
        ),
      ]);

const shown = plainText;
