import type { Deadline } from '../lib/deadline.ts';
import type { ReplicaDirectory } from './directory.ts';
import { type Registry, registryKey } from './registry.ts';

/** The login servers of the entries of `REGISTRIES`. What is stored of a registry goes by its login server. */
export interface LoginServers {
  /**
   * The login server as Resource Manager has it, a minute old at most. When Resource Manager does not answer, it is the
   * one that was known before, by this process or an earlier one. Never throws.
   * @returns `undefined` when it was never known.
   */
  current(registry: Registry, deadline: Deadline): Promise<string | undefined>;
  /**
   * The login server as this process knows it, and Resource Manager is asked now and then only. Never throws.
   * @returns `undefined` when it was never known.
   */
  of(registry: Registry, deadline: Deadline): Promise<string | undefined>;
  /** As `current`, and nobody is asked. */
  known(registry: Registry): string | undefined;
  /** The error of those who cannot do without it. */
  unknown(registry: Registry): LoginServerUnknownError;
  /** Remembers the login server that a notice showed while nothing was known. Only questions go by it, see `assumed`. */
  assume(registry: Registry, loginServer: string): void;
  assumed(registry: Registry): string | undefined;
  /**
   * Stores the login server that Resource Manager named, for a start while it does not answer. Nothing is written when it
   * is stored already. A failure is left to the next call.
   */
  keep(registry: Registry, deadline: Deadline): Promise<void>;
}

/** Keeps login servers by the ARM ids of their registries. Throws `StateUnavailableError` when storage does not answer. */
export interface LoginServerStore {
  read(armId: string, deadline: Deadline): Promise<string | undefined>;
  write(armId: string, loginServer: string, deadline: Deadline): Promise<void>;
}

/** Nothing is known of what a registry is called, so nothing of what is stored of it can be found. */
export class LoginServerUnknownError extends Error {
  override readonly name = 'LoginServerUnknownError';
  constructor({ id }: Pick<Registry, 'id'>, options?: ErrorOptions) {
    const cause = options?.cause instanceof Error ? options.cause.message : 'it was not asked in time';
    super(
      `the login server of ${id} is not known: Resource Manager never named it (${cause}), and none is stored`,
      options,
    );
  }
}

interface LoginServerPorts {
  readonly directory: () => Promise<Pick<ReplicaDirectory, 'shown' | 'lastError'>>;
  readonly store: () => Promise<LoginServerStore>;
  readonly now: () => Date;
}

interface Entry {
  /** Named by Resource Manager. */
  named: { readonly loginServer: string; readonly atMs: number } | undefined;
  /** Stored by this process or an earlier one. */
  stored: string | undefined;
  assumed: string | undefined;
  storeReadAtMs: number;
  /** Why Resource Manager did not name it. */
  error: unknown;
}

/** The login server of an ARM id changes when the registry is deleted and created with another domain name label scope. */
const maxAgeMs = 10 * 60_000;
/** Notices must not all look for what was never stored. */
const storeRetryMs = 10_000;

export function loginServers({ directory, store, now }: LoginServerPorts): LoginServers {
  const entries = new Map<string, Entry>();
  const entryOf = ({ id }: Registry): Entry => {
    const key = registryKey(id);
    const entry = entries.get(key) ?? {
      named: undefined,
      stored: undefined,
      assumed: undefined,
      storeReadAtMs: Number.NEGATIVE_INFINITY,
      error: undefined,
    };
    entries.set(key, entry);
    return entry;
  };
  const bestOf = ({ named, stored }: Entry) => named?.loginServer ?? stored;

  async function readStored({ id }: Registry, entry: Entry, deadline: Deadline): Promise<void> {
    if (entry.stored !== undefined || now().getTime() - entry.storeReadAtMs < storeRetryMs) return;
    entry.storeReadAtMs = now().getTime();
    // Without storage there is nothing to find under a login server either, and whoever looks says so.
    entry.stored = await store()
      .then((table) => table.read(registryKey(id), deadline))
      .catch(() => undefined);
  }

  async function current(registry: Registry, deadline: Deadline): Promise<string | undefined> {
    const entry = entryOf(registry);
    const view = await directory()
      .then(async (known) => {
        const found = await known.shown(registry, deadline);
        entry.error = known.lastError(registry);
        return found;
      })
      // A bad setting keeps Resource Manager from being asked.
      .catch((error: unknown) => {
        entry.error = error;
        return undefined;
      });
    if (view !== undefined) {
      entry.named = { loginServer: view.loginServer, atMs: now().getTime() };
      return view.loginServer;
    }
    await readStored(registry, entry, deadline);
    return bestOf(entry);
  }

  return {
    current,
    async of(registry, deadline) {
      const { named } = entryOf(registry);
      if (named !== undefined && now().getTime() - named.atMs < maxAgeMs) return named.loginServer;
      return current(registry, deadline);
    },
    unknown: (registry) => new LoginServerUnknownError(registry, { cause: entryOf(registry).error }),
    known: (registry) => bestOf(entryOf(registry)),
    assume(registry, loginServer) {
      entryOf(registry).assumed = loginServer;
    },
    assumed: (registry) => entryOf(registry).assumed,
    async keep(registry, deadline) {
      const entry = entryOf(registry);
      const loginServer = entry.named?.loginServer;
      if (loginServer === undefined || entry.stored === loginServer) return;
      await store()
        .then((table) => table.write(registryKey(registry.id), loginServer, deadline))
        .then(
          () => {
            entry.stored = loginServer;
          },
          () => {},
        );
    },
  };
}
