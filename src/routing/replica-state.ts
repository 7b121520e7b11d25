import * as v from 'valibot';
import { actionSchema } from './action.ts';
import { evidenceSchema, provisioningSchema } from './evidence.ts';
import { intentSchema, isChange } from './intent.ts';
import { interlockSchema } from './interlocks/interlock.ts';
import { reviewSchema, verdictSchema } from './verdict.ts';

export const replicaStateSchema = v.object({
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
  fight: v.optional(v.object({ since: v.string(), lastModifiedBy: v.optional(v.string()) })),
  /** The text by which an operator ended the last fight; it ends no other. */
  resumedBy: v.optional(v.string()),
  /** When its flag was last told. */
  toldAt: v.optional(v.string()),
  interlocks: v.array(interlockSchema),
  action: actionSchema,
});

/** All that is remembered of one replica from review to review. Times are ISO 8601 in UTC. */
export type ReplicaState = v.InferOutput<typeof replicaStateSchema>;

/** The last time that its routing changed by our hand or was taken back. */
export function changedAt({ intent, reversedAt }: ReplicaState): string | undefined {
  const times = [isChange(intent) ? intent.at : undefined, reversedAt].filter((time) => time !== undefined);
  return times.toSorted().at(-1);
}
