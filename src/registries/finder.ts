import type { Deadline } from '../lib/deadline.ts';
import { type Setting, settingValue } from '../settings/setting.ts';
import {
  entriesInQuestion,
  type Identified,
  type Identity,
  type Notice,
  ownerOfNotice,
  selectRegistry,
} from './identify.ts';
import type { LoginServers } from './login-servers.ts';
import type { Registry } from './registry.ts';
import type { Registries, RegistryEntry } from './settings.ts';

/** An entry of `REGISTRIES`, and the login server that what is stored of it goes by. */
export interface FoundRegistry {
  readonly registry: Registry;
  readonly loginServer: string;
}

export type Found =
  | (FoundRegistry & { readonly kind: 'found' })
  /** Several entries have the name. Each of these texts means one of them. */
  | { readonly kind: 'ambiguous'; readonly choices: readonly string[] }
  | { readonly kind: 'notConfigured' };

/**
 * Finds entries of `REGISTRIES`, by the rules of `identify.ts`.
 * Its methods throw `SettingError` for an entry that is bad, and `LoginServerUnknownError` when the login server of the
 * entry cannot be found out now.
 */
export interface RegistryFinder {
  /** The entry that a notice belongs to. */
  ownerOf(notice: Notice, deadline: Deadline): Promise<Found>;
  /** The entry that somebody means by a name, a login server, its first label, a host, or an ARM id. */
  select(text: string, deadline: Deadline): Promise<Found>;
  /**
   * The entry with a login server. Never throws.
   * @returns `undefined` when there is none, or it is not known which one has it.
   */
  withLoginServer(loginServer: string, deadline: Deadline): Promise<Registry | undefined>;
}

type Known = RegistryEntry & Identity;

export function registryFinder(
  registries: Setting<Registries>,
  loginServers: Omit<LoginServers, 'of' | 'keep'>,
): RegistryFinder {
  const entriesOf = () => settingValue(registries).entries;

  /** The entries with their login servers; Resource Manager is asked about those in question only. */
  async function known(notice: Notice, deadline: Deadline): Promise<Known[]> {
    const entries = entriesOf();
    const asked = new Set(entriesInQuestion(notice, entries));
    return Promise.all(
      entries.map(async (entry) => ({ ...entry, loginServer: await loginServerOf(entry, asked, deadline) })),
    );
  }

  async function loginServerOf(
    entry: RegistryEntry,
    asked: ReadonlySet<RegistryEntry>,
    deadline: Deadline,
  ): Promise<string | undefined> {
    if (!entry.registry.ok) return undefined;
    const { value } = entry.registry;
    return asked.has(entry) ? loginServers.current(value, deadline) : loginServers.known(value);
  }

  function settle(identified: Identified<Known>): Found {
    if (identified.kind === 'notConfigured') return identified;
    if (identified.kind === 'ambiguous') {
      return {
        kind: 'ambiguous',
        choices: identified.entries.flatMap(({ loginServer, id }) => loginServer ?? id ?? []),
      };
    }
    const registry = settingValue(identified.entry.registry);
    const { loginServer } = identified;
    if (loginServer === undefined) throw loginServers.unknown(registry);
    return { kind: 'found', registry, loginServer };
  }

  return {
    async ownerOf(notice, deadline) {
      const entries = await known(notice, deadline);
      const owner = settle(ownerOfNotice(notice, entries));
      const namesakes = entries.filter(({ name }) => owner.kind === 'found' && name === owner.registry.name);
      // Of two entries with one name nobody knows which of them has the host.
      if (owner.kind === 'found' && namesakes.length === 1 && namesakes[0]?.loginServer === undefined)
        loginServers.assume(owner.registry, owner.loginServer);
      return owner;
    },
    async select(text, deadline) {
      const selected = selectRegistry(text, await known({ parameter: text }, deadline));
      if (selected.kind !== 'found' || selected.loginServer !== undefined) return settle(selected);
      // A question does no harm to whoever has this login server.
      const { entry } = selected;
      const assumed = entry.registry.ok ? loginServers.assumed(entry.registry.value) : undefined;
      return settle({ ...selected, loginServer: assumed });
    },
    async withLoginServer(loginServer, deadline) {
      if (!registries.ok) return undefined;
      const { all } = registries.value;
      const registry = all.find((one) => loginServers.known(one) === loginServer);
      if (registry !== undefined) return registry;
      for (const one of all) {
        const isUnknown = loginServers.known(one) === undefined;
        if (isUnknown && (await loginServers.current(one, deadline)) === loginServer) return one;
      }
      return undefined;
    },
  };
}
