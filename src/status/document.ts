import { describeRepair, repairOf } from '../dns/audit/repair.ts';
import type { AuditReport } from '../dns/audit/report.ts';
import type { OpenList } from '../replication/open-images.ts';
import type { RegistryStatus } from '../routing/status-view.ts';
import { historyOf } from './history.ts';
import type { Journal } from './journal.ts';
import { partValue, type StatusParts } from './parts.ts';
import { problemsOf } from './problems.ts';
import type { Audit, Finding, Registry, Spoke, StatusDocument } from './schema.ts';

/** The largest number of findings in a document; the totals beside them count all. */
const maxFindings = 500;

/** Everything that evenkeel knows, for people and for programs: the answer of `GET /api/status`. */
export function statusDocument(parts: StatusParts): StatusDocument {
  const { version, now, portal } = parts;
  const audit = partValue(parts.audit);
  const images = partValue(parts.images);
  const reviews = partValue(parts.reviews) ?? [];
  const journal = partValue(parts.journal);
  const findings = audit === undefined ? [] : findingsOf(audit, journal, parts);
  const problems = problemsOf(
    parts,
    findings.filter(({ healedAt }) => healedAt === null),
  );
  return {
    version,
    now: now.toISOString(),
    even: problems.length === 0,
    problems,
    portal,
    unknown: (['audit', 'images', 'copyTimes', 'reviews', 'journal'] as const).filter(
      (name) => 'failure' in parts[name],
    ),
    dns: {
      spokes: spokesOf(parts.spokes, audit, findings, journal),
      audit: audit === undefined ? null : auditOf(audit, findings),
      repairs: journal?.repairs ?? { event: 0, audit: 0 },
      conflicts: journal?.conflicts ?? [],
    },
    images: { open: images?.images ?? [], total: images?.total ?? 0 },
    registries: parts.registries.map((registry) => {
      const review = reviews.find(({ id }) => id === registry.id);
      if (review === undefined) return unreviewedRegistry(registry);
      // The strips are told with the history, and the times with the problems.
      const { strips: _, commonCauseSince: __, problemsSince: ___, ...shown } = review;
      return shown;
    }),
    copyTimes: [...(partValue(parts.copyTimes)?.times ?? [])],
    signals: {
      topic: parts.hasTopic,
      unpublished: unpublishedSignals(images, reviews),
      lastPublishedAt: journal?.signals[0]?.at ?? null,
      recent: journal?.signals ?? [],
    },
    history: historyOf({
      now,
      spokes: parts.spokes,
      audit: parts.audit,
      journal: parts.journal,
      copies: parts.copyTimes,
      reviews: parts.reviews,
    }),
  };
}

/** A finding is healed once a reconcile has found the group's records right; the next audit will no longer report it. */
function findingsOf(
  { findings, finishedAt }: AuditReport,
  journal: Journal | undefined,
  { policyOf, hasTopic, nextSweepAt }: StatusParts,
): Finding[] {
  const nextSweep = nextSweepAt?.toISOString();
  return findings.map(({ isRefused, ...finding }) => {
    const reconciledAt = journal?.reconciledAt.get(finding.containerGroup.toLowerCase());
    if (reconciledAt !== undefined && reconciledAt > finishedAt) {
      return { ...finding, repair: null, repairedBy: null, healedAt: reconciledAt };
    }
    const policy = policyOf(finding.containerGroup);
    const facts = { policy, hasTopic, isPublished: true, nextSweep };
    const found = { finding: finding.finding, isRefused };
    const repair = describeRepair(found, facts);
    return { ...finding, repair, repairedBy: repairOf(found, policy), healedAt: null };
  });
}

function auditOf(report: AuditReport, findings: readonly Finding[]): Audit {
  const { startedAt, finishedAt, complete, unread, sharedAddresses, unmapped } = report;
  return {
    startedAt,
    finishedAt,
    complete,
    findings: findings.slice(0, maxFindings),
    findingsTotal: findings.length,
    unread: unread.slice(0, maxFindings),
    sharedAddresses,
    unmappedGroups: unmapped.length,
  };
}

function spokesOf(
  keys: readonly string[],
  audit: AuditReport | undefined,
  findings: readonly Finding[],
  journal: Journal | undefined,
): Spoke[] {
  const audited = new Map(audit?.spokes.map((spoke) => [spoke.key, spoke]));
  const open = countBySpoke(findings.filter(({ healedAt }) => healedAt === null));
  const healed = countBySpoke(findings.filter(({ healedAt }) => healedAt !== null));
  const conflicts = countBySpoke(journal?.conflicts ?? []);
  return keys.map((key) => ({
    key,
    groups: audited.get(key)?.groups ?? 0,
    recordSets: audited.get(key)?.recordSets ?? 0,
    findings: open.get(key.toLowerCase()) ?? 0,
    healed: healed.get(key.toLowerCase()) ?? 0,
    conflicts: conflicts.get(key.toLowerCase()) ?? 0,
  }));
}

/** Counts for each form that a key of the zone map may have: `resourceGroup` and `subscriptionId/resourceGroup`. */
function countBySpoke(items: readonly { readonly containerGroup: string }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { containerGroup } of items) {
    const [, , subscription, , resourceGroup] = containerGroup.toLowerCase().split('/');
    for (const key of [`${resourceGroup}`, `${subscription}/${resourceGroup}`]) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
}

/** A registry before its first review. It has every field that a reviewed one has. */
const unreviewedRegistry = ({ id, name, hosts }: StatusParts['registries'][number]): Registry => ({
  registry: name,
  id,
  loginServer: null,
  hosts,
  reviewedAt: null,
  mode: null,
  home: null,
  frozen: null,
  commonCause: false,
  availability: null,
  route: null,
  problems: [],
  replicas: [],
  unpublishedSignals: 0,
});

const unpublishedSignals = (images: OpenList | undefined, reviews: readonly RegistryStatus[]): number =>
  reviews.reduce((sum, review) => sum + review.unpublishedSignals, images?.unpublished ?? 0);
