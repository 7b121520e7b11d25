import type { AuditReport } from '../dns/audit/report.ts';
import type { Journal } from './journal.ts';

/** What the reconciler has put right since is no finding any more; the next sweep will say the same. */
export const withHealing = ({ findings, finishedAt }: AuditReport, journal: Journal | undefined) =>
  findings.map((finding) => {
    const settledAt = journal?.settledAt.get(finding.containerGroup.toLowerCase());
    return { ...finding, healedAt: settledAt !== undefined && settledAt > finishedAt ? settledAt : null };
  });
