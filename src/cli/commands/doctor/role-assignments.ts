import * as v from 'valibot';
import type { Deadline } from '../../../lib/deadline.ts';
import type { Permission } from './actions.ts';
import type { ArmReader } from './ports.ts';

/** A role that the app's identity has somewhere. */
export interface RoleAssignment {
  readonly id: string;
  readonly scope: string;
  /** The last segment of the role definition's id: for built-in roles the same everywhere. */
  readonly roleId: string;
  readonly roleName: string;
  readonly permissions: readonly Permission[];
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
 * Those of a principal at, above and below some subscriptions; not those of groups that it is in.
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
        : { roleName: 'a role that cannot be read', permissions: [] };
      const roleId = roleDefinitionId.split('/').at(-1)?.toLowerCase() ?? '';
      return { id, scope, roleId, roleName, permissions };
    }),
  );
}
