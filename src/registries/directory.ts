import { unlessAborted } from '../lib/async.ts';
import { type Deadline, deadlineIn } from '../lib/deadline.ts';
import type { RegistryReader } from './ports.ts';
import { type Registry, RegistryMissingError } from './registry.ts';
import type { Region, Replica } from './replica.ts';

/** What was last known of a registry. */
export interface RegistryView {
  /** Such as `myregistry.azurecr.io`. */
  readonly loginServer: string;
  readonly home: Region;
  readonly replicas: readonly Replica[];
  readonly fetchedAt: Date;
  /** False when it could not be refreshed in time: replicas may have come and gone since. */
  readonly isCurrent: boolean;
}

/** The replicas of each registry, remembered for a while. Never throws, and never waits longer than 8 s. */
export interface ReplicaDirectory {
  /** @returns `undefined` when nothing was ever known of the registry. */
  view(registry: Registry, deadline: Deadline): Promise<RegistryView | undefined>;
  /** Whether a registry has a replica in a region; `unverifiable` when that cannot be told now. */
  has(registry: Registry, region: Region, deadline: Deadline): Promise<'yes' | 'no' | 'unverifiable'>;
  /** Why the last refresh failed; `undefined` when it did not. */
  lastError(registry: Registry): Error | undefined;
}

interface DirectoryOptions {
  readonly reader: RegistryReader;
  readonly now: () => Date;
  readonly maxAgeMs?: number;
}

type Known = Omit<RegistryView, 'isCurrent'>;

interface Entry {
  known: Known | undefined;
  failure: { readonly error: Error; readonly at: Date } | undefined;
  refreshing: Promise<void> | undefined;
}

const refreshTimeMs = 8_000;
/** A control plane that is out of order is not asked by every event. */
const retryAfterMs = 10_000;
/** A replica may have been added since; below this age, events of unknown regions are not worth more calls. */
const doubtAfterMs = 5_000;

/** Two calls a refresh, shared by all who ask while it is under way. */
export function replicaDirectory({ reader, now, maxAgeMs = 60_000 }: DirectoryOptions): ReplicaDirectory {
  const entries = new Map<string, Entry>();
  const entryOf = ({ name }: Registry): Entry => {
    const entry = entries.get(name) ?? { known: undefined, failure: undefined, refreshing: undefined };
    entries.set(name, entry);
    return entry;
  };
  const msSince = (time: Date): number => now().getTime() - time.getTime();
  const isYoungerThan = ({ known }: Entry, ms: number): boolean =>
    known !== undefined && msSince(known.fetchedAt) < ms;

  const refresh = async (registry: Registry, entry: Entry): Promise<void> => {
    try {
      entry.known = await fetchView(reader, registry, now);
      entry.failure = undefined;
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      entry.failure = { error: cause, at: now() };
    } finally {
      entry.refreshing = undefined;
    }
  };
  /** Waits for a refresh, as long as the caller has time; it goes on without them. Says whether it succeeded. */
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
      isCurrent: entry.failure === undefined && isYoungerThan(entry, maxAgeMs),
    };

  const view: ReplicaDirectory['view'] = async (registry, deadline) => {
    const entry = entryOf(registry);
    if (entry.failure !== undefined || !isYoungerThan(entry, maxAgeMs))
      await refreshed(registry, entry, deadline);
    return viewOf(entry);
  };
  return {
    view,
    async has(registry, region, deadline) {
      const first = await view(registry, deadline);
      if (holds(first, region)) return 'yes';
      const entry = entryOf(registry);
      const isFresh = isYoungerThan(entry, doubtAfterMs) || (await refreshed(registry, entry, deadline));
      const second = viewOf(entry);
      if (holds(second, region)) return 'yes';
      return isFresh && second?.isCurrent === true ? 'no' : 'unverifiable';
    },
    lastError: (registry) => entryOf(registry).failure?.error,
  };
}

/** A registry that was never replicated has no replications, and its home all the same. */
const holds = (view: RegistryView | undefined, region: Region): boolean =>
  view !== undefined && (view.home === region || view.replicas.some((replica) => replica.region === region));

/** @throws {RegistryMissingError} and the reader's errors. */
async function fetchView(reader: RegistryReader, registry: Registry, now: () => Date): Promise<Known> {
  // Its own time, because the caller who happened to be first may have little left.
  const deadline = deadlineIn(refreshTimeMs);
  const fetchedAt = now();
  const [found, replicas] = await unlessAborted(
    deadline.signal,
    Promise.allSettled([reader.read(registry, deadline), reader.listReplicas(registry, deadline)]),
  );
  if (found.status === 'rejected') throw found.reason;
  // Told before what the list says: that fails too when there is no registry.
  if (found.value === undefined) throw new RegistryMissingError(registry.id);
  if (replicas.status === 'rejected') throw replicas.reason;
  const { loginServer, location } = found.value;
  return { loginServer, home: location, replicas: replicas.value, fetchedAt };
}
