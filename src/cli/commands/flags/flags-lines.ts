import type { Palette } from '../../output/colors.ts';
import { formatDurationBetween } from '../../output/duration.ts';
import { isFlagged, isNoteworthy, type ReportedRegistry } from './document.ts';
import { replicaDetails } from './replica-details.ts';
import { type Row, replicaTable } from './replica-table.ts';

interface Shown {
  /** Replicas that are well, too. */
  readonly all: boolean;
  /** Of the terminal; `undefined` for a pipe. */
  readonly width: number | undefined;
}

/** How many are flagged, the table, then each flag in full, and what is wrong with the reviews themselves. */
export function flagsLines(
  { registries, now }: { readonly registries: readonly ReportedRegistry[]; readonly now: string },
  { all, width }: Shown,
  pc: Palette,
): string[] {
  const rows = registries
    .flatMap(({ registry, replicas }) => replicas.map((replica): Row => ({ registry, replica })))
    .toSorted((a, b) => rankOf(a) - rankOf(b));
  const shown = all ? rows : rows.filter(({ replica }) => isNoteworthy(replica));
  const blocks = [
    [headOf(rows, registries, pc)],
    shown.length === 0 ? [] : replicaTable(shown, now, width, pc),
    ...shown.map((row) => replicaDetails(row, now, pc)),
    registries.flatMap((registry) => notesOn(registry, now, pc)),
    shown.length === rows.length
      ? []
      : [pc.dim(`${rows.length - shown.length} more are well; --all shows them`)],
  ];
  return blocks
    .filter((block) => block.length > 0)
    .flatMap((block, index) => (index === 0 ? block : ['', ...block]));
}

/** Flags first, then what is out of routing. */
const rankOf = ({ replica }: Row): number => (isFlagged(replica) ? 0 : isNoteworthy(replica) ? 1 : 2);

function headOf(rows: readonly Row[], registries: readonly ReportedRegistry[], pc: Palette): string {
  const flagged = rows.filter(({ replica }) => isFlagged(replica)).length;
  const of = `of ${count(rows.length, 'replica')} in ${count(registries.length, 'registry', 'registries')}`;
  if (flagged > 0) return `${pc.red('✖')} ${flagged} flagged, ${of}`;
  const isKnown = registries.every(({ reviewedAt }) => reviewedAt != null);
  return `${isKnown ? pc.green('✔') : pc.red('✖')} none flagged, ${of}`;
}

function notesOn(
  { registry, reviewedAt, frozen, commonCause, problems }: ReportedRegistry,
  now: string,
  pc: Palette,
): string[] {
  const notes =
    reviewedAt == null
      ? ['not reviewed yet, or its review cannot be read; evenkeel status says more']
      : [
          ...(frozen == null
            ? []
            : [`nothing is decided, for ${formatDurationBetween(frozen.since, now)}: ${frozen.reason}`]),
          ...(commonCause ? ['no endpoint is in reach: the fault may be on the way there'] : []),
          ...problems,
        ];
  return notes.map((note) => `${pc.yellow('!')} ${registry}: ${note}`);
}

const count = (number: number, one: string, more = `${one}s`): string =>
  `${number} ${number === 1 ? one : more}`;
