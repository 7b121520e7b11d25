import type { Palette } from '../../output/colors.ts';
import { plainText } from '../../output/plain-text.ts';
import type { CheckResult } from './check.ts';
import type { Finding } from './finding.ts';

export function resultLines(result: CheckResult, pc: Palette): string[] {
  const { title, findings, skipped, failure } = result;
  if (failure !== null) return [`${pc.red('?')} ${title}: could not be looked at: ${plainText(failure)}`];
  if (skipped !== null) return [pc.dim(`- ${title}: not looked at: ${skipped}`)];
  if (findings.length === 0) return [`${pc.green('✔')} ${title}`];
  return [title, ...findings.flatMap((finding) => findingLines(finding, pc))];
}

function findingLines({ severity, what, why, fix }: Finding, pc: Palette): string[] {
  const mark = { error: pc.red('✖'), warning: pc.yellow('!'), note: pc.cyan('i') }[severity];
  return [
    `  ${mark} ${plainText(what)}`,
    `    ${pc.dim('why:')} ${plainText(why)}`,
    `    ${pc.dim('fix:')} ${plainText(fix)}`,
  ];
}

/** 0 all well, 3 something to fix, 1 nothing to mend and something that could not be looked at. */
export function exitCodeOf(results: readonly CheckResult[]): number {
  if (countOf(results, 'error') + countOf(results, 'warning') > 0) return 3;
  return results.some(({ failure }) => failure !== null) ? 1 : 0;
}

export function summaryLine(results: readonly CheckResult[], pc: Palette): string {
  const parts = [
    [countOf(results, 'error'), 'error'],
    [countOf(results, 'warning'), 'warning'],
    [countOf(results, 'note'), 'note'],
    [results.filter(({ failure }) => failure !== null).length, 'check that could not be made'],
  ] as const;
  const told = parts.filter(([number]) => number > 0).map(([number, noun]) => count(number, noun));
  const mark = exitCodeOf(results) === 0 ? pc.green('✔') : pc.red('✖');
  return `${mark} ${told.join(', ') || 'all is well'}`;
}

const countOf = (results: readonly CheckResult[], severity: Finding['severity']): number =>
  results.reduce((sum, { findings }) => sum + findings.filter((one) => one.severity === severity).length, 0);

const count = (number: number, noun: string): string =>
  `${number} ${number === 1 ? noun : noun.replace(/^\w+/, (word) => `${word}s`)}`;
