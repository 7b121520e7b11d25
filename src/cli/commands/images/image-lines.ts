import type { Image } from '../../../status/schema.ts';
import { formatDuration } from '../../output/duration.ts';
import { tableLines } from '../../output/table.ts';
import type { Palette } from '../../output/terminal.ts';
import { count } from '../../output/text.ts';

interface Shown {
  readonly shown: readonly Image[];
  /** How many the app has listed, before the filters. */
  readonly listed: number;
  /** How many there are. */
  readonly total: number;
  /** Whether the app cannot read them now. */
  readonly isUnread: boolean;
}

/** Whether its objective has passed, or regions have another image of its tag. */
export const isLate = ({ state, diverged }: Image): boolean => state === 'stalled' || diverged;

/** The regions that are waited for and do not have it. */
export const missingIn = ({ regions }: Image): string[] =>
  regions.filter(({ state }) => state !== 'available').map(({ region }) => region);

const titles = ['image', 'state', 'age', 'in', 'missing in'];

/** The images as a table, the oldest first, and a summary in the last line. */
export function imageLines({ shown, listed, total, isUnread }: Shown, pc: Palette): string[] {
  if (isUnread) return [`${pc.red('✖')} the app cannot read the list of images now`];
  const rows = shown.map((image) => {
    const missing = missingIn(image);
    const state = image.diverged ? 'diverged' : image.state;
    return [
      nameOf(image),
      isLate(image) ? pc.red(state) : state,
      formatDuration(image.ageMs),
      `${image.regions.length - missing.length} of ${image.regions.length}`,
      missing.join(', ') || '-',
    ];
  });
  return [
    ...(rows.length === 0 ? [] : [...tableLines({ titles }, rows, pc), '']),
    ...(total > listed ? [pc.dim(`  the app lists the ${listed} oldest of ${total}`)] : []),
    summaryLine(shown, total, pc),
  ];
}

function summaryLine(shown: readonly Image[], total: number, pc: Palette): string {
  const late = shown.filter(isLate).length;
  const chosen = `${shown.length} of ${count(total, 'image')} in replication`;
  const text = shown.length === total ? `${count(total, 'image')} in replication` : chosen;
  return late > 0
    ? `${pc.red('✖')} ${text}, ${late} late; evenkeel report has the repairs`
    : `${pc.green('✔')} ${text}, none late`;
}

/** `myregistry/team/app:v1`, or the beginning of the digest without a tag. */
const nameOf = ({ registry, repository, tag, digest }: Image): string =>
  `${registry}/${repository}${tag === null ? `@${digest.slice(0, 19)}` : `:${tag}`}`;
