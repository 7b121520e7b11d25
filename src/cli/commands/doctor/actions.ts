/** One permission of a role, as its definition lists it. */
export interface Permission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
}

/**
 * Whether a pattern such as `Microsoft.Network/…/*` covers an action.
 * https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format
 */
export function covers(pattern: string, action: string): boolean {
  const source = pattern
    .toLowerCase()
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*');
  return new RegExp(`^${source}$`).test(action.toLowerCase());
}

export const allows = (
  { actions, notActions }: Pick<Permission, 'actions' | 'notActions'>,
  action: string,
): boolean =>
  actions.some((pattern) => covers(pattern, action)) &&
  !notActions.some((pattern) => covers(pattern, action));

export const allowsData = ({ dataActions, notDataActions }: Permission, action: string): boolean =>
  allows({ actions: dataActions, notActions: notDataActions }, action);

/** Reading more than needed changes nothing; that is judged by what may change something. */
export const isRead = (pattern: string): boolean => /\/read$/i.test(pattern);

/** Whether a resource is at a scope or below it. Management groups and the root are above everything that is known here. */
export const isWithin = (id: string, scope: string): boolean =>
  !/^\/subscriptions\//i.test(scope) || `${id}/`.toLowerCase().startsWith(`${scope}/`.toLowerCase());
