import type { Deadline } from '../lib/deadline.ts';
import type { Region, Replica } from './replica.ts';

/** What is remembered of a region's replica, over restarts. Times are ms, by evenkeel's clock. */
export interface Member {
  /** The name of the replication, by which it is read. */
  readonly name: string;
  /** When it was first seen being created, or after its absence was confirmed; `undefined` when it was older. */
  readonly creatingAtMs: number | undefined;
  /** When it was first seen out of seeding since then; `undefined` while it is being seeded. */
  readonly readyAtMs: number | undefined;
  /** As it was seen last: false for one whose last change failed, and that is neither routed nor well. */
  readonly isUsable: boolean;
  /** The first of the looks in a row in which it was neither in the list nor found by its id. */
  readonly absentSinceMs: number | undefined;
  /** When its absence was confirmed the last time; it may have come back since. */
  readonly goneAtMs: number | undefined;
}

/** The replicas of a registry that were ever seen, by region. */
export type Membership = ReadonlyMap<Region, Member>;

/** One look at the replicas of a registry. */
export interface Look {
  /** Replicas that the list shows, or that were read by id. */
  readonly seen: readonly Replica[];
  /** Regions that the list does not show, and whose replica was not found by its id either. */
  readonly absent: readonly Region[];
}

/** Keeps what is remembered of each registry, by its key: a registry is known by its ARM id before anything else. */
export interface MembershipStore {
  /** @throws {StateUnavailableError} */
  read(registryKey: string, deadline: Deadline): Promise<StoredMembership | undefined>;
  /**
   * @param version `undefined` for a registry of which nothing is stored yet
   * @throws {StateChangedError} when somebody else was first
   * @throws {StateUnavailableError}
   */
  write(
    registryKey: string,
    membership: Membership,
    version: string | undefined,
    deadline: Deadline,
  ): Promise<void>;
}

export interface StoredMembership {
  readonly membership: Membership;
  readonly version: string;
}

/**
 * What is remembered after a look.
 *
 * | the replica of a region                                           | is remembered as                      |
 * |-------------------------------------------------------------------|---------------------------------------|
 * | is `Creating`                                                     | being seeded, from the beginning      |
 * | has the status `Syncing` in every look since it came into being   | being seeded                          |
 * | has any other status, or had it once                              | out of seeding                        |
 * | is `Failed` or `Canceled`, and neither routed nor well            | not usable                            |
 * | is in no list, and not found by its id                            | absent since this look                |
 * | the same in a look `gapMs` or more later                          | gone                                  |
 * | is in no list, and nothing else is known                          | it was before                         |
 *
 * How the last change at Resource Manager ended says nothing of membership: a replica that serves stays a replica when
 * a change of it fails.
 *
 * @param gapMs how far apart two looks have to be that confirm an absence
 * @returns the same value when nothing changed
 */
export function withLook(
  before: Membership,
  { seen, absent }: Look,
  nowMs: number,
  gapMs: number,
): Membership {
  const after = new Map(before);
  for (const replica of seen) after.set(replica.region, withSeen(before.get(replica.region), replica, nowMs));
  for (const region of absent) {
    const member = before.get(region);
    if (member === undefined) continue;
    const { absentSinceMs } = member;
    if (absentSinceMs === undefined) after.set(region, { ...member, absentSinceMs: nowMs });
    else if (!isGone(member) && nowMs - absentSinceMs >= gapMs)
      after.set(region, { ...member, goneAtMs: nowMs });
  }
  return isSameMembership(before, after) ? before : after;
}

function withSeen(before: Member | undefined, replica: Replica, nowMs: number): Member {
  const { name, provisioningState, displayStatus = '', globalRouting } = replica;
  // One that comes back is another replica, whose seeding begins anew.
  const known = before === undefined || isGone(before) ? undefined : before;
  const kept = { name, absentSinceMs: undefined, goneAtMs: before?.goneAtMs };
  if (/^creating$/i.test(provisioningState)) {
    const creatingAtMs = known !== undefined && isSeeding(known) ? (known.creatingAtMs ?? nowMs) : nowMs;
    return { ...kept, creatingAtMs, readyAtMs: undefined, isUsable: true };
  }
  const isSyncing = /^syncing$/i.test(displayStatus);
  const isWell = /^(ready|online)$/i.test(displayStatus);
  const hasFailed = /^(failed|canceled)$/i.test(provisioningState);
  const isUsable = !hasFailed || isWell || globalRouting !== 'disabled';
  const isOut = !isSyncing && isUsable;
  return {
    ...kept,
    creatingAtMs: before !== undefined && known === undefined ? nowMs : known?.creatingAtMs,
    readyAtMs: known?.readyAtMs ?? (isOut ? nowMs : undefined),
    isUsable,
  };
}

/**
 * What is remembered by two who looked: the store, and this process. Absences are those of the store, where they are
 * confirmed.
 */
export function mergedMembership(stored: Membership, own: Membership): Membership {
  const merged = new Map(own);
  for (const [region, member] of stored) {
    const other = own.get(region);
    merged.set(region, other === undefined || isGone(member) ? member : latest(member, other));
  }
  return merged;
}

/** A replica that was seen out of seeding stays so, unless it was seen being created since. */
function latest(stored: Member, own: Member): Member {
  const creatingAtMs = newest(stored.creatingAtMs, own.creatingAtMs);
  const readyAtMs = newest(stored.readyAtMs, own.readyAtMs);
  const isReady = readyAtMs !== undefined && readyAtMs >= (creatingAtMs ?? Number.NEGATIVE_INFINITY);
  return { ...stored, creatingAtMs, readyAtMs: isReady ? readyAtMs : undefined };
}

const newest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);

/** Whether the absence of a replica was confirmed, and it has not come back. */
export const isGone = ({ absentSinceMs, goneAtMs }: Member): boolean =>
  absentSinceMs !== undefined && goneAtMs !== undefined && goneAtMs >= absentSinceMs;

export const isSeeding = ({ readyAtMs }: Member): boolean => readyAtMs === undefined;

/** Whether a replica that was there at a time has left since, as far as that is confirmed; another one may have come. */
export const hasLeftSince = (member: Member, timeMs: number): boolean =>
  isGone(member) || Math.max(member.goneAtMs ?? timeMs, member.creatingAtMs ?? timeMs) > timeMs;

/** Whether images have to reach a replica: it exists as far as anybody knows, and is not being seeded. */
export const canServe = (member: Member): boolean => !isGone(member) && !isSeeding(member) && member.isUsable;

export const isSameMembership = (a: Membership, b: Membership): boolean =>
  a.size === b.size && [...a].every(([region, member]) => isSameMember(member, b.get(region)));

const isSameMember = (a: Member, b: Member | undefined): boolean =>
  a === b ||
  (a.name === b?.name &&
    a.creatingAtMs === b.creatingAtMs &&
    a.readyAtMs === b.readyAtMs &&
    a.isUsable === b.isUsable &&
    a.absentSinceMs === b.absentSinceMs &&
    a.goneAtMs === b.goneAtMs);

/** The regions whose replica is known, and not known to be gone, and that a list leaves out. */
export function unlistedIn(members: Membership, listed: readonly Replica[]): Region[] {
  const shown = new Set(listed.map(({ region }) => region));
  return [...members].flatMap(([region, member]) => (shown.has(region) || isGone(member) ? [] : region));
}

/** Whether another process may know better what a list says. */
export const contradicts = (listed: readonly Replica[], members: Membership): boolean =>
  unlistedIn(members, listed).length > 0 ||
  listed.some(({ region }) => {
    const member = members.get(region);
    return member === undefined || isSeeding(member);
  });
