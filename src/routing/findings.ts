import type { Evidence, Health } from './state.ts';

/**
 * The effect of a finding on the review that found it.
 *
 * | effect         | the review                                                          |
 * |----------------|---------------------------------------------------------------------|
 * | `raises`       | raises the flag at once, and holds it as long as the finding stands |
 * | `bad`          | is bad                                                              |
 * | `inconclusive` | is inconclusive, unless another finding is bad                      |
 * | `good`         | is good, unless another finding is bad or inconclusive              |
 * | `noted`        | is what the other findings make it                                  |
 */
type Effect = 'raises' | 'bad' | 'inconclusive' | 'good' | 'noted';

interface FindingRow {
  readonly evidence: 'provisioning' | 'reachability' | 'late images' | 'policy';
  /** What was seen, for the table in the docs. */
  readonly seen: string;
  readonly effect: Effect;
  /** The sentence for people; the detail of the finding follows it. */
  readonly sentence: string;
}

/** A replication that is being created, updated or deleted for this long is stuck. */
export const stuckAfterMs = 30 * 60 * 1000;
/** Fewer late images than this say more about the images than about the replica. */
const minLate = 3;

/** docs/replica-evidence.md shows this table, and a test compares the two. */
export const findingTable = {
  provisioned: {
    evidence: 'provisioning',
    seen: '`Succeeded`',
    effect: 'good',
    sentence: 'the replication is provisioned',
  },
  updating: {
    evidence: 'provisioning',
    seen: '`Updating` for less than 30 minutes',
    effect: 'noted',
    sentence: 'the replication is being updated',
  },
  creatingOrDeleting: {
    evidence: 'provisioning',
    seen: '`Creating` or `Deleting` for less than 30 minutes',
    effect: 'inconclusive',
    sentence: 'the replication is being created or deleted',
  },
  stuck: {
    evidence: 'provisioning',
    seen: '`Creating`, `Updating` or `Deleting` for 30 minutes or longer',
    effect: 'bad',
    sentence:
      'the replication is stuck; known causes: the identity that changes it has no permission on a private endpoint, or the subnet of a private endpoint is out of addresses',
  },
  failed: {
    evidence: 'provisioning',
    seen: '`Failed`',
    effect: 'bad',
    sentence: 'the last change of the replication failed',
  },
  otherState: {
    evidence: 'provisioning',
    seen: 'any other state, such as `Canceled`',
    effect: 'noted',
    sentence: 'its provisioning state says nothing about its health',
  },
  unread: {
    evidence: 'provisioning',
    seen: 'the replication could not be read by id',
    effect: 'inconclusive',
    sentence: 'the replication could not be read',
  },
  alive: {
    evidence: 'reachability',
    seen: 'the regional endpoint answers 200 or 401',
    effect: 'good',
    sentence: 'its regional endpoint responds',
  },
  throttled: {
    evidence: 'reachability',
    seen: 'the regional endpoint answers 429',
    effect: 'good',
    sentence: 'its regional endpoint responds, and throttles requests',
  },
  unreachable: {
    evidence: 'reachability',
    seen: 'the regional endpoint answers 5xx, refuses the connection or does not answer in time',
    effect: 'bad',
    sentence: 'its regional endpoint is unavailable',
  },
  endpointUnknown: {
    evidence: 'reachability',
    seen: 'the name does not resolve, the answer says nothing about its health, or probing is off (`probe: false`)',
    effect: 'noted',
    sentence: 'the state of its regional endpoint is unknown',
  },
  onTime: {
    evidence: 'late images',
    seen: 'none is late',
    effect: 'noted',
    sentence: 'no image is late',
  },
  someLate: {
    evidence: 'late images',
    seen: 'fewer than 3 are late, or fewer than half of the late images in the registry',
    effect: 'noted',
    sentence: 'some images are late',
  },
  mostLate: {
    evidence: 'late images',
    seen: '3 or more are late, and they are at least half of the late images in the registry',
    effect: 'bad',
    sentence: 'it is falling behind on images',
  },
  lateImagesUnknown: {
    evidence: 'late images',
    seen: 'the number is unknown',
    effect: 'noted',
    sentence: 'the number of late images is unknown',
  },
  never: {
    evidence: 'policy',
    seen: '`routing: never`',
    effect: 'raises',
    sentence: 'the policy of the registry keeps it out of global routing',
  },
  maintenanceWindow: {
    evidence: 'policy',
    seen: '`routing: off`, between `from` and `to`',
    effect: 'raises',
    sentence: 'a maintenance window keeps it out of global routing',
  },
} as const satisfies Record<string, FindingRow>;

interface Finding {
  readonly kind: keyof typeof findingTable;
  readonly detail?: string;
}

const transitional: ReadonlySet<string> = new Set(['Creating', 'Updating', 'Deleting']);
export const isTransitional = (provisioningState: string): boolean => transitional.has(provisioningState);

/** One finding for each kind of evidence, and one for policy where a rule applies. */
export function findingsOf(evidence: Evidence, now: Date): readonly Finding[] {
  const policy = policyFinding(evidence.policy);
  return [
    provisioningFinding(evidence.provisioning, now),
    reachabilityFinding(evidence.reachability),
    lateFinding(evidence.lateImages),
    ...(policy === undefined ? [] : [policy]),
  ];
}

function provisioningFinding(provisioning: Evidence['provisioning'], now: Date): Finding {
  if (provisioning === null) return { kind: 'unread' };
  const { state, since, message } = provisioning;
  const detail = message === undefined ? state : `${state}, ${message}`;
  if (state === 'Succeeded') return { kind: 'provisioned' };
  if (state === 'Failed') return { kind: 'failed', detail };
  if (!isTransitional(state)) return { kind: 'otherState', detail };
  const isStuck = now.getTime() - Date.parse(since) >= stuckAfterMs;
  if (isStuck) return { kind: 'stuck', detail: `${detail}, since ${since}` };
  return { kind: state === 'Updating' ? 'updating' : 'creatingOrDeleting', detail };
}

function reachabilityFinding(reachability: Evidence['reachability']): Finding {
  switch (reachability.kind) {
    case 'alive':
      return { kind: 'alive' };
    case 'throttled':
      return { kind: 'throttled' };
    case 'failing':
      return { kind: 'unreachable', detail: reachability.reason };
    case 'unknown':
      return { kind: 'endpointUnknown', detail: reachability.reason };
  }
}

function lateFinding(images: Evidence['lateImages']): Finding {
  if (images === null) return { kind: 'lateImagesUnknown' };
  const { late, lateInRegistry } = images;
  if (late === 0) return { kind: 'onTime' };
  const kind = late >= minLate && 2 * late >= lateInRegistry ? 'mostLate' : 'someLate';
  return { kind, detail: `${late} of the ${lateInRegistry} late images in the registry` };
}

function policyFinding(policy: Evidence['policy']): Finding | undefined {
  if (policy === null) return undefined;
  return policy.routing === 'never'
    ? { kind: 'never' }
    : { kind: 'maintenanceWindow', detail: `until ${policy.until}` };
}

/** The health that the findings add up to; policy is no evidence of health and does not count here. */
export function healthOf(findings: readonly Finding[]): Health {
  const effects = findings.map(effectOf);
  if (effects.includes('bad')) return 'bad';
  return effects.includes('good') && !effects.includes('inconclusive') ? 'good' : 'inconclusive';
}

export const raisesAtOnce = (findings: readonly Finding[]): boolean =>
  findings.some((finding) => effectOf(finding) === 'raises');

/** The findings against the replica, as sentences. */
export const reasonsOf = (findings: readonly Finding[]): string[] =>
  findings.filter((finding) => ['raises', 'bad'].includes(effectOf(finding))).map(sentenceOf);

const effectOf = ({ kind }: Finding): Effect => findingTable[kind].effect;

const sentenceOf = ({ kind, detail }: Finding): string =>
  detail === undefined ? findingTable[kind].sentence : `${findingTable[kind].sentence}: ${detail}`;
