import { firstLabelOf, isAzureLoginServer, loginServerOfHost, normalHost, registryNameOf } from './host.ts';
import { parseRegistryId, registryKey } from './registry.ts';

/** What tells one entry of `REGISTRIES` from the others. */
export interface Identity {
  /** The ARM id in lower case; `undefined` when the entry has no readable one. */
  readonly id: string | undefined;
  /** The name in lower case. Two registries may have the same. */
  readonly name: string | undefined;
  /** Its custom hosts, as `normalHost` returns them. */
  readonly hosts: readonly string[];
  /** `undefined` while it is not known. */
  readonly loginServer: string | undefined;
}

/** What a notice says of the registry that it comes from. */
export interface Notice {
  /** The topic or source of an event; `undefined` for a webhook. */
  readonly topic?: string | undefined;
  /** The host that was pushed to. */
  readonly host?: string | undefined;
  /** The parameter `registry` of a webhook's URL. */
  readonly parameter?: string | undefined;
}

/** The entry that a notice or a question is about. */
export type Identified<E> =
  | {
      readonly kind: 'found';
      readonly entry: E;
      /** That of the entry, else the one that a host shows; `undefined` when neither is known. */
      readonly loginServer: string | undefined;
    }
  /** Several entries have this name. */
  | { readonly kind: 'ambiguous'; readonly entries: readonly E[] }
  | { readonly kind: 'notConfigured' };

const notConfigured = { kind: 'notConfigured' } as const;

/**
 * Decides which entry a notice belongs to. A name proves nothing: names are unique within a domain name label scope only.
 *
 * | topic             | host                                               | parameter         | entry                        |
 * |-------------------|----------------------------------------------------|-------------------|------------------------------|
 * | id of an entry    | any                                                | any               | that one                     |
 * | any other ARM id  | any                                                | any               | none                         |
 * | none              | login server, regional or custom host of an entry  | any               | that one                     |
 * | none              | fits an entry whose login server is not known      | any               | that one, by the host        |
 * | none              | login server of a namesake of the one that is named| any               | none                         |
 * | none              | any other, or none                                 | names an entry    | that one                     |
 * | none              | any other                                          | none              | none                         |
 * | none              | none                                               | none              | the only one                 |
 */
export function ownerOfNotice<E extends Identity>(notice: Notice, entries: readonly E[]): Identified<E> {
  const { topic = '', parameter } = notice;
  const host = notice.host === undefined ? undefined : normalHost(notice.host);
  if (parseRegistryId(topic) !== undefined) {
    const entry = entries.find(({ id }) => id === registryKey(topic));
    return entry === undefined ? notConfigured : found(entry, host);
  }
  const byHost = host === undefined ? undefined : entryOfHost(host, entries);
  if (byHost !== undefined) return found(byHost, host);
  if (parameter) {
    const selected = selectRegistry(parameter, entries);
    const azureName = host === undefined ? undefined : azureNameOf(host);
    const isNamesake = azureName !== undefined && namesOf(selected).includes(azureName);
    return isNamesake ? notConfigured : selected;
  }
  const [only, ...others] = entries;
  return host === undefined && only !== undefined && others.length === 0 ? found(only, host) : notConfigured;
}

/**
 * The entry that somebody means.
 *
 * | text                                                     | entry                                        |
 * |----------------------------------------------------------|----------------------------------------------|
 * | ARM id                                                   | the one with this id                         |
 * | login server, regional or custom host, also with a port  | the one with this host                       |
 * | `myregistry-a1b2c3`                                      | the one whose login server begins with it    |
 * | `myregistry`                                             | the one with this name; ambiguous when two   |
 */
export function selectRegistry<E extends Identity>(text: string, entries: readonly E[]): Identified<E> {
  const host = normalHost(text);
  if (parseRegistryId(text.trim()) !== undefined) {
    const entry = entries.find(({ id }) => id === registryKey(text.trim()));
    return entry === undefined ? notConfigured : found(entry, undefined);
  }
  const byHost = entryOfHost(host, entries);
  if (byHost !== undefined) return found(byHost, host);
  const named = host.includes('-')
    ? entriesOfLabel(host, entries)
    : entries.filter(({ name }) => name === host);
  // Two entries with one id are two attempts at one registry, and both are bad.
  const [first, ...others] = [...new Map(named.map((entry) => [entry.id, entry])).values()];
  if (first === undefined) return notConfigured;
  return others.length === 0 ? found(first, undefined) : { kind: 'ambiguous', entries: [first, ...others] };
}

/** The entries whose login servers bear on the decision. The others may stay unknown. */
export function entriesInQuestion<E extends Omit<Identity, 'loginServer'>>(
  { topic, host, parameter }: Notice,
  entries: readonly E[],
): E[] {
  const named = [host, parameter].flatMap((text) => (text ? normalHost(text) : []));
  const ids = [topic, parameter].flatMap((text) => (text ? registryKey(text.trim()) : []));
  if (named.length === 0 && ids.length === 0) return entries.length === 1 ? [...entries] : [];
  return entries.filter(
    ({ id, name, hosts }) =>
      ids.some((one) => one === id) ||
      named.some((text) => hosts.includes(text) || registryNameOf(text) === name),
  );
}

function namesOf(selected: Identified<Identity>): (string | undefined)[] {
  if (selected.kind === 'notConfigured') return [];
  return selected.kind === 'found' ? [selected.entry.name] : selected.entries.map(({ name }) => name);
}

const found = <E extends Identity>(entry: E, host: string | undefined): Identified<E> => ({
  kind: 'found',
  entry,
  loginServer: entry.loginServer ?? (host === undefined ? undefined : fittingLoginServer(host, entry)),
});

/** The login server that a host shows of an entry that may have it. */
const fittingLoginServer = (host: string, { name }: Identity): string | undefined =>
  name !== undefined && azureNameOf(host) === name ? loginServerOfHost(host) : undefined;

/** The name of the registry that Azure gave a host to; `undefined` for a custom host. */
function azureNameOf(host: string): string | undefined {
  const loginServer = loginServerOfHost(host);
  return isAzureLoginServer(loginServer) ? registryNameOf(loginServer) : undefined;
}

function entryOfHost<E extends Identity>(host: string, entries: readonly E[]): E | undefined {
  const loginServer = loginServerOfHost(host);
  return (
    entries.find((entry) => entry.hosts.includes(host) || entry.loginServer === loginServer) ??
    // What is recorded under the login server of a host does no harm to another registry, whichever of these it is.
    entries.find((entry) => entry.loginServer === undefined && fittingLoginServer(host, entry) !== undefined)
  );
}

function entriesOfLabel<E extends Identity>(label: string, entries: readonly E[]): E[] {
  const known = entries.filter(({ loginServer }) => firstLabelOf(loginServer ?? '') === label);
  if (known.length > 0) return known;
  return entries.filter(
    ({ loginServer, name }) => loginServer === undefined && name === registryNameOf(label),
  );
}
