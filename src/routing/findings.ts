import { isReady } from './evidence.ts';
import type { Evidence, Health } from './state.ts';

/**
 * The effect of a finding on the review that found it.
 *
 * | effect         | the review                                                          | witness |
 * |----------------|---------------------------------------------------------------------|---------|
 * | `raises`       | raises the flag at once, and holds it as long as the finding stands | no      |
 * | `bad`          | is bad                                                              | no      |
 * | `inconclusive` | is inconclusive, unless another finding is bad                      | no      |
 * | `good`         | is good, unless another finding is bad or inconclusive              | yes     |
 * | `witness`      | is what the other findings make it                                  | yes     |
 * | `noted`        | is what the other findings make it                                  | no      |
 *
 * A witness saw its kind of evidence to be good. A flag that this kind raised is cleared by witnesses alone: what was
 * not asked, or did not answer the question, neither raises a flag nor clears one.
 */
type Effect = 'raises' | 'bad' | 'inconclusive' | 'good' | 'witness' | 'noted';

/** The kinds of evidence, as verdicts remember them. A flag that several of them raised needs a witness for each. */
export type EvidenceKind = (typeof kindOfEvidence)[keyof typeof kindOfEvidence];

/** By their names in the table. */
const kindOfEvidence = {
  provisioning: 'provisioning',
  reachability: 'endpoint',
  pull: 'pull',
  'late images': 'lateImages',
  policy: 'policy',
} as const;

interface FindingRow {
  readonly evidence: keyof typeof kindOfEvidence;
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
    seen: '`Succeeded`, with the status `Ready` or `online`, or none',
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
  notReady: {
    evidence: 'provisioning',
    seen: 'any other status, such as `Syncing` or `Offline`',
    effect: 'inconclusive',
    sentence: 'the replica is not ready',
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
  contradicted: {
    evidence: 'provisioning',
    seen: 'a read by id does not find the replication, and the list shows it or was not read',
    effect: 'inconclusive',
    sentence:
      'Resource Manager does not find the replication by its id, and does not leave it out of the list',
  },
  missing: {
    evidence: 'provisioning',
    seen: 'neither a read by id nor the list finds the replication; seen twice, it is gone',
    effect: 'inconclusive',
    sentence: 'Resource Manager finds the replication neither by its id nor in the list',
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
    effect: 'noted',
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
    seen: 'the name does not resolve, the answer says nothing about its health (403, 404, a redirect), our own time was over, or probing is off (`probe: false`)',
    effect: 'noted',
    sentence: 'the state of its regional endpoint is unknown',
  },
  pullServed: {
    evidence: 'pull',
    seen: 'the endpoint gives a token, the manifest and the first bytes of a layer',
    effect: 'good',
    sentence: 'a pull from its regional endpoint works',
  },
  pullThrottled: {
    evidence: 'pull',
    seen: 'a step of the pull is answered 429',
    effect: 'noted',
    sentence: 'its regional endpoint throttles pulls',
  },
  pullFails: {
    evidence: 'pull',
    seen: 'a step of the pull is answered 5xx, refused a connection or not answered in time',
    effect: 'bad',
    sentence: 'a pull from its regional endpoint fails',
  },
  pullLacks: {
    evidence: 'pull',
    seen: 'a step of the pull is answered 401, 403 or 404, and another replica serves the same image in this review',
    effect: 'bad',
    sentence: 'its regional endpoint does not serve what other replicas serve',
  },
  pullUnserved: {
    evidence: 'pull',
    seen: 'a step of the pull is refused, and no replica serves the image; or all replicas that were asked fail',
    effect: 'inconclusive',
    sentence: 'no replica serves the image that is pulled, which says nothing about this one',
  },
  pullUnknown: {
    evidence: 'pull',
    seen: 'nothing was pulled (no image is known to be everywhere, the name does not resolve, our own time was over), the replica need not have the image yet, or the answer says nothing',
    effect: 'noted',
    sentence: 'it is not known whether a pull works',
  },
  onTime: {
    evidence: 'late images',
    seen: 'none is late',
    effect: 'witness',
    sentence: 'no image is late',
  },
  someLate: {
    evidence: 'late images',
    seen: 'fewer than 3 are late, or fewer than half of the late images in the registry',
    effect: 'witness',
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
    seen: 'the number is unknown, or there are images of which nobody could say whether they are late',
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
  rehearsal: {
    evidence: 'policy',
    seen: 'a rehearsal, from the review that begins it to its end',
    effect: 'raises',
    sentence: 'a rehearsal keeps it out of global routing',
  },
} as const satisfies Record<string, FindingRow>;

export interface Finding {
  readonly kind: keyof typeof findingTable;
  readonly detail?: string | undefined;
}

const transitional: ReadonlySet<string> = new Set(['Creating', 'Updating', 'Deleting']);
export const isTransitional = (provisioningState: string): boolean => transitional.has(provisioningState);

/** One finding for each kind of evidence, and one for pull and for policy where they apply. */
export function findingsOf(evidence: Evidence, now: Date): readonly Finding[] {
  const policy = policyFinding(evidence.policy);
  return [
    provisioningFinding(evidence, now),
    reachabilityFinding(evidence.reachability),
    ...(evidence.pull === undefined ? [] : [pullFinding(evidence.pull)]),
    lateFinding(evidence.lateImages),
    ...(policy === undefined ? [] : [policy]),
  ];
}

function provisioningFinding({ provisioning, absent }: Evidence, now: Date): Finding {
  if (provisioning === null) {
    if (absent === undefined) return { kind: 'unread' };
    return { kind: absent === 'notListed' ? 'missing' : 'contradicted' };
  }
  const { state, displayStatus, since, message } = provisioning;
  const detail = message === undefined ? state : `${state}, ${message}`;
  if (state === 'Failed') return { kind: 'failed', detail };
  const isStuck = isTransitional(state) && now.getTime() - Date.parse(since) >= stuckAfterMs;
  if (isStuck) return { kind: 'stuck', detail: `${detail}, since ${since}` };
  if (state === 'Creating' || state === 'Deleting') return { kind: 'creatingOrDeleting', detail };
  if (!isReady(displayStatus)) return { kind: 'notReady', detail: displayStatus };
  if (state === 'Succeeded') return { kind: 'provisioned' };
  return { kind: state === 'Updating' ? 'updating' : 'otherState', detail };
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

const pullFindings = {
  served: 'pullServed',
  throttled: 'pullThrottled',
  failing: 'pullFails',
  lacking: 'pullLacks',
  unserved: 'pullUnserved',
  unknown: 'pullUnknown',
} as const satisfies Record<NonNullable<Evidence['pull']>['kind'], Finding['kind']>;

const pullFinding = (pull: NonNullable<Evidence['pull']>): Finding => ({
  kind: pullFindings[pull.kind],
  ...('reason' in pull ? { detail: pull.reason } : {}),
});

function lateFinding(images: Evidence['lateImages']): Finding {
  if (images === null) return { kind: 'lateImagesUnknown' };
  const { late, lateInRegistry, uncounted = 0 } = images;
  const detail = `${late} of the ${lateInRegistry} late images in the registry`;
  if (late >= minLate && 2 * late >= lateInRegistry) return { kind: 'mostLate', detail };
  if (uncounted > 0) return { kind: 'lateImagesUnknown', detail: `${uncounted} could not be asked for` };
  return late === 0 ? { kind: 'onTime' } : { kind: 'someLate', detail };
}

function policyFinding(policy: Evidence['policy']): Finding | undefined {
  if (policy === null) return undefined;
  if (policy.routing === 'never') return { kind: 'never' };
  // Who asked for a rehearsal, and why, is no part of a sentence that is logged.
  const kind = policy.routing === 'off' ? 'maintenanceWindow' : 'rehearsal';
  return { kind, detail: `until ${policy.until}` };
}

/**
 * The health that the findings add up to; policy is no evidence of health and does not count here.
 * @param required the kinds of evidence that need a witness for a good review.
 */
export function healthOf(findings: readonly Finding[], required: readonly string[]): Health {
  const effects = findings.map(effectOf);
  if (effects.includes('bad')) return 'bad';
  if (effects.includes('inconclusive') || !effects.includes('good')) return 'inconclusive';
  return unwitnessedKinds(findings, required).length === 0 ? 'good' : 'inconclusive';
}

/** The kinds of evidence that were bad. */
export const badKinds = (findings: readonly Finding[]): EvidenceKind[] =>
  findings.filter((finding) => effectOf(finding) === 'bad').map(kindOf);

/** The kinds of evidence that were seen to be good. */
export const witnessedKinds = (findings: readonly Finding[]): EvidenceKind[] =>
  findings.filter((finding) => ['good', 'witness'].includes(effectOf(finding))).map(kindOf);

/** The required kinds that nothing saw to be good. */
function unwitnessedKinds(findings: readonly Finding[], required: readonly string[]): string[] {
  const witnessed: readonly string[] = witnessedKinds(findings);
  return required.filter((kind) => kind !== 'policy' && !witnessed.includes(kind));
}

const neededWitness: Readonly<Record<string, string>> = {
  provisioning: 'its replication has to be read as Succeeded and ready',
  endpoint: 'its regional endpoint has to answer 200 or 401',
  pull: 'a pull from its regional endpoint has to work (probe is "pull" in REGISTRIES)',
  lateImages: 'its late images have to be counted, and to be few',
};

/** What has to be seen for the required kinds that nothing saw to be good, and what was seen instead, in sentences. */
export const awaitedWitnesses = (findings: readonly Finding[], required: readonly string[]): string[] =>
  unwitnessedKinds(findings, required).map((kind) => {
    const needed = neededWitness[kind] ?? `${kind} has to be seen good by a later version of evenkeel`;
    const found = findings.find((finding) => kindOf(finding) === kind);
    return found === undefined ? needed : `${needed}; now: ${sentenceOf(found)}`;
  });

export const raisesAtOnce = (findings: readonly Finding[]): boolean =>
  findings.some((finding) => effectOf(finding) === 'raises');

/** The findings against the replica, as sentences. */
export const reasonsOf = (findings: readonly Finding[]): string[] =>
  findings.filter((finding) => ['raises', 'bad'].includes(effectOf(finding))).map(sentenceOf);

const kindOf = ({ kind }: Finding): EvidenceKind => kindOfEvidence[findingTable[kind].evidence];

const effectOf = ({ kind }: Finding): Effect => findingTable[kind].effect;

const sentenceOf = ({ kind, detail }: Finding): string =>
  detail === undefined ? findingTable[kind].sentence : `${findingTable[kind].sentence}: ${detail}`;
