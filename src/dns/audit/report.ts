import * as v from 'valibot';

const texts = v.array(v.string());

/** All findings of one kind for one container group. */
const findingSchema = v.object({
  finding: v.picklist(['addressDiffers', 'aMissing', 'ptrMissing', 'ptrDiffers', 'stalePtr', 'orphan']),
  containerGroup: v.string(),
  recordSets: texts,
  /** Where PTRs are that name the group. */
  addresses: texts,
  /** The start of the first of the consecutive sweeps that found it. */
  since: v.string(),
});

const spokeSchema = v.object({
  key: v.string(),
  groups: v.number(),
  recordSets: v.number(),
  findings: v.number(),
});

/** A listing that was not read to its end. */
const unreadSchema = v.object({ scope: v.string(), reason: v.string() });

const reportSchema = v.object({
  startedAt: v.string(),
  finishedAt: v.string(),
  /** Whether every listing was read to its end; what was not is in `unread`. */
  complete: v.boolean(),
  unread: v.array(unreadSchema),
  spokes: v.array(spokeSchema),
  findings: v.array(findingSchema),
  /** Two or more names on one address: at most one of them is what its PTR says. */
  sharedAddresses: v.array(v.object({ address: v.string(), containerGroups: texts })),
  /** Container groups in a mapped subscription whose resource group the zone map does not name. */
  unmapped: texts,
});

/** One sweep, as it is stored for people and for the next sweep. Times are ISO 8601 in UTC. */
export type AuditReport = v.InferOutput<typeof reportSchema>;
export type ReportedFinding = v.InferOutput<typeof findingSchema>;
export type SpokeCount = v.InferOutput<typeof spokeSchema>;
export type Unread = v.InferOutput<typeof unreadSchema>;

/** @returns `undefined` for what no sweep of this version has written. */
export function parseAuditReport(value: unknown): AuditReport | undefined {
  const parsed = v.safeParse(reportSchema, value);
  return parsed.success ? parsed.output : undefined;
}
