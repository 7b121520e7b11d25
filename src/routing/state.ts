import * as v from 'valibot';
import { asciiJson, parseJson } from '../lib/json.ts';
import type { Signal } from '../signals/signal.ts';
import { evidenceSchema, provisioningSchema } from './evidence.ts';
import { countsAsChange, intentSchema } from './intent.ts';
import { reviewSchema, verdictSchema } from './verdict.ts';

const interlockSchema = v.object({ rule: v.string(), pass: v.boolean(), detail: v.string() });

/** What one rule says of a change that may be made, in a sentence. */
export type Interlock = v.InferOutput<typeof interlockSchema>;

const actionSchema = v.object({
  do: v.picklist(['nothing', 'switchOff', 'switchOn']),
  because: v.string(),
  /** The interlocks that refuse. */
  rules: v.optional(v.array(v.string())),
});

/** What a review does about a replica's routing, and why, in a sentence. */
export type Action = v.InferOutput<typeof actionSchema>;

const replicaStateSchema = v.object({
  /** ARM id of the replication. */
  id: v.string(),
  name: v.string(),
  region: v.string(),
  /** Read by id in the last review; `unread` when that failed. */
  routing: v.picklist(['enabled', 'disabled', 'unknown', 'unread']),
  evidence: evidenceSchema,
  /** When it was read last, which may not be the last review. */
  lastProvisioning: v.optional(provisioningSchema),
  reading: v.picklist(['bad', 'good', 'open']),
  /** What speaks against it now, in sentences. */
  reasons: v.array(v.string()),
  /** The last reviews that counted, oldest first. */
  reviews: v.array(reviewSchema),
  verdict: verdictSchema,
  /** The last change that evenkeel decided on. */
  intent: v.optional(intentSchema),
  /** Our own change took it out of routing, and nobody has taken it back since. */
  disabledByUs: v.boolean(),
  /** How often somebody else switched it on again under the present flag. */
  reversals: v.number(),
  reversedAt: v.optional(v.string()),
  /** Since when it is left alone because somebody else keeps reversing it. */
  contested: v.optional(v.object({ since: v.string(), lastModifiedBy: v.optional(v.string()) })),
  /** The text by which an operator ended the last contest; it ends no other. */
  resumedBy: v.optional(v.string()),
  /** When its flag was last told. */
  toldAt: v.optional(v.string()),
  interlocks: v.array(interlockSchema),
  action: actionSchema,
});

/** All that is remembered of one replica from review to review. Times are ISO 8601 in UTC. */
export type ReplicaState = v.InferOutput<typeof replicaStateSchema>;

/** The last time that its routing changed by our hand or was taken back. */
export function lastChangeAt({ intent, reversedAt }: ReplicaState): string | undefined {
  const times = [countsAsChange(intent) ? intent.at : undefined, reversedAt].filter(
    (time) => time !== undefined,
  );
  return times.toSorted().at(-1);
}

const layout = 1;

const signalType = v.custom<Signal['type']>(
  (type) => typeof type === 'string' && type.startsWith('evenkeel.'),
);

const signalSchema = v.object({
  id: v.string(),
  type: signalType,
  source: v.string(),
  subject: v.string(),
  data: v.record(v.string(), v.unknown()),
});

const stateSchema = v.object({
  layout: v.literal(layout),
  registry: v.string(),
  reviewedAt: v.string(),
  /** The last review that counted for the hysteresis. */
  countedAt: v.optional(v.string()),
  mode: v.picklist(['flag', 'enforce']),
  home: v.optional(v.string()),
  /** Since when and why nothing is decided: Resource Manager does not answer. */
  frozen: v.optional(v.object({ since: v.string(), reason: v.string() })),
  commonCause: v.boolean(),
  replicas: v.array(replicaStateSchema),
  /** Of this registry, by our hand, in the last hour. */
  changedAt: v.array(v.string()),
  /** Signals that were not seen to be published; they are published again under the same ids. */
  outbox: v.array(signalSchema),
  /** What is wrong with the registry's entry or with its replicas, in sentences. */
  problems: v.array(v.string()),
});

/** What the review of one registry leaves for the next one and for people. Times are ISO 8601 in UTC. */
export type ReviewState = v.InferOutput<typeof stateSchema>;

/** The state was written by a later version of evenkeel, and writing over it would lose what that one knows. */
export class NewerReviewStateError extends Error {
  override readonly name = 'NewerReviewStateError';
  constructor(registry: string, found: number) {
    super(
      `the review of ${registry} was stored in layout ${found}, and this version reads ${layout}: deploy the later version again, or delete the entity of ${registry} in the table EvenkeelReviews to begin anew`,
    );
  }
}

export const encodeReviewState = (state: ReviewState): string => asciiJson(state);

/**
 * @returns `undefined` for text that no version has written: the review begins anew.
 * @throws {NewerReviewStateError}
 */
export function decodeReviewState(registry: string, text: string): ReviewState | undefined {
  const value = parseJson(text);
  const newer = v.safeParse(v.object({ layout: v.pipe(v.number(), v.minValue(layout + 1)) }), value);
  if (newer.success) throw new NewerReviewStateError(registry, newer.output.layout);
  const parsed = v.safeParse(stateSchema, value);
  return parsed.success ? parsed.output : undefined;
}

export const emptyReviewState = (registry: string, at: string, mode: ReviewState['mode']): ReviewState => ({
  layout,
  registry,
  reviewedAt: at,
  mode,
  commonCause: false,
  replicas: [],
  changedAt: [],
  outbox: [],
  problems: [],
});
