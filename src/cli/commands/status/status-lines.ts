import { formatDurationBetween } from '../../output/duration.ts';
import type { Palette } from '../../output/terminal.ts';
import { count } from '../../output/text.ts';
import { type Screen, wrapLine } from '../../output/wrap.ts';
import type { StatusAnswer } from './document.ts';

/** The number of findings that fit on one screen beside the rest; `--json` has all of them. */
const maxFindings = 10;

/** The status for people: the problems first, then what to do about them, and the numbers. */
export function statusLines(status: StatusAnswer, appUrl: string, pc: Palette, output: Screen): string[] {
  const { version, now, even, problems } = status;
  const where = pc.dim(`${appUrl}, evenkeel ${version}, ${now}`);
  const head = even
    ? `${pc.green('✔')} All good  ${where}`
    : `${pc.red('✖')} ${count(problems.length, 'problem')}  ${where}`;
  return [
    ...wrapLine(head, output),
    ...section(problemLines(status, pc, output)),
    ...section(findingLines(status, pc)),
    ...section(commandLines(status)),
    ...section(numberLines(status, pc).flatMap((line) => wrapLine(line, output, 10))),
  ];
}

const section = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? [] : ['', ...lines]);

function problemLines({ problems, now }: StatusAnswer, pc: Palette, output: Screen): string[] {
  const width = Math.max(0, ...problems.map(({ code }) => code.length));
  return problems.flatMap(({ code, message, since }) => {
    const age = since ? pc.dim(`  for ${formatDurationBetween(since, now)}`) : '';
    return wrapLine(`  ${pc.red(code.padEnd(width))}  ${message}${age}`, output, width + 4);
  });
}

function findingLines({ dns }: StatusAnswer, pc: Palette): string[] {
  const open = (dns.audit?.findings ?? []).filter(({ healedAt }) => !healedAt);
  const lines = open
    .slice(0, maxFindings)
    .map(({ finding, containerGroup }) => `  ${pc.yellow(finding)}  ${containerGroup}`);
  return open.length > maxFindings ? [...lines, `  … ${open.length - maxFindings} more`] : lines;
}

/** The commands that take flagged replicas out of routing, to be copied while evenkeel only reports. */
function commandLines({ registries }: StatusAnswer): string[] {
  const commands = registries.flatMap(({ replicas }) =>
    replicas.flatMap(({ verdict, routed, commands: { off } }) =>
      verdict === 'flagged' && routed !== false && off ? [`  ${off}`] : [],
    ),
  );
  return commands.length === 0 ? [] : ['  To take flagged replicas out of global routing:', ...commands];
}

function numberLines(status: StatusAnswer, pc: Palette): string[] {
  const { dns, images, registries, signals, now } = status;
  const stalled = images.open.filter(({ state }) => state === 'stalled').length;
  const replicas = registries.flatMap((registry) => registry.replicas);
  const flagged = replicas.filter(({ verdict }) => verdict === 'flagged').length;
  const off = replicas.filter(({ routed }) => routed === false).length;
  const published = signals.lastPublishedAt
    ? `last published ${formatDurationBetween(signals.lastPublishedAt, now)} ago`
    : 'none published yet';
  return [
    `${pc.bold('DNS')}       ${dnsNumbers(status)}`,
    `${pc.bold('Repairs')}   ${dns.repairs.event} by events and ${dns.repairs.audit} by the audit in the last week`,
    `${pc.bold('Images')}    ${images.total ?? images.open.length} in replication, ${stalled} stalled`,
    `${pc.bold('Replicas')}  ${replicas.length} in ${count(registries.length, 'registry', 'registries')}, ${flagged} flagged, ${off} out of global routing`,
    `${pc.bold('Signals')}   ${signals.unpublished} unpublished, ${published}`,
  ];
}

function dnsNumbers({ dns: { spokes, audit }, now }: StatusAnswer): string {
  const groups = spokes.reduce((total, spoke) => total + spoke.groups, 0);
  const recordSets = spokes.reduce((total, spoke) => total + spoke.recordSets, 0);
  const sweep =
    audit == null
      ? 'no sweep yet'
      : `last sweep ${formatDurationBetween(audit.finishedAt, now)} ago${audit.complete ? '' : ', incomplete'}`;
  return `${count(spokes.length, 'spoke')}, ${count(groups, 'container group')}, ${count(recordSets, 'record set')}; ${sweep}`;
}
