import type { Palette } from '../../output/colors.ts';
import { formatDurationBetween } from '../../output/duration.ts';
import { isFlagged, type ReportedReplica } from './document.ts';
import type { Row } from './replica-table.ts';

/**
 * Why a replica is flagged, what stands in the way of a change, and what to run.
 * @returns nothing for a replica that is not flagged and wants no change.
 */
export function replicaDetails({ registry, replica }: Row, now: string, pc: Palette): string[] {
  const steps = stepsOf(replica);
  if (!isFlagged(replica) && steps.length === 0) return [];
  const { region, verdict, since, reasons, interlocks, action } = replica;
  const width = Math.max(0, ...interlocks.map(({ rule }) => rule.length));
  return [
    `${pc.bold(`${registry} ${region}`)} is ${verdict}, for ${formatDurationBetween(since, now)}`,
    ...reasons.map((reason) => `  ${reason}`),
    ...interlocks.map(
      ({ rule, pass, detail }) => `  ${pass ? pc.green('✔') : pc.red('✖')} ${rule.padEnd(width)}  ${detail}`,
    ),
    ...(action == null ? [] : [`  ${deeds[action.do] ?? action.do}: ${action.because}`]),
    ...steps.flatMap(([what, command]) => [`  ${what}:`, `    ${command}`]),
  ];
}

const deeds: Readonly<Record<string, string>> = {
  nothing: 'evenkeel changes nothing',
  switchOff: 'evenkeel switches it off',
  switchOn: 'evenkeel switches it on',
};

/**
 * | verdict | routing          | what there is to run             |
 * |---------|------------------|----------------------------------|
 * | flagged | on, not known    | switch it off                    |
 * | flagged | off              | nothing: it is off               |
 * | ok      | off, by evenkeel | switch it on                     |
 * | ok      | otherwise        | nothing                          |
 *
 * A contest is ended besides, whatever the verdict.
 */
function stepsOf({
  verdict,
  routed,
  interlocks,
  disabledByUs,
  contested,
  contestedBy,
  commands,
}: ReportedReplica) {
  const steps: (readonly [what: string, command: string])[] = [];
  const isHeld = interlocks.some(({ pass }) => !pass);
  const allTheSame = isHeld ? ', although an interlock holds' : '';
  if (verdict === 'flagged' && routed !== false) {
    steps.push([`to take it out of global routing${allTheSame}`, commands.off]);
  }
  if (verdict !== 'flagged' && routed === false && disabledByUs) {
    steps.push([`to put it back into global routing${allTheSame}`, commands.on]);
  }
  if (contested && commands.resume != null) {
    const who = contestedBy ?? 'the other writer';
    steps.push([`once ${who} leaves it alone, to have evenkeel look after it again`, commands.resume]);
  }
  return steps;
}
