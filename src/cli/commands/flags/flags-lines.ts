import { formatDurationBetween } from '../../output/duration.ts';
import { interlockLines } from '../../output/interlock-lines.ts';
import type { Palette } from '../../output/terminal.ts';
import { count } from '../../output/text.ts';
import { type Screen, wrapLine } from '../../output/wrap.ts';
import { isFlagged, isNoteworthy, type ReportedRegistry, type ReportedReplica } from './document.ts';
import { type Row, replicaTable } from './replica-table.ts';

interface Display {
  /** Whether healthy replicas are shown, too. */
  readonly all: boolean;
  readonly screen: Screen;
}

/** The number of flags, the table, the details of each flag, and what is wrong with the reviews themselves. */
export function flagsLines(
  { registries, now }: { readonly registries: readonly ReportedRegistry[]; readonly now: string },
  { all, screen }: Display,
  pc: Palette,
): string[] {
  const rows = registries
    .flatMap(({ registry, replicas }) => replicas.map((replica): Row => ({ registry, replica })))
    .toSorted((a, b) => rankOf(a) - rankOf(b));
  const shown = all ? rows : rows.filter(({ replica }) => isNoteworthy(replica));
  const hidden = rows.length - shown.length;
  const wrapped = (line: string) => wrapLine(line, screen);
  const sections = [
    wrapped(headLine(rows, registries, pc)),
    shown.length === 0 ? [] : replicaTable(shown, now, screen, pc),
    ...shown.map((row) => replicaDetails(row, now, pc, screen)),
    registries.flatMap((registry) => reviewNotes(registry, now, pc)).flatMap(wrapped),
    hidden === 0
      ? []
      : wrapped(pc.dim(`${count(hidden, 'healthy replica')} not shown; use --all to show all`)),
  ];
  return sections
    .filter((section) => section.length > 0)
    .flatMap((section, index) => (index === 0 ? section : ['', ...section]));
}

/** Flagged replicas come first, then those out of routing. */
const rankOf = ({ replica }: Row): number => (isFlagged(replica) ? 0 : isNoteworthy(replica) ? 1 : 2);

function headLine(rows: readonly Row[], registries: readonly ReportedRegistry[], pc: Palette): string {
  const flagged = rows.filter(({ replica }) => isFlagged(replica)).length;
  const total = `${count(rows.length, 'replica')} in ${count(registries.length, 'registry', 'registries')}`;
  if (flagged > 0) return `${pc.red('✖')} ${flagged} of ${total} flagged`;
  const isKnown = registries.every(({ reviewedAt }) => reviewedAt != null);
  return `${isKnown ? pc.green('✔') : pc.red('✖')} none of ${total} flagged`;
}

/**
 * Why a replica is flagged, which interlocks pass, and the commands to run.
 * @returns nothing for a replica that is not flagged and needs no change.
 */
function replicaDetails({ registry, replica }: Row, now: string, pc: Palette, screen: Screen): string[] {
  const steps = stepsFor(replica);
  if (!isFlagged(replica) && steps.length === 0 && replica.rehearsal === null) return [];
  const { region, verdict, since, reasons, notes, interlocks, action } = replica;
  const { note } = replica.commands;
  const prose = (...lines: readonly string[]) => lines.flatMap((line) => wrapLine(line, screen));
  return [
    ...prose(
      `${pc.bold(`${registry} ${region}`)} has been ${verdict} for ${formatDurationBetween(since, now)}`,
    ),
    ...prose(...reasons.map((reason) => `  ${reason}`)),
    ...prose(...notes.map((note) => `  ${pc.dim(note)}`)),
    ...interlockLines(interlocks, pc, screen),
    ...(action == null ? [] : prose(`  ${actions[action.do] ?? action.do}: ${action.because}`)),
    ...rehearsalLines(replica, screen),
    ...steps.flatMap(({ purpose, command, warning }) => [
      ...(warning === undefined ? [] : prose(`  ${pc.yellow('!')} ${warning}`)),
      ...prose(`  ${purpose}:`),
      `    ${command}`,
    ]),
    ...(steps.length === 0 || note === null ? [] : prose(`  ${pc.dim(note)}`)),
  ];
}

/** Who took it out, why, until when, and how that ends. */
function rehearsalLines({ rehearsal, commands }: ReportedReplica, screen: Screen): string[] {
  if (rehearsal === null) return [];
  const { until, by, reason } = rehearsal;
  const who = by === null ? '' : `, asked for by ${by}`;
  return [
    ...wrapLine(`  rehearsal until ${until}${who}${reason === null ? '' : `: ${reason}`}`, screen),
    ...(commands.endRehearsal === null ? [] : ['  to end it:', `    ${commands.endRehearsal}`]),
  ];
}

const actions: Readonly<Record<string, string>> = {
  nothing: 'evenkeel changes nothing',
  switchOff: 'evenkeel switches it off',
  switchOn: 'evenkeel switches it on',
};

interface Step {
  readonly purpose: string;
  /** Why it should not be run now. */
  readonly warning?: string | undefined;
  readonly command: string;
}

/**
 * What somebody can run for a replica.
 *
 * | verdict | routing          | command                  |
 * |---------|------------------|--------------------------|
 * | flagged | on, unknown      | switches it off          |
 * | flagged | off              | none: it is off already  |
 * | ok      | off, by evenkeel | switches it on           |
 * | ok      | any other        | none                     |
 *
 * A contested replica also gets what ends the contest, whatever its verdict. A warning names each interlock that
 * refuses the change.
 */
function stepsFor(replica: ReportedReplica): Step[] {
  const { verdict, routed, interlocks, disabledByUs, contested, contestedBy, commands } = replica;
  const { awaits, infrastructureCode } = replica;
  const steps: Step[] = [];
  const refusing = interlocks.filter(({ pass }) => !pass).map(({ rule }) => rule);
  const warning =
    refusing.length === 0 ? undefined : `do not run this yet: ${refusing.join(', ')} refuses it`;
  const despite = warning === undefined ? '' : `, although ${refusing.join(', ')} refuses`;
  if (verdict === 'flagged' && routed !== false) {
    steps.push({ purpose: `to take it out of global routing${despite}`, command: commands.off, warning });
  }
  if (verdict !== 'flagged' && routed === false && disabledByUs) {
    const unseen = awaits.length === 0 ? undefined : `do not run this yet: ${awaits.join('; ')}`;
    steps.push({
      purpose: `to put it back into global routing${despite}`,
      command: commands.on,
      warning: warning ?? unseen,
    });
  }
  if (contested && infrastructureCode !== null) {
    const { terraform, bicep } = infrastructureCode;
    steps.push({ purpose: 'to make Terraform leave its routing alone', command: terraform });
    steps.push({ purpose: 'to make Bicep leave its routing alone', command: bicep });
  }
  if (contested && commands.resume != null) {
    const writer = contestedBy ?? 'the other writer';
    const purpose = `once ${writer} leaves it alone, to let evenkeel manage it again`;
    steps.push({ purpose, command: commands.resume });
  }
  return steps;
}

function reviewNotes(
  { registry, reviewedAt, frozen, commonCause, problems }: ReportedRegistry,
  now: string,
  pc: Palette,
): string[] {
  const note = (text: string) => `${pc.yellow('!')} ${registry}: ${text}`;
  if (reviewedAt == null)
    return [note('not reviewed yet, or its review cannot be read; see evenkeel status')];
  const notes: string[] = [];
  if (frozen != null)
    notes.push(`no decisions for ${formatDurationBetween(frozen.since, now)}: ${frozen.reason}`);
  if (commonCause) notes.push('no endpoint can be reached; the cause may be on the way to all of them');
  return [...notes, ...problems].map(note);
}
