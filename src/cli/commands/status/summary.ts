import type { Palette } from '../../output/colors.ts';
import { formatDurationBetween } from '../../output/duration.ts';
import type { StatusAnswer } from './document.ts';

/** As many findings as fit beside the rest on one screen; `--json` has them all. */
const maxFindings = 10;

/** What a person needs first comes first: whether all is even, what is not, what to do, and then the numbers. */
export function statusLines(status: StatusAnswer, appUrl: string, pc: Palette): string[] {
  const { version, now, even, problems } = status;
  const where = pc.dim(`${appUrl}, evenkeel ${version}, ${now}`);
  const head = even
    ? `${pc.green('✔')} even  ${where}`
    : `${pc.red('✖')} not even: ${count(problems.length, 'problem')}  ${where}`;
  return [
    head,
    ...section(problemLines(status, pc)),
    ...section(findingLines(status, pc)),
    ...section(commandLines(status)),
    ...section(numberLines(status, pc)),
  ];
}

const section = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? [] : ['', ...lines]);

function problemLines({ problems, now }: StatusAnswer, pc: Palette): string[] {
  const width = Math.max(0, ...problems.map(({ code }) => code.length));
  return problems.map(({ code, message, since }) => {
    const age = since ? pc.dim(`  for ${formatDurationBetween(since, now)}`) : '';
    return `  ${pc.red(code.padEnd(width))}  ${message}${age}`;
  });
}

function findingLines({ dns }: StatusAnswer, pc: Palette): string[] {
  const open = (dns.audit?.findings ?? []).filter(({ healedAt }) => !healedAt);
  const lines = open
    .slice(0, maxFindings)
    .map(({ finding, containerGroup }) => `  ${pc.yellow(finding)}  ${containerGroup}`);
  return open.length > maxFindings ? [...lines, `  … ${open.length - maxFindings} more`] : lines;
}

/** To copy: what takes a flagged replica out of routing while evenkeel only reports. */
function commandLines({ registries }: StatusAnswer): string[] {
  const commands = registries.flatMap(({ replicas }) =>
    replicas.flatMap(({ verdict, routed, commands: { off } }) =>
      verdict === 'flagged' && routed !== false && off ? [`  ${off}`] : [],
    ),
  );
  return commands.length === 0 ? [] : ['  To take flagged replicas out of global routing:', ...commands];
}

function numberLines({ dns, images, registries, signals, now }: StatusAnswer, pc: Palette): string[] {
  const sum = (of: (spoke: StatusAnswer['dns']['spokes'][number]) => number) =>
    dns.spokes.reduce((total, spoke) => total + of(spoke), 0);
  const { audit, repairs } = dns;
  const sweep =
    audit == null
      ? 'no sweep yet'
      : `last sweep ${formatDurationBetween(audit.finishedAt, now)} ago${audit.complete ? '' : ', incomplete'}`;
  const groups = count(
    sum((spoke) => spoke.groups),
    'container group',
  );
  const sets = count(
    sum((spoke) => spoke.recordSets),
    'record set',
  );
  const stalled = images.open.filter(({ state }) => state === 'stalled').length;
  const replicas = registries.flatMap((registry) => registry.replicas);
  const flagged = replicas.filter(({ verdict }) => verdict === 'flagged').length;
  const off = replicas.filter(({ routed }) => routed === false).length;
  const published = signals.lastPublishedAt
    ? `last published ${formatDurationBetween(signals.lastPublishedAt, now)} ago`
    : 'none published yet';
  return [
    `${pc.bold('DNS')}       ${count(dns.spokes.length, 'spoke')}, ${groups}, ${sets}; ${sweep}`,
    `${pc.bold('Repairs')}   ${repairs.event} by events, ${repairs.audit} by the audit, in a week`,
    `${pc.bold('Images')}    ${images.total ?? images.open.length} on their way, ${stalled} stalled`,
    `${pc.bold('Replicas')}  ${replicas.length} in ${count(registries.length, 'registry', 'registries')}, ${flagged} flagged, ${off} out of global routing`,
    `${pc.bold('Signals')}   ${signals.unpublished} to be published, ${published}`,
  ];
}

const count = (number: number, one: string, more = `${one}s`): string =>
  `${number} ${number === 1 ? one : more}`;
