import { maxHints } from '../hints.ts';
import type { Finding } from './finding.ts';
import type { ReportedFinding } from './report.ts';

/**
 * Puts the findings of one kind and group together, so that a group is reconciled once for all its stale PTRs, and
 * splits them where there are more addresses than one event may name. What the sweep before found too keeps its
 * `since`.
 */
export function mergeFindings(
  findings: readonly Finding[],
  startedAt: string,
  before: readonly ReportedFinding[],
): ReportedFinding[] {
  const sinceOf = new Map(before.map((known) => [identity(known), known.since]));
  const together = Map.groupBy(findings, ({ finding, group }) => `${finding} ${group.key}`);
  return [...together.values()].flatMap(inParts).flatMap((part) => {
    const [first] = part;
    if (first === undefined) return [];
    const merged = {
      finding: first.finding,
      containerGroup: first.group.key,
      recordSets: part.map(({ recordSet }) => recordSet),
      addresses: part.flatMap(({ address }) => address ?? []),
    };
    return [{ ...merged, since: sinceOf.get(identity(merged)) ?? startedAt }];
  });
}

function inParts(findings: readonly Finding[]): (readonly Finding[])[] {
  // Sorted, so that the same findings are told apart the same way at every sweep.
  const sorted = findings.toSorted((a, b) => (a.recordSet < b.recordSet ? -1 : 1));
  const parts = Math.ceil(sorted.length / maxHints);
  return Array.from({ length: parts }, (_, part) => sorted.slice(part * maxHints, (part + 1) * maxHints));
}

const identity = ({ finding, containerGroup, recordSets }: Omit<ReportedFinding, 'since'>): string =>
  JSON.stringify([finding, containerGroup, recordSets]);
