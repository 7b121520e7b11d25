/** What a problem, a finding, a rule or a signal is called on the page. A code of a newer app stands for itself. */

export type SectionId = 'setup' | 'dns' | 'images' | 'replicas' | 'signals';

interface ProblemLabel {
  readonly one: string;
  readonly many: string;
  /** Whether something is wrong, or nobody can see whether it is. */
  readonly kind: 'wrong' | 'unseen';
  readonly section?: SectionId;
}

const problems: Readonly<Record<string, ProblemLabel>> = {
  settingBad: { one: 'A setting is wrong', many: 'settings are wrong', kind: 'wrong' },
  partUnknown: { one: 'A part cannot be read', many: 'parts cannot be read', kind: 'unseen' },
  auditOverdue: {
    one: 'The DNS audit is overdue',
    many: 'DNS audits are overdue',
    kind: 'unseen',
    section: 'dns',
  },
  auditIncomplete: {
    one: 'The DNS audit is incomplete',
    many: 'DNS audits are incomplete',
    kind: 'unseen',
    section: 'dns',
  },
  driftFound: { one: 'DNS has drifted', many: 'drifts of DNS', kind: 'wrong', section: 'dns' },
  dnsConflict: {
    one: 'Two container groups claim one record set',
    many: 'record sets are claimed twice',
    kind: 'wrong',
    section: 'dns',
  },
  imageStalled: { one: 'An image is stalled', many: 'images are stalled', kind: 'wrong', section: 'images' },
  tagDiverged: { one: 'A tag has diverged', many: 'tags have diverged', kind: 'wrong', section: 'images' },
  reviewOverdue: {
    one: 'The review of a registry is overdue',
    many: 'reviews of registries are overdue',
    kind: 'unseen',
    section: 'replicas',
  },
  registryProblem: {
    one: 'A registry has a problem',
    many: 'problems with registries',
    kind: 'wrong',
    section: 'replicas',
  },
  controlPlaneFrozen: {
    one: 'Decisions are frozen',
    many: 'registries are frozen',
    kind: 'unseen',
    section: 'replicas',
  },
  commonCause: {
    one: 'Our own view of a registry is suspect',
    many: 'views of registries are suspect',
    kind: 'unseen',
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
  addressDiffers: 'The A record has another address',
  aMissing: 'The A record is missing',
  ptrMissing: 'The PTR record is missing',
  ptrDiffers: 'The PTR record names another host',
  stalePtr: 'A PTR record is left at an old address',
  orphan: 'Records are left, and their container group is gone',
};
export const findingLabel = (finding: string): string => findings[finding] ?? finding;

const rules: Readonly<Record<string, string>> = {
  minimumRoutable: 'Minimum routable',
  commonCause: 'Common cause',
  controlPlane: 'Control plane',
  changeBudget: 'Change budget',
  holdDown: 'Hold-down',
  anotherWriter: 'Another writer',
  homeRegion: 'Home region',
};
export const ruleLabel = (rule: string): string => rules[rule] ?? rule;

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

const parts: Readonly<Record<string, string>> = {
  webhook: 'told by its webhook',
  event: 'told by Event Grid',
  verified: 'seen at its endpoint',
};
export const evidenceLabel = (evidence: string): string => parts[evidence] ?? evidence;

export const pluralize = (number: number, one: string, many = `${one}s`): string =>
  `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
