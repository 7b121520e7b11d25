/** What Azure's roles have to allow for a kind of request, as the request journal of the local Azure writes it. */
export type Requirement =
  | { readonly kind: 'action'; readonly action: string }
  /** Anybody may ask. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' };

const verbs: Readonly<Record<string, string>> = {
  GET: 'read',
  HEAD: 'read',
  PUT: 'write',
  PATCH: 'write',
  DELETE: 'delete',
  POST: 'action',
};

/** Requests outside Resource Manager, and the one list that shows everybody what they may see. */
const others: Readonly<Record<string, string | undefined>> = {
  Manifests_Get: 'Microsoft.ContainerRegistry/registries/pull/read',
  Manifests_Head: 'Microsoft.ContainerRegistry/registries/pull/read',
  Authentication_ExchangeToken: undefined,
  Authentication_GetToken: undefined,
  RegistryEndpoint_Ping: undefined,
  Subscriptions_List: undefined,
};

/**
 * | request                          | needs                    |
 * |----------------------------------|--------------------------|
 * | GET of a resource, of all of a type | `Resource/type/read`  |
 * | PUT, PATCH                       | `Resource/type/write`    |
 * | DELETE                           | `Resource/type/delete`   |
 * | POST of `…/name/start`           | `Resource/type/start/action` |
 *
 * https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format
 */
export function requirementOf(line: string): Requirement {
  const [method = '', operation = '', type] = line.split(' ');
  if (type !== undefined) {
    const verb = verbs[method];
    return verb === undefined ? { kind: 'unknown' } : { kind: 'action', action: `${type}/${verb}` };
  }
  if (!Object.hasOwn(others, operation)) return { kind: 'unknown' };
  const action = others[operation];
  return action === undefined ? { kind: 'none' } : { kind: 'action', action };
}
