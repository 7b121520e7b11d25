import { type Endpoint, parseEndpoint } from './endpoint.ts';
import { unresolvedReference } from './key-vault-reference.ts';
import { badSetting, type Environment, goodSetting, type Setting } from './setting.ts';

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
 * The first of `names` that is set, read as the Functions host reads connections.
 * https://learn.microsoft.com/azure/azure-functions/functions-reference#configure-an-identity-based-connection
 *
 * | setting                 | connection                                         |
 * |-------------------------|----------------------------------------------------|
 * | `NAME__queueServiceUri` | identity-based, at that URL (likewise blob, table) |
 * | `NAME__accountName`     | identity-based, at the account's own host          |
 * | `NAME`                  | a connection string                                |
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
    const uriName = `${name}__${service}ServiceUri`;
    const uri = env[uriName]?.trim();
    if (uri) return { name, connection: identity(parseEndpoint(uriName, uri)) };
    const accountName = `${name}__accountName`;
    const account = env[accountName]?.trim();
    if (account) {
      const unresolved = unresolvedReference(accountName, account);
      if (unresolved !== undefined) return { name, connection: badSetting(unresolved) };
      const url = `https://${account}.${service}.${storageSuffix}`;
      return { name, connection: identity(parseEndpoint(accountName, url)) };
    }
    const text = env[name]?.trim();
    if (text) return { name, connection: parseConnectionString(name, text) };
  }
  return undefined;
}

const identity = (endpoint: Setting<Endpoint>): Setting<StorageConnection> =>
  endpoint.ok ? goodSetting({ kind: 'identity', endpoint: endpoint.value }) : endpoint;

/** https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string */
function parseConnectionString(name: string, text: string): Setting<StorageConnection> {
  const unresolved = unresolvedReference(name, text);
  if (unresolved !== undefined) return badSetting(unresolved);
  const values = connectionStringValues(text);
  const isDevelopment = values.get('usedevelopmentstorage')?.toLowerCase() === 'true';
  const hasAccount =
    values.has('accountname') && (values.has('accountkey') || values.has('sharedaccesssignature'));
  if (!isDevelopment && !hasAccount && !values.has('sharedaccesssignature')) {
    // The text may contain a key, so the error does not repeat it.
    return badSetting(
      `${name}: expected a storage connection string (or ${name}__accountName for an identity-based connection), found text that is none`,
    );
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
