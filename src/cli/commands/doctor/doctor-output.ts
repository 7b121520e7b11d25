import type { Output } from '../../context.ts';
import type { Palette } from '../../output/terminal.ts';
import { count, plainText } from '../../output/text.ts';
import { wrapLine } from '../../output/wrap.ts';
import type { CheckResult, Finding } from './check.ts';

export function resultLines(result: CheckResult, pc: Palette, output: Output): string[] {
  const { title, findings, skipped, failure } = result;
  if (failure !== null) {
    return wrapLine(`${pc.red('?')} ${title}: could not run: ${plainText(failure)}`, output);
  }
  if (skipped !== null) return wrapLine(pc.dim(`- ${title}: skipped: ${skipped}`), output);
  if (findings.length === 0) return [`${pc.green('✔')} ${title}`];
  return [title, ...findings.flatMap((finding) => findingLines(finding, pc, output))];
}

function findingLines({ severity, what, why, fix }: Finding, pc: Palette, output: Output): string[] {
  const mark = { error: pc.red('✖'), warning: pc.yellow('!'), note: pc.cyan('i') }[severity];
  return [
    ...wrapLine(`  ${mark} ${plainText(what)}`, output),
    ...wrapLine(`    ${pc.dim('why:')} ${plainText(why)}`, output),
    // Mostly a command, which is to be copied as it is.
    `    ${pc.dim('fix:')} ${plainText(fix)}`,
  ];
}

/** 3 where there is something to fix, 1 where a check could not run, 0 otherwise. */
export function exitCodeOf(results: readonly CheckResult[]): number {
  if (countFindings(results, 'error') + countFindings(results, 'warning') > 0) return 3;
  return countFailures(results) > 0 ? 1 : 0;
}

export function summaryLine(results: readonly CheckResult[], pc: Palette): string {
  const severities = ['error', 'warning', 'note'] as const;
  const parts = severities.flatMap((severity) => {
    const number = countFindings(results, severity);
    return number === 0 ? [] : [count(number, severity)];
  });
  const failures = countFailures(results);
  if (failures > 0) parts.push(`${count(failures, 'check')} could not run`);
  const mark = exitCodeOf(results) === 0 ? pc.green('✔') : pc.red('✖');
  return `${mark} ${parts.join(', ') || 'no problems found'}`;
}

const countFindings = (results: readonly CheckResult[], severity: Finding['severity']): number =>
  results.flatMap(({ findings }) => findings).filter((finding) => finding.severity === severity).length;

const countFailures = (results: readonly CheckResult[]): number =>
  results.filter(({ failure }) => failure !== null).length;
