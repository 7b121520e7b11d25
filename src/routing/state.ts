import * as v from 'valibot';
import { stripSchema } from '../lib/last-day.ts';
import type { Signal } from '../signals/signal.ts';

/**
 * Everything that one review leaves for the next one, as it is stored. Times are ISO 8601 in UTC.
 *
 * A change that an older text does not satisfy needs a new {@link layout} and a migration in `state-codec.ts`.
 */
export const layout = 3;

/** A regional endpoint's answer: the same as `ProbeAnswer`. */
const reachabilitySchema = v.variant('kind', [
  v.object({ kind: v.literal('alive'), latencyMs: v.number() }),
  v.object({ kind: v.literal('throttled'), retryAfterMs: v.number() }),
  v.object({ kind: v.literal('failing'), reason: v.string(), latencyMs: v.number() }),
  v.object({ kind: v.literal('unknown'), reason: v.string() }),
]);

/** What a pull at a regional endpoint came to, beside those at the other replicas: see `pull-evidence.ts`. */
const pullSchema = v.variant('kind', [
  v.object({ kind: v.literal('served'), latencyMs: v.number() }),
  v.object({ kind: v.literal('throttled'), retryAfterMs: v.number() }),
  v.object({ kind: v.literal('failing'), reason: v.string() }),
  v.object({ kind: v.literal('lacking'), reason: v.string() }),
  v.object({ kind: v.literal('unserved'), reason: v.string() }),
  v.object({ kind: v.literal('unknown'), reason: v.string() }),
]);

const provisioningSchema = v.object({
  state: v.string(),
  /** Free text from Azure, such as `Ready` or `Syncing`. */
  displayStatus: v.optional(v.string()),
  message: v.optional(v.string()),
  /** The first review that saw it in this state. */
  since: v.string(),
});

const evidenceSchema = v.object({
  /** `null`: the replication could not be read by id. */
  provisioning: v.nullable(provisioningSchema),
  /** What the list says of a replication that a read by id does not find. */
  absent: v.optional(v.picklist(['listed', 'notListed', 'listUnread'])),
  reachability: reachabilitySchema,
  /** Missing where `probe` is not `pull`. */
  pull: v.optional(pullSchema),
  /** `null`: unknown. `uncounted`: images past their objective of which nobody could say whether they are there. */
  lateImages: v.nullable(
    v.object({ late: v.number(), lateInRegistry: v.number(), uncounted: v.optional(v.number()) }),
  ),
  /** The operator's rule that applies at the moment. */
  policy: v.nullable(
    v.variant('routing', [
      v.object({ routing: v.literal('never') }),
      v.object({ routing: v.literal('off'), until: v.string() }),
      v.object({
        routing: v.literal('rehearsal'),
        until: v.string(),
        by: v.nullable(v.string()),
        reason: v.nullable(v.string()),
      }),
    ]),
  ),
});

const healthSchema = v.picklist(['bad', 'good', 'inconclusive']);

/** Kinds of evidence, see `findings.ts`. One that a later version knows is read, and never seen to be good. */
const kindsSchema = v.array(v.string());

/** One review of one replica, as its verdict remembers it. */
const reviewSchema = v.object({
  at: v.string(),
  health: healthSchema,
  /** The evidence against the replica, in sentences. */
  because: v.array(v.string()),
  /** The kinds of evidence that were bad; left out where none was. */
  bad: v.optional(kindsSchema),
});

const verdictSchema = v.object({
  flagged: v.boolean(),
  /** The review that changed the verdict last. */
  since: v.string(),
  /** The reviews that led to it; empty for a replica that was never flagged. */
  reviews: v.array(reviewSchema),
  /** The kinds of evidence that raised the flag, or were bad while it stood; when none stands, those of the last one. */
  kinds: kindsSchema,
  /** What distinguishes the flag from every other one of the replica, or the last one; empty before the first. */
  flag: v.string(),
});

/** A change of a replica's routing, written down before it is sent, and its outcome: see `intent.ts`. */
const intentSchema = v.object({
  to: v.picklist(['enabled', 'disabled']),
  at: v.string(),
  /** Time of the first attempt, where this one follows others that were not seen to take effect. */
  firstAt: v.optional(v.string()),
  outcome: v.picklist(['pending', 'uncertain', 'running', 'done', 'failed', 'refused', 'notSent']),
  detail: v.optional(v.string()),
});

const interlockSchema = v.object({ rule: v.string(), pass: v.boolean(), detail: v.string() });

const actionSchema = v.object({
  do: v.picklist(['nothing', 'switchOff', 'switchOn']),
  because: v.string(),
  /** The interlocks that refuse. */
  rules: v.optional(v.array(v.string())),
});

const replicaStateSchema = v.object({
  /** ARM id of the replication. */
  id: v.string(),
  name: v.string(),
  region: v.string(),
  /** Read by id in the last review; `unread` when that failed. */
  routing: v.picklist(['enabled', 'disabled', 'unknown', 'unread']),
  evidence: evidenceSchema,
  /** The last provisioning that was read, which may be older than the last review. */
  lastProvisioning: v.optional(provisioningSchema),
  health: healthSchema,
  /** The evidence against it at the moment, in sentences. */
  reasons: v.array(v.string()),
  /** What has to be seen before its flag can be cleared, or before it is switched on again, in sentences. */
  awaits: v.array(v.string()),
  /** The last reviews that counted, oldest first. */
  reviews: v.array(reviewSchema),
  verdict: verdictSchema,
  /** The kinds of evidence that were last seen to be bad, and not to be good since. */
  unrecovered: kindsSchema,
  /** It was seen while it was being created, and never complete since. */
  isBeingCreated: v.optional(v.boolean()),
  /** When it answered 429 in the last hour, oldest first: the newest times only. */
  throttledAt: v.optional(v.array(v.string())),
  /** How many reviews in a row that counted found it neither by id nor in the list. */
  absences: v.optional(v.number()),
  /** The last change that evenkeel planned. */
  intent: v.optional(intentSchema),
  /** Our own change took it out of routing, and nobody has reversed that since. */
  disabledByUs: v.boolean(),
  /** How often somebody else switched it on again while the present flag stood. */
  reversals: v.number(),
  reversedAt: v.optional(v.string()),
  /** Since when it is left alone because somebody else keeps reversing it. */
  contested: v.optional(v.object({ since: v.string(), lastModifiedBy: v.optional(v.string()) })),
  /** The tag value by which an operator ended the last contest; it ends no other. */
  resumedBy: v.optional(v.string()),
  /** When its flag was last signalled. */
  reportedAt: v.optional(v.string()),
  /** How often its flag was signalled again. */
  repeats: v.optional(v.number()),
  interlocks: v.array(interlockSchema),
  action: actionSchema,
  /** What the reviews of the last day saw, for people: see `review-strip.ts`. */
  lastDay: v.optional(stripSchema),
});

const signalSchema = v.object({
  id: v.string(),
  type: v.custom<Signal['type']>((type) => typeof type === 'string' && type.startsWith('evenkeel.')),
  source: v.string(),
  subject: v.string(),
  data: v.record(v.string(), v.unknown()),
});

/** A replica that is gone, and what the next one of its name inherits. */
const departedSchema = v.object({
  at: v.string(),
  /** It was never complete: Azure took its creation back. */
  wasRolledBack: v.boolean(),
  replica: replicaStateSchema,
});

/** An operator's wish to have a replica out of global routing for a time, see `rehearsal.ts`. */
const rehearsalSchema = v.object({
  /** Name of the replication. */
  replica: v.string(),
  region: v.string(),
  requestedAt: v.string(),
  until: v.string(),
  /** Who asked for it, and why, in their own words. They are shown, and never logged. */
  by: v.nullable(v.string()),
  reason: v.nullable(v.string()),
  /** The review that began it; left out before that. */
  beganAt: v.optional(v.string()),
  /** What keeps it from beginning, by the last review. */
  heldBy: v.array(v.string()),
});

export const reviewStateSchema = v.object({
  layout: v.literal(layout),
  registry: v.string(),
  reviewedAt: v.string(),
  /** The last review that counted for the hysteresis. */
  countedAt: v.optional(v.string()),
  mode: v.picklist(['flag', 'enforce']),
  home: v.optional(v.string()),
  /** Resource Manager does not answer, so nothing is changed. */
  controlPlaneError: v.optional(v.object({ since: v.string(), reason: v.string() })),
  commonCause: v.boolean(),
  /** The first of the consecutive reviews that found it. */
  commonCauseSince: v.optional(v.string()),
  /** What Azure Resource Health said of the registry in this review; missing where it cannot be read. */
  availability: v.optional(
    v.object({ state: v.string(), summary: v.optional(v.string()), since: v.optional(v.string()) }),
  ),
  /** The names to which the global login server led evenkeel in this review, in order. */
  route: v.optional(v.array(v.string())),
  replicas: v.array(replicaStateSchema),
  /** Replicas that are gone and not forgotten yet. */
  departed: v.array(departedSchema),
  /** At most one for each replica. Requests write it between two reviews, and nothing else of the state. */
  rehearsals: v.optional(v.array(rehearsalSchema), []),
  /** Times of evenkeel's own changes to this registry in the last hour. */
  recentChanges: v.array(v.string()),
  /** Signals that were not seen to be published; they are published again under the same ids. */
  outbox: v.array(signalSchema),
  /** What is wrong with the registry's entry or with its replicas, in sentences. */
  problems: v.array(v.string()),
  /** The first of the consecutive reviews that found each of the problems, by its sentence. */
  problemsSince: v.optional(v.record(v.string(), v.string()), {}),
});

/** What the review of one registry leaves for the next one and for people. */
export type ReviewState = v.InferOutput<typeof reviewStateSchema>;
/** All that is remembered of one replica from review to review. */
export type ReplicaState = v.InferOutput<typeof replicaStateSchema>;
/** What one review observed of one replica. */
export type Evidence = v.InferOutput<typeof evidenceSchema>;
export type Rehearsal = v.InferOutput<typeof rehearsalSchema>;
export type Departed = v.InferOutput<typeof departedSchema>;
export type Provisioning = v.InferOutput<typeof provisioningSchema>;
/** The result of one review of one replica, for the hysteresis. */
export type Health = v.InferOutput<typeof healthSchema>;
export type Review = v.InferOutput<typeof reviewSchema>;
export type Verdict = v.InferOutput<typeof verdictSchema>;
export type Intent = v.InferOutput<typeof intentSchema>;
/** What one rule says about a proposed change, in a sentence. */
export type Interlock = v.InferOutput<typeof interlockSchema>;
/** What a review does about a replica's routing, and why, in a sentence. */
export type Action = v.InferOutput<typeof actionSchema>;

export const emptyReviewState = (registry: string, at: string, mode: ReviewState['mode']): ReviewState => ({
  layout,
  registry,
  reviewedAt: at,
  mode,
  commonCause: false,
  replicas: [],
  departed: [],
  rehearsals: [],
  recentChanges: [],
  outbox: [],
  problems: [],
  problemsSince: {},
});

/** Texts from Azure and from networks have no bound of their own, and one entity has. */
export const clipped = (text: string, maxLength = 160): string =>
  text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;

/** As {@link clipped}, of a text that may be missing. */
export const clippedIfAny = (text: string | undefined, maxLength?: number): string | undefined =>
  text === undefined ? undefined : clipped(text, maxLength);
