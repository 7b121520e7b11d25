import * as v from 'valibot';
import { shownText } from '../../output/shown-text.ts';

const text = v.nullish(shownText);

const evidence = v.looseObject({
  provisioning: v.nullish(v.looseObject({ state: shownText })),
  reachability: v.nullish(v.looseObject({ kind: shownText, reason: text, latencyMs: v.nullish(v.number()) })),
  lateImages: v.nullish(v.looseObject({ late: v.number(), lateInRegistry: v.number() })),
  policy: v.nullish(v.looseObject({ routing: shownText, until: text })),
});

const replica = v.looseObject({
  region: shownText,
  name: shownText,
  /** `null` when Azure did not say. */
  routed: v.nullish(v.boolean()),
  verdict: shownText,
  since: shownText,
  evidence,
  reasons: v.array(shownText),
  interlocks: v.array(v.looseObject({ rule: shownText, pass: v.boolean(), detail: shownText })),
  action: v.nullish(v.looseObject({ do: shownText, because: shownText })),
  disabledByUs: v.optional(v.boolean(), false),
  contested: v.optional(v.boolean(), false),
  contestedBy: text,
  commands: v.looseObject({ off: shownText, on: shownText, resume: text }),
});

const registry = v.looseObject({
  registry: shownText,
  /** `null` before the first review, and when no review can be read. */
  reviewedAt: text,
  frozen: v.nullish(v.looseObject({ since: shownText, reason: shownText })),
  commonCause: v.optional(v.boolean(), false),
  problems: v.optional(v.array(shownText), []),
  replicas: v.array(replica),
});

const documentSchema = v.looseObject({
  now: shownText,
  problems: v.array(v.looseObject({ code: shownText, message: shownText })),
  registries: v.array(registry),
});

/** What `GET /api/status` says of replicas; additions are kept for `--json`. */
export type ReplicaReport = v.InferOutput<typeof documentSchema>;
export type ReportedRegistry = ReplicaReport['registries'][number];
export type ReportedReplica = ReportedRegistry['replicas'][number];

/** @returns `undefined` for what is no status document. */
export function readReplicaReport(body: unknown): ReplicaReport | undefined {
  const parsed = v.safeParse(documentSchema, body);
  return parsed.success ? parsed.output : undefined;
}

export const isFlagged = ({ verdict }: ReportedReplica): boolean => verdict === 'flagged';

/** Nothing is to be said of the others. */
export const isNoteworthy = (replica: ReportedReplica): boolean =>
  isFlagged(replica) || replica.contested || replica.routed !== true;
