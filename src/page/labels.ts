/** What the page calls problems, findings, interlocks and signals. A code from a newer app stands for itself. */

export type SectionId = 'setup' | 'dns' | 'images' | 'replicas' | 'history' | 'signals';

interface ProblemLabel {
  readonly one: string;
  /** Wording for several problems, after their number. */
  readonly many: string;
  /** Whether something is wrong, or nobody can tell whether it is. */
  readonly kind: 'wrong' | 'unknown';
  readonly section?: SectionId;
}

const problems: Readonly<Record<string, ProblemLabel>> = {
  settingBad: {
    one: 'A setting is invalid',
    many: 'settings are invalid',
    kind: 'wrong',
  },
  partUnknown: {
    one: 'Part of the status cannot be read',
    many: 'parts of the status cannot be read',
    kind: 'unknown',
  },
  auditOverdue: {
    one: 'The DNS audit is overdue',
    many: 'DNS audits are overdue',
    kind: 'unknown',
    section: 'dns',
  },
  auditIncomplete: {
    one: 'The DNS audit is incomplete',
    many: 'DNS audits are incomplete',
    kind: 'unknown',
    section: 'dns',
  },
  driftFound: {
    one: 'DNS has drifted',
    many: 'reports of DNS drift',
    kind: 'wrong',
    section: 'dns',
  },
  dnsConflict: {
    one: 'Two container groups claim the same record set',
    many: 'record sets are claimed twice',
    kind: 'wrong',
    section: 'dns',
  },
  imageStalled: {
    one: 'An image is stalled',
    many: 'images are stalled',
    kind: 'wrong',
    section: 'images',
  },
  tagDiverged: {
    one: 'A tag has diverged',
    many: 'tags have diverged',
    kind: 'wrong',
    section: 'images',
  },
  reviewOverdue: {
    one: 'A registry review is overdue',
    many: 'registry reviews are overdue',
    kind: 'unknown',
    section: 'replicas',
  },
  registryProblem: {
    one: 'A registry has a problem',
    many: 'problems with registries',
    kind: 'wrong',
    section: 'replicas',
  },
  controlPlaneFrozen: {
    one: 'Routing decisions are paused',
    many: 'registries have their routing decisions paused',
    kind: 'unknown',
    section: 'replicas',
  },
  commonCause: {
    one: 'A whole registry is unreachable',
    many: 'whole registries are unreachable',
    kind: 'unknown',
    section: 'replicas',
  },
  replicaFlagged: {
    one: 'A replica is flagged',
    many: 'replicas are flagged',
    kind: 'wrong',
    section: 'replicas',
  },
  replicaContested: {
    one: 'A replica is contested',
    many: 'replicas are contested',
    kind: 'wrong',
    section: 'replicas',
  },
};

export const problemLabel = (code: string): ProblemLabel =>
  problems[code] ?? { one: code, many: `× ${code}`, kind: 'wrong' };

const findings: Readonly<Record<string, string>> = {
  addressDiffers: 'The A record has a different address',
  aMissing: 'The A record is missing',
  ptrMissing: 'The PTR record is missing',
  ptrDiffers: 'The PTR record names another host',
  stalePtr: 'A PTR record remains at an old address',
  orphan: 'Records remain of a deleted container group',
  misplaced: 'Records are where none belong any more',
  unmapped: 'Records of a resource group that is not mapped',
};
export const findingLabel = (finding: string): string => findings[finding] ?? finding;

const interlocks: Readonly<Record<string, string>> = {
  minimumRoutable: 'Minimum routable',
  commonCause: 'Common cause',
  controlPlane: 'Control plane',
  changeBudget: 'Change budget',
  holdDown: 'Hold-down',
  anotherWriter: 'Another writer',
  homeRegion: 'Home region',
};
export const interlockLabel = (rule: string): string => interlocks[rule] ?? rule;

const signals: Readonly<Record<string, string>> = {
  'evenkeel.registry.replicated': 'Image replicated',
  'evenkeel.registry.replicationStalled': 'Image stalled',
  'evenkeel.registry.tagDiverged': 'Tag diverged',
  'evenkeel.replica.flagged': 'Replica flagged',
  'evenkeel.replica.cleared': 'Replica cleared',
  'evenkeel.replica.contested': 'Replica contested',
  'evenkeel.dns.driftDetected': 'DNS drift detected',
  'evenkeel.dns.conflict': 'DNS conflict',
};
export const signalLabel = (type: string): string => signals[type] ?? type;

const evidence: Readonly<Record<string, string>> = {
  webhook: 'reported by its webhook',
  event: 'reported by Event Grid',
  verified: 'verified at its endpoint',
  pullable: 'pullable from its endpoint',
};
export const evidenceLabel = (grade: string): string => evidence[grade] ?? grade;
