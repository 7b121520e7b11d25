import * as v from 'valibot';
import { stripSchema } from '../../lib/last-day.ts';
import type { ContainerGroupId } from '../container-group.ts';

/**
 * What the audit finds at a record set. Every finding is a hint that the reconciler verifies.
 *
 * | finding          | means                                                                    |
 * |------------------|--------------------------------------------------------------------------|
 * | `addressDiffers` | the A record set of a live group shows another address, or more than one |
 * | `aMissing`       | a live group has no A record set                                         |
 * | `ptrMissing`     | the address of a live group has no PTR record set                        |
 * | `ptrDiffers`     | that PTR names somebody else, or more than one host                      |
 * | `stalePtr`       | a PTR names a live group at an address that it does not have             |
 * | `orphan`         | a record set of ours whose container group is gone or needs none         |
 * | `misplaced`      | a record set of ours that the map or the group's tag wants elsewhere now |
 * | `unmapped`       | a record set of ours whose owner no entry of the map covers: reported only |
 */
const findingKinds = [
  'addressDiffers',
  'aMissing',
  'ptrMissing',
  'ptrDiffers',
  'stalePtr',
  'orphan',
  'misplaced',
  'unmapped',
] as const;

export type FindingKind = (typeof findingKinds)[number];

/** One finding at one record set. */
export interface Finding {
  readonly finding: FindingKind;
  readonly group: ContainerGroupId;
  /** ARM id of the record set, in lower case. */
  readonly recordSet: string;
  /** Where the PTR is that names the group; `undefined` where the reconciler finds it by itself. */
  readonly address: string | undefined;
  /** The address that the group has; `null` when it has none, is gone, or is not known. */
  readonly liveAddress: string | null;
  /** What the record set says, comma-separated where it is more than one value; `null` when it is absent. */
  readonly recordAddress: string | null;
  /** Whether the record set carries no mark of evenkeel's, so that the reconciler leaves it as it is. */
  readonly isRefused: boolean;
}

const texts = v.array(v.string());

/** All findings of one kind for one container group. */
const findingSchema = v.object({
  finding: v.picklist(findingKinds),
  containerGroup: v.string(),
  recordSets: texts,
  /** Where PTRs are that name the group. */
  addresses: texts,
  /** What was seen at the first of the record sets; a report of an older version does not say. */
  liveAddress: v.optional(v.nullable(v.string()), null),
  recordAddress: v.optional(v.nullable(v.string()), null),
  /** Whether the reconciler leaves the group as it is, because a record set of another keeper has its name. */
  isRefused: v.optional(v.boolean(), false),
  /** The start of the first of the consecutive sweeps that found it. */
  since: v.string(),
});

const spokeSchema = v.object({
  key: v.string(),
  groups: v.number(),
  recordSets: v.number(),
  findings: v.number(),
});

/** A listing that was not read to its end, or an entry of the zone map that cannot be used. */
const unreadSchema = v.object({ scope: v.string(), reason: v.string() });

const reportSchema = v.object({
  startedAt: v.string(),
  finishedAt: v.string(),
  /** Whether every listing was read to its end; what was not is in `unread`. */
  complete: v.boolean(),
  /** The end of the first of the consecutive sweeps that were not complete. */
  incompleteSince: v.optional(v.string()),
  unread: v.array(unreadSchema),
  spokes: v.array(spokeSchema),
  findings: v.array(findingSchema),
  /** Two or more names on one address: at most one of them is what its PTR says. */
  sharedAddresses: v.array(v.object({ address: v.string(), containerGroups: texts })),
  /** Container groups in a mapped subscription whose resource group the zone map does not name. */
  unmapped: texts,
  /** What the audits of the last day found, by the key of the spoke: see `audit-strip.ts`. */
  strips: v.optional(v.record(v.string(), stripSchema), {}),
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
