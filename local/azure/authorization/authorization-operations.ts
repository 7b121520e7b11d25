import { ArmError } from '../arm/arm-error.ts';
import type { Operation } from '../arm/operation.ts';
import type { Authorization } from './authorization.ts';

const provider = 'providers/Microsoft.Authorization';

/**
 * Role assignments and definitions, to be read only.
 * https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest
 */
export function authorizationOperations(authorization: Authorization): Operation[] {
  return [
    {
      name: 'RoleAssignments_ListForScope',
      method: 'GET',
      path: `{scope*}/${provider}/roleAssignments`,
      handle: (request) => {
        const [, principal] = /^principalId eq '([^']+)'$/.exec(request.query.get('$filter') ?? '') ?? [];
        if (principal === undefined) {
          throw new ArmError(400, 'UnsupportedQuery', "The filter is 'principalId eq …', and nothing else.");
        }
        const scope = request.param('scope').toLowerCase();
        const value = authorization.all
          .filter((one) => one.principalId.toLowerCase() === principal.toLowerCase())
          .filter(
            (one) => isWithin(one.scope.toLowerCase(), scope) || isWithin(scope, one.scope.toLowerCase()),
          )
          .map(({ id, ...properties }) => ({
            id,
            type: 'Microsoft.Authorization/roleAssignments',
            properties,
          }));
        return { status: 200, body: { value } };
      },
    },
    {
      name: 'RoleDefinitions_GetById',
      method: 'GET',
      path: `{scope*}/${provider}/roleDefinitions/{role}`,
      handle: (request) => {
        const found = authorization.definition(request.param('role'));
        if (found === undefined) {
          throw new ArmError(404, 'RoleDefinitionDoesNotExist', 'The role definition does not exist.');
        }
        const { name: roleName, actions, notActions, dataActions } = found;
        const permissions = [{ actions, notActions, dataActions, notDataActions: [] }];
        const body = { id: request.id, name: found.id, properties: { roleName, permissions } };
        return { status: 200, body };
      },
    },
  ];
}

const isWithin = (inner: string, outer: string): boolean => `${inner}/`.startsWith(`${outer}/`);
