import * as v from 'valibot';
import { type ContainerGroupId, parseContainerGroupId } from '../container-group.ts';
import type { ZoneMap } from '../zone-map.ts';
import type { Finding } from './compare.ts';
import type { InventoryGroup } from './inventory.ts';

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
type SpokeCount = v.InferOutput<typeof spokeSchema>;
export type Unread = v.InferOutput<typeof unreadSchema>;

/** @returns `undefined` for what no sweep of this version has written. */
export function parseAuditReport(value: unknown): AuditReport | undefined {
  const parsed = v.safeParse(reportSchema, value);
  return parsed.success ? parsed.output : undefined;
}

/** Two or more names on one address: at most one of them is what the address's PTR says. */
export function sharedAddresses(groups: readonly InventoryGroup[]): AuditReport['sharedAddresses'] {
  const byAddress = Map.groupBy(groups, ({ address }) => address);
  return [...byAddress].flatMap(([address, sharing]) =>
    typeof address === 'string' && sharing.length > 1
      ? [{ address, containerGroups: sharing.map(({ id }) => id.key).toSorted() }]
      : [],
  );
}

/**
 * Counts by the zone map's keys.
 * @param ownedSets how many marked record sets each owner has, one entry for each zone and owner.
 */
export function spokeCounts(
  zones: ZoneMap,
  groups: readonly InventoryGroup[],
  ownedSets: Iterable<readonly [ownerKey: string, count: number]>,
  findings: readonly Finding[],
): SpokeCount[] {
  const counts = new Map(
    zones.places.map(({ key }) => [key, { key, groups: 0, recordSets: 0, findings: 0 }]),
  );
  const countOf = (id: ContainerGroupId | undefined) => id && counts.get(zones.spokeOf(id)?.key ?? '');
  for (const { id } of groups) {
    const count = countOf(id);
    if (count !== undefined) count.groups += 1;
  }
  for (const [ownerKey, sets] of ownedSets) {
    const count = countOf(parseContainerGroupId(ownerKey));
    if (count !== undefined) count.recordSets += sets;
  }
  for (const { group } of findings) {
    const count = countOf(group);
    if (count !== undefined) count.findings += 1;
  }
  return [...counts.values()];
}
