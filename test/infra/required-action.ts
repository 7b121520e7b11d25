/** What Azure's roles have to allow for a kind of request, as the request journal of the local Azure writes it. */
export type Requirement =
  | { readonly kind: 'actions'; readonly actions: readonly string[] }
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

/**
 * What a pull takes: the first where roles are for the registry, the others where they are for repositories.
 * https://learn.microsoft.com/azure/container-registry/container-registry-rbac-abac-repository-permissions
 */
const pull = ['pull/read', 'repositories/content/read', 'repositories/metadata/read'].map(
  (action) => `Microsoft.ContainerRegistry/registries/${action}`,
);

/** Requests outside Resource Manager, and the one list that shows everybody what they may see. */
const others: Readonly<Record<string, readonly string[]>> = {
  Manifests_Get: pull,
  Manifests_Head: pull,
  Blobs_Get: pull,
  Blobs_Head: pull,
  RegistryData_Get: [],
  Authentication_ExchangeToken: [],
  Authentication_GetToken: [],
  RegistryEndpoint_Ping: [],
  Subscriptions_List: [],
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
    return verb === undefined ? { kind: 'unknown' } : { kind: 'actions', actions: [`${type}/${verb}`] };
  }
  const actions = Object.hasOwn(others, operation) ? others[operation] : undefined;
  if (actions === undefined) return { kind: 'unknown' };
  return actions.length === 0 ? { kind: 'none' } : { kind: 'actions', actions };
}
