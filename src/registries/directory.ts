import { unlessAborted } from '../lib/async.ts';
import { type Deadline, deadlineIn } from '../lib/deadline.ts';
import { StateChangedError } from '../lib/errors.ts';
import { type FetchedRegistry, fetchRegistry, readTimeMs } from './fetch-registry.ts';
import {
  contradicts,
  isGone,
  isSameMembership,
  type Membership,
  type MembershipStore,
  mergedMembership,
  type StoredMembership,
  unlistedIn,
  withLook,
} from './membership.ts';
import type { RegistryReader } from './ports.ts';
import { type Registry, registryKey } from './registry.ts';
import type { Region, Replica } from './replica.ts';

/** The last known state of a registry. */
export interface RegistryView extends FetchedRegistry {
  /** Every replica that was ever seen; `undefined` while nobody could read what was remembered. */
  readonly members: Membership | undefined;
  /** False when the view could not be refreshed in time: replicas may have been added or removed since. */
  readonly isCurrent: boolean;
}

/** A cache of the replicas of each registry. Unless said otherwise it never throws, and never waits longer than 8 s. */
export interface ReplicaDirectory {
  /**
   * What Resource Manager shows of a registry, without reading what is remembered of its replicas.
   * @returns `undefined` when no read of the registry has ever succeeded.
   */
  shown(registry: Registry, deadline: Deadline): Promise<RegistryView | undefined>;
  /** As `shown`, with what is remembered. */
  view(registry: Registry, deadline: Deadline): Promise<RegistryView | undefined>;
  /**
   * Whether a registry has a replica in a region; `unverifiable` when that cannot be determined now. It is `no` when the
   * list does not show the region and no replica of its name is found by id, unless one was seen there whose absence is
   * not confirmed.
   */
  has(registry: Registry, region: Region, deadline: Deadline): Promise<'yes' | 'no' | 'unverifiable'>;
  /**
   * Looks for replicas that the list does not show by their ids, and remembers what it saw. Only this confirms that a
   * replica is gone: in two looks that are `gapMs` or more apart.
   * @throws the errors of the reader, and `StateUnavailableError`.
   */
  look(registry: Registry, gapMs: number, deadline: Deadline): Promise<void>;
  /** The error of the last refresh; `undefined` when it succeeded. */
  lastError(registry: Registry): Error | undefined;
}

interface DirectoryOptions {
  readonly reader: RegistryReader;
  readonly memory: MembershipStore;
  readonly now: () => Date;
  /** The age at which a view is refreshed; 60 s by default. */
  readonly maxAgeMs?: number;
}

interface Entry {
  known: FetchedRegistry | undefined;
  /** What this process saw, and what it read of what others saw. */
  members: Membership;
  /** When it read that; `undefined`: never. */
  rememberedAt: Date | undefined;
  /** A list contradicted what is known, so others may know better. */
  isInDoubt: boolean;
  remembering: Promise<void> | undefined;
  /** When a region was last found to have no replica. */
  readonly denied: Map<Region, Date>;
  failure: { readonly error: Error; readonly at: Date } | undefined;
  refreshing: Promise<void> | undefined;
}

/** Events must not all call a control plane that is failing. */
const retryAfterMs = 10_000;
/** An unknown region refreshes a view of this age, because a replica may have been added since. */
const doubtAfterMs = 5_000;
/** What other processes saw is read again at this age, or sooner when a list contradicts what is known of it. */
const memoryAgeMs = 5 * 60_000;
/** More than one registry has regions. */
const maxDenied = 100;

/** A refresh makes two calls, and seldom a read of what is remembered. Callers that come while it runs share it. */
export function replicaDirectory({
  reader,
  memory,
  now,
  maxAgeMs = 60_000,
}: DirectoryOptions): ReplicaDirectory {
  const entries = new Map<string, Entry>();
  const entryOf = ({ id }: Registry): Entry => {
    const key = registryKey(id);
    const entry = entries.get(key) ?? {
      known: undefined,
      members: new Map(),
      rememberedAt: undefined,
      isInDoubt: false,
      remembering: undefined,
      denied: new Map(),
      failure: undefined,
      refreshing: undefined,
    };
    entries.set(key, entry);
    return entry;
  };
  const msSince = (time: Date): number => now().getTime() - time.getTime();
  const isYoungerThan = ({ known }: Entry, ms: number): boolean =>
    known !== undefined && msSince(known.fetchedAt) < ms;

  /** Adds what was seen to what is known. Absences are for `look` to find. */
  const addSeen = (entry: Entry, seen: readonly Replica[]): void => {
    entry.members = withLook(entry.members, { seen, absent: [] }, now().getTime(), 0);
  };
  const addStored = (entry: Entry, stored: StoredMembership | undefined): void => {
    entry.members = mergedMembership(stored?.membership ?? new Map(), entry.members);
    addSeen(entry, entry.known?.replicas ?? []);
    entry.rememberedAt = now();
    entry.isInDoubt = false;
  };
  const readMemory = async (registry: Registry, entry: Entry): Promise<void> => {
    try {
      addStored(entry, await memory.read(registryKey(registry.id), deadlineIn(readTimeMs)));
    } catch {
      // What this process knows stays; where it knows nothing, the review reaches the verdicts.
    } finally {
      entry.remembering = undefined;
    }
  };
  /** Reads what others saw, unless it was read lately and nothing contradicts it. */
  const remember = async (registry: Registry, entry: Entry, deadline: Deadline): Promise<void> => {
    const { rememberedAt, isInDoubt } = entry;
    if (rememberedAt !== undefined && !isInDoubt && msSince(rememberedAt) < memoryAgeMs) return;
    entry.remembering ??= readMemory(registry, entry);
    await unlessAborted(deadline.signal, entry.remembering).catch(() => {});
  };

  const refresh = async (registry: Registry, entry: Entry): Promise<void> => {
    try {
      const fetched = await fetchRegistry(reader, registry, now);
      if (contradicts(fetched.replicas, entry.members)) entry.isInDoubt = true;
      addSeen(entry, fetched.replicas);
      entry.known = fetched;
      entry.failure = undefined;
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      entry.failure = { error: cause, at: now() };
    } finally {
      entry.refreshing = undefined;
    }
  };
  /** Waits for a refresh until the deadline; the refresh itself goes on. Resolves to whether it succeeded. */
  const refreshed = async (registry: Registry, entry: Entry, { signal }: Deadline): Promise<boolean> => {
    if (entry.failure !== undefined && msSince(entry.failure.at) < retryAfterMs) return false;
    entry.refreshing ??= refresh(registry, entry);
    return unlessAborted(signal, entry.refreshing).then(
      () => entry.failure === undefined,
      () => false,
    );
  };
  const viewOf = (entry: Entry): RegistryView | undefined =>
    entry.known && {
      ...entry.known,
      members: entry.rememberedAt && entry.members,
      isCurrent: entry.failure === undefined && isYoungerThan(entry, maxAgeMs),
    };

  const shown: ReplicaDirectory['shown'] = async (registry, deadline) => {
    const entry = entryOf(registry);
    if (entry.failure !== undefined || !isYoungerThan(entry, maxAgeMs))
      await refreshed(registry, entry, deadline);
    return viewOf(entry);
  };
  const holds = (registry: Registry, region: Region): boolean => {
    const { known, members } = entryOf(registry);
    const member = members.get(region);
    // A registry that was never replicated has no replications, but it still has its home region.
    return known?.home === region || (member !== undefined && !isGone(member));
  };

  /** Reads the replica of a region by id; until more is known, its name is taken to be that of the region. */
  const readById = async (
    registry: Registry,
    region: Region,
    deadline: Deadline,
  ): Promise<Replica | undefined> => {
    const name = entryOf(registry).members.get(region)?.name ?? region;
    const call = reader.readReplica(registry, name, deadline);
    const replica = await unlessAborted(deadline.signal, call);
    return replica?.region === region ? replica : undefined;
  };

  return {
    shown,
    async view(registry, deadline) {
      const entry = entryOf(registry);
      // What is remembered does not depend on Resource Manager, so nobody waits for one after the other.
      const first = entry.rememberedAt === undefined ? remember(registry, entry, deadline) : undefined;
      await Promise.all([shown(registry, deadline), first]);
      // What could not be read just now is not waited for once more.
      if (entry.rememberedAt !== undefined) await remember(registry, entry, deadline);
      return viewOf(entry);
    },
    async has(registry, region, deadline) {
      await shown(registry, deadline);
      if (holds(registry, region)) return 'yes';
      const entry = entryOf(registry);
      const isFresh = isYoungerThan(entry, doubtAfterMs) || (await refreshed(registry, entry, deadline));
      if (holds(registry, region)) return 'yes';
      if (!isFresh || viewOf(entry)?.isCurrent !== true) return 'unverifiable';
      const denied = entry.denied.get(region);
      if (denied !== undefined && msSince(denied) < doubtAfterMs) return 'no';
      // Others may have seen a replica there.
      entry.isInDoubt = true;
      await remember(registry, entry, deadline);
      if (holds(registry, region)) return 'yes';
      if (entry.rememberedAt === undefined || entry.isInDoubt) return 'unverifiable';
      try {
        const replica = await readById(registry, region, deadline);
        if (replica === undefined) {
          if (entry.denied.size >= maxDenied) entry.denied.clear();
          entry.denied.set(region, now());
          return 'no';
        }
        addSeen(entry, [replica]);
        return 'yes';
      } catch {
        return 'unverifiable';
      }
    },
    async look(registry, gapMs, deadline) {
      const entry = entryOf(registry);
      if (!(await refreshed(registry, entry, deadline))) {
        if (entry.failure !== undefined) throw entry.failure.error;
        return;
      }
      const stored = await memory.read(registryKey(registry.id), deadline);
      addStored(entry, stored);
      const listed = entry.known?.replicas ?? [];
      const unlisted = unlistedIn(entry.members, listed);
      const reads = await Promise.allSettled(unlisted.map((region) => readById(registry, region, deadline)));
      const found = reads.flatMap((read) => (read.status === 'fulfilled' ? (read.value ?? []) : []));
      const absent = unlisted.filter((_, index) => {
        const read = reads[index];
        return read?.status === 'fulfilled' && read.value === undefined;
      });
      const members = withLook(
        entry.members,
        { seen: [...listed, ...found], absent },
        now().getTime(),
        gapMs,
      );
      entry.members = members;
      if (stored !== undefined && isSameMembership(members, stored.membership)) return;
      try {
        await memory.write(registryKey(registry.id), members, stored?.version, deadline);
      } catch (error) {
        // Another review looked at the same moment; the next one adds what this one saw.
        if (!(error instanceof StateChangedError)) throw error;
      }
    },
    lastError: (registry) => entryOf(registry).failure?.error,
  };
}
