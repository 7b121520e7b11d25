import * as v from 'valibot';
import type { ArmReader } from '../../../azure/arm/resources.ts';
import type { Deadline } from '../../../lib/deadline.ts';

/** A role that is assigned to the app's identity. */
export interface RoleAssignment {
  readonly id: string;
  readonly scope: string;
  /** The last segment of the role definition's id. For built-in roles it is the same everywhere. */
  readonly roleId: string;
  readonly roleName: string;
  readonly permissions: readonly Permission[];
}

/** One permission of a role, as its definition lists it. */
interface Permission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
}

const apiVersion = '2022-04-01';

const assignmentSchema = v.object({
  id: v.string(),
  properties: v.object({ scope: v.string(), roleDefinitionId: v.string() }),
});
const patterns = v.nullish(v.array(v.string()), []);
const definitionSchema = v.object({
  properties: v.object({
    roleName: v.string(),
    permissions: v.array(
      v.object({ actions: patterns, notActions: patterns, dataActions: patterns, notDataActions: patterns }),
    ),
  }),
});

/**
 * Lists the assignments of a principal at, above and below some subscriptions, without those of its groups.
 * https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest
 */
export async function listRoleAssignments(
  principal: string,
  subscriptionIds: readonly string[],
  arm: ArmReader,
  deadline: Deadline,
): Promise<readonly RoleAssignment[]> {
  const filter = encodeURIComponent(`principalId eq '${principal}'`);
  const lists = await Promise.all(
    [...new Set(subscriptionIds.map((id) => id.toLowerCase()))].map((id) =>
      arm.list(
        `/subscriptions/${id}/providers/Microsoft.Authorization/roleAssignments?$filter=${filter}`,
        apiVersion,
        deadline,
      ),
    ),
  );
  const assignments = new Map(
    lists.flat().flatMap((value) => {
      const parsed = v.safeParse(assignmentSchema, value);
      return parsed.success ? [[parsed.output.id.toLowerCase(), parsed.output] as const] : [];
    }),
  );
  const definitions = new Map<string, Promise<unknown>>();
  const definitionOf = (id: string): Promise<unknown> => {
    const known = definitions.get(id.toLowerCase()) ?? arm.find(id, apiVersion, deadline);
    definitions.set(id.toLowerCase(), known);
    return known;
  };
  return Promise.all(
    [...assignments.values()].map(async ({ id, properties: { scope, roleDefinitionId } }) => {
      const definition = v.safeParse(definitionSchema, await definitionOf(roleDefinitionId));
      const { roleName, permissions } = definition.success
        ? definition.output.properties
        : { roleName: '(unreadable role)', permissions: [] };
      const roleId = roleDefinitionId.split('/').at(-1)?.toLowerCase() ?? '';
      return { id, scope, roleId, roleName, permissions };
    }),
  );
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

/** Whether a pattern allows only reading. More reading than needed is not reported. */
export const isRead = (pattern: string): boolean => /\/read$/i.test(pattern);

/** Whether a resource is at a scope or below it. Management groups and the root are above all subscriptions. */
export const isWithin = (id: string, scope: string): boolean =>
  !/^\/subscriptions\//i.test(scope) || `${id}/`.toLowerCase().startsWith(`${scope}/`.toLowerCase());
