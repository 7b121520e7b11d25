import type { AuditReport } from '../dns/audit/report.ts';
import type { OpenList } from '../replication/open-images.ts';
import type { RegistryStatus } from '../routing/status-view.ts';
import type { Journal } from './journal.ts';
import { problemsOf } from './problems.ts';

/** A part of what there is to know, or why it is not known. */
export type Part<T> = { readonly value: T } | { readonly failure: string };

/** Everything that the status is made of. */
export interface StatusParts {
  readonly version: string;
  readonly now: Date;
  /** What is wrong with settings, each a sentence. */
  readonly settingErrors: readonly string[];
  /** Keys of the zone map. */
  readonly spokes: readonly string[];
  /** Names of the configured registries. */
  readonly registries: readonly string[];
  /** Of the last sweep; `undefined` when there was none. */
  readonly audit: Part<AuditReport | undefined>;
  /** `undefined` without registries. */
  readonly images: Part<OpenList | undefined>;
  readonly reviews: Part<readonly RegistryStatus[]>;
  readonly journal: Part<Journal | undefined>;
  /** Whether signals go to a topic, or to the log only. */
  readonly hasTopic: boolean;
  readonly auditIntervalMs: number;
  readonly reviewIntervalMs: number;
}

/** As many as a document may carry; the totals beside them count all. */
const maxFindings = 500;

/** What `GET /api/status` answers with: all that evenkeel knows, for people and for programs. */
export function statusDocument(parts: StatusParts) {
  const { version, now, spokes } = parts;
  const audit = known(parts.audit);
  const images = known(parts.images);
  const journal = known(parts.journal);
  const reviews = known(parts.reviews) ?? [];
  const problems = problemsOf(parts);
  const counts = new Map(audit?.spokes.map((spoke) => [spoke.key, spoke]));
  const findings = audit === undefined ? [] : withHealing(audit, journal);
  const open = countedByKey(findings.filter(({ healedAt }) => healedAt === null));
  const healed = countedByKey(findings.filter(({ healedAt }) => healedAt !== null));
  const conflicts = countedByKey(journal?.conflicts ?? []);
  return {
    version,
    now: now.toISOString(),
    even: problems.length === 0,
    problems,
    // What is missing from the document because it could not be read, which is not the same as nothing.
    unknown: (['audit', 'images', 'reviews', 'journal'] as const).filter((name) => 'failure' in parts[name]),
    dns: {
      spokes: spokes.map((key) => ({
        ...{ key, groups: 0, recordSets: 0, findings: 0 },
        ...counts.get(key),
        findings: open.get(key.toLowerCase()) ?? 0,
        healed: healed.get(key.toLowerCase()) ?? 0,
        conflicts: conflicts.get(key.toLowerCase()) ?? 0,
      })),
      audit: audit === undefined ? null : { ...auditOf(audit), findings: findings.slice(0, maxFindings) },
      repairs: journal?.repairs ?? { event: 0, audit: 0 },
      conflicts: journal?.conflicts ?? [],
    },
    images: { open: images?.images ?? [], total: images?.total ?? 0 },
    registries: parts.registries.map(
      (registry) => reviews.find((review) => review.registry === registry) ?? unreviewed(registry),
    ),
    signals: {
      topic: parts.hasTopic,
      unpublished:
        (images?.unpublished ?? 0) +
        reviews.reduce((sum, { unpublishedSignals }) => sum + unpublishedSignals, 0),
      lastPublishedAt: journal?.signals[0]?.at ?? null,
      recent: journal?.signals ?? [],
    },
  };
}

export type StatusDocument = ReturnType<typeof statusDocument>;

const known = <T>(part: Part<T>): T | undefined => ('value' in part ? part.value : undefined);

function auditOf({
  startedAt,
  finishedAt,
  complete,
  findings,
  unread,
  sharedAddresses,
  unmapped,
}: AuditReport) {
  return {
    ...{ startedAt, finishedAt, complete, sharedAddresses },
    findingsTotal: findings.length,
    unread: unread.slice(0, maxFindings),
    unmappedGroups: unmapped.length,
  };
}

/** With all that the core of a reviewed registry has. */
const unreviewed = (registry: string) => ({
  registry,
  reviewedAt: null,
  mode: null,
  home: null,
  frozen: null,
  commonCause: false,
  problems: [],
  replicas: [],
  unpublishedSignals: 0,
});

/** How many there are for each key that the zone map may have: `resourceGroup`, and `subscriptionId/resourceGroup`. */
function countedByKey(all: readonly { readonly containerGroup: string }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { containerGroup } of all) {
    const [, , subscription, , resourceGroup] = containerGroup.toLowerCase().split('/');
    for (const key of [`${resourceGroup}`, `${subscription}/${resourceGroup}`]) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
}

/** What the reconciler has put right since is no finding any more; the next sweep will say the same. */
export const withHealing = ({ findings, finishedAt }: AuditReport, journal: Journal | undefined) =>
  findings.map((finding) => {
    const settledAt = journal?.reconciledAt.get(finding.containerGroup.toLowerCase());
    return { ...finding, healedAt: settledAt !== undefined && settledAt > finishedAt ? settledAt : null };
  });
