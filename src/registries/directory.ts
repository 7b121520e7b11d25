import { unlessAborted } from '../lib/async.ts';
import { type Deadline, deadlineIn } from '../lib/deadline.ts';
import type { RegistryReader } from './ports.ts';
import { type Registry, RegistryMissingError, registryKey } from './registry.ts';
import type { Region, Replica } from './replica.ts';

/** The last known state of a registry. */
export interface RegistryView {
  /** Such as `myregistry.azurecr.io`. */
  readonly loginServer: string;
  readonly home: Region;
  readonly replicas: readonly Replica[];
  readonly fetchedAt: Date;
  /** False when the view could not be refreshed in time: replicas may have been added or removed since. */
  readonly isCurrent: boolean;
}

/** A cache of the replicas of each registry. Never throws, and never waits longer than 8 s. */
export interface ReplicaDirectory {
  /** @returns `undefined` when no read of the registry has ever succeeded. */
  view(registry: Registry, deadline: Deadline): Promise<RegistryView | undefined>;
  /** Whether a registry has a replica in a region; `unverifiable` when that cannot be determined now. */
  has(registry: Registry, region: Region, deadline: Deadline): Promise<'yes' | 'no' | 'unverifiable'>;
  /** The error of the last refresh; `undefined` when it succeeded. */
  lastError(registry: Registry): Error | undefined;
}

interface DirectoryOptions {
  readonly reader: RegistryReader;
  readonly now: () => Date;
  /** The age at which a view is refreshed; 60 s by default. */
  readonly maxAgeMs?: number;
}

type Known = Omit<RegistryView, 'isCurrent'>;

interface Entry {
  known: Known | undefined;
  failure: { readonly error: Error; readonly at: Date } | undefined;
  refreshing: Promise<void> | undefined;
}

const refreshTimeMs = 8_000;
/** Events must not all call a control plane that is failing. */
const retryAfterMs = 10_000;
/** An unknown region refreshes a view of this age, because a replica may have been added since. */
const doubtAfterMs = 5_000;

/** A refresh makes two calls. Callers that come while it runs share it. */
export function replicaDirectory({ reader, now, maxAgeMs = 60_000 }: DirectoryOptions): ReplicaDirectory {
  const entries = new Map<string, Entry>();
  const entryOf = ({ id }: Registry): Entry => {
    const key = registryKey(id);
    const entry = entries.get(key) ?? { known: undefined, failure: undefined, refreshing: undefined };
    entries.set(key, entry);
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

/** A registry that was never replicated has no replications, but it still has its home region. */
const holds = (view: RegistryView | undefined, region: Region): boolean =>
  view !== undefined && (view.home === region || view.replicas.some((replica) => replica.region === region));

/** @throws {RegistryMissingError} and the reader's errors. */
async function fetchView(reader: RegistryReader, registry: Registry, now: () => Date): Promise<Known> {
  // The caller that happens to be first may have little time left, so the refresh has its own.
  const deadline = deadlineIn(refreshTimeMs);
  const fetchedAt = now();
  const [found, replicas] = await unlessAborted(
    deadline.signal,
    Promise.allSettled([reader.read(registry, deadline), reader.listReplicas(registry, deadline)]),
  );
  if (found.status === 'rejected') throw found.reason;
  // This comes before the error of the list, which fails too when there is no registry.
  if (found.value === undefined) throw new RegistryMissingError(registry.id);
  if (replicas.status === 'rejected') throw replicas.reason;
  const { loginServer, location } = found.value;
  return { loginServer, home: location, replicas: replicas.value, fetchedAt };
}
