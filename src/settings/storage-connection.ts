import { type Endpoint, parseEndpoint } from './endpoint.ts';
import { unresolvedReference } from './key-vault-reference.ts';
import { badSetting, type Environment, goodSetting, readText, type Setting, textOf } from './setting.ts';

/** Access to one service of a storage account. */
export type StorageConnection =
  | { readonly kind: 'connectionString'; readonly connectionString: string }
  /** The app's identity signs in, or nobody on loopback http. */
  | { readonly kind: 'identity'; readonly endpoint: Endpoint };

/** A connection string carries its own key, and on loopback no credential is ever requested or sent. */
export const needsCredential = (connection: StorageConnection): boolean =>
  connection.kind === 'identity' && !connection.endpoint.isInsecure;

/** A connection with its name, under which the binding of a trigger finds it too. */
export interface NamedConnection {
  readonly name: string;
  readonly connection: Setting<StorageConnection>;
}

type Service = 'blob' | 'queue' | 'table';

/**
 * The first of `names` that is set, read as the Functions host reads connections, so that both go to the same account.
 * Where a name is set in several ways, the first of them counts:
 * https://learn.microsoft.com/azure/azure-functions/functions-reference#configure-an-identity-based-connection
 *
 * | setting                 | connection                                         |
 * |-------------------------|----------------------------------------------------|
 * | `NAME`                  | a connection string                                |
 * | `NAME__queueServiceUri` | identity-based, at that URL (likewise blob, table) |
 * | `NAME__accountName`     | identity-based, at the account's own host          |
 *
 * @returns `undefined` when none of them is set: no storage is configured.
 */
export function parseStorage(
  env: Environment,
  names: readonly string[],
  service: Service,
  storageSuffix: string,
): NamedConnection | undefined {
  for (const name of names) {
    const text = textOf(env, name);
    if (text !== undefined) return { name, connection: parseConnectionString(name, text, service) };
    const uriName = `${name}__${service}ServiceUri`;
    const uri = textOf(env, uriName);
    if (uri !== undefined) return { name, connection: identity(parseEndpoint(uriName, uri)) };
    const accountName = `${name}__accountName`;
    const account = readText(env, accountName);
    if (!account.ok) return { name, connection: account };
    if (account.value !== undefined)
      return {
        name,
        connection: identity(accountEndpoint(accountName, account.value, service, storageSuffix)),
      };
  }
  return undefined;
}

/** https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-name */
function accountEndpoint(
  setting: string,
  account: string,
  service: Service,
  storageSuffix: string,
): Setting<Endpoint> {
  if (/^[a-z0-9]{3,24}$/.test(account))
    return goodSetting({ url: `https://${account}.${service}.${storageSuffix}`, isInsecure: false });
  // The text may be a connection string with its key, so the error does not repeat it.
  return badSetting(
    `${setting}: expected the name of a storage account (3 to 24 lower-case letters and digits), found text that is none`,
  );
}

const identity = (endpoint: Setting<Endpoint>): Setting<StorageConnection> =>
  endpoint.ok ? goodSetting({ kind: 'identity', endpoint: endpoint.value }) : endpoint;

/** https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string */
function parseConnectionString(name: string, text: string, service: Service): Setting<StorageConnection> {
  const unresolved = unresolvedReference(name, text);
  if (unresolved !== undefined) return badSetting(unresolved);
  const values = connectionStringValues(text);
  const isDevelopment = values.get('usedevelopmentstorage')?.toLowerCase() === 'true';
  const has = (key: string) => (values.get(key) ?? '') !== '';
  const hasAccount = has('accountname') && (has('accountkey') || has('sharedaccesssignature'));
  if (!isDevelopment && !hasAccount && !has('sharedaccesssignature')) {
    // The text may contain a key, so the error does not repeat it.
    return badSetting(
      `${name}: expected a storage connection string (or ${name}__accountName for an identity-based connection), found text that is none`,
    );
  }
  // Without an endpoint, the protocol leads to the account's own host.
  const protocol = values.get('defaultendpointsprotocol') ?? 'https';
  if (hasAccount && !has(`${service}endpoint`) && protocol.toLowerCase() !== 'https') {
    return badSetting(`${name} (DefaultEndpointsProtocol): expected https, found another protocol`);
  }
  for (const [key, value] of values) {
    if (!key.endsWith('endpoint')) continue;
    const url = parseEndpoint(`${name} (${key})`, value);
    if (!url.ok) return url;
  }
  return goodSetting({ kind: 'connectionString', connectionString: text });
}

/** The values of a connection string by their names in lower case. */
export function connectionStringValues(text: string): ReadonlyMap<string, string> {
  const parts = text.split(';').filter((part) => part.trim() !== '');
  return new Map(
    parts.map((part): [string, string] => {
      const at = part.indexOf('=');
      return [part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()];
    }),
  );
}
