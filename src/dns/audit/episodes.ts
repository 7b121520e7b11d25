import type { AuditReport, ReportedFinding } from './report.ts';

/**
 * When each container group's records were last found right, by its ARM id in lower case. It may lack any of them.
 */
export type ReconciledAt = ReadonlyMap<string, string>;

/**
 * The report of the sweep before, less the findings that were put right after it. What a sweep finds then happened again:
 * it is another fact, with a `since` and a signal id of its own.
 *
 * | finding                                              | reconciled after that sweep | begins anew |
 * |------------------------------------------------------|-----------------------------|-------------|
 * | `addressDiffers`, `aMissing`, `ptrMissing`, `ptrDiffers` | yes                     | yes         |
 * | `orphan` of an A record set                          | yes                         | yes         |
 * | any other: a reconcile may not look where it is      | yes                         | no          |
 * | any                                                  | no, or not known            | no          |
 */
export function withoutRepaired(before: AuditReport, reconciledAt: ReconciledAt): AuditReport {
  const isRepaired = (found: ReportedFinding): boolean => {
    const at = reconciledAt.get(found.containerGroup);
    return at !== undefined && at > before.finishedAt && isSeenByReconcile(found);
  };
  return { ...before, findings: before.findings.filter((found) => !isRepaired(found)) };
}

function isSeenByReconcile({ finding, recordSets }: ReportedFinding): boolean {
  switch (finding) {
    case 'addressDiffers':
    case 'aMissing':
    case 'ptrMissing':
    case 'ptrDiffers':
      return true;
    case 'orphan':
      return recordSets.some((id) => /\/a\/[^/]+$/.test(id));
    case 'stalePtr':
    case 'misplaced':
    case 'unmapped':
      return false;
  }
}
