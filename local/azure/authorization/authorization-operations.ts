import { ArmError } from '../arm/arm-error.ts';
import {
  type ArmAnswer,
  type ArmRequest,
  type Operation,
  type OperationRow,
  operationsFrom,
} from '../arm/operation.ts';
import type { Authorization } from './authorization.ts';

const provider = '{scope*}/providers/Microsoft.Authorization';

/**
 * Role assignments and role definitions, to be read only.
 * https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest
 */
const table: readonly OperationRow<Authorization>[] = [
  {
    name: 'RoleAssignments_ListForScope',
    method: 'GET',
    path: `${provider}/roleAssignments`,
    handler: listRoleAssignments,
  },
  {
    name: 'RoleDefinitions_GetById',
    method: 'GET',
    path: `${provider}/roleDefinitions/{role}`,
    handler: getRoleDefinition,
  },
];

export const authorizationOperations = (authorization: Authorization): Operation[] =>
  operationsFrom(table, authorization);

/** Lists the assignments of one principal at a scope, above it and below it. */
function listRoleAssignments(request: ArmRequest, authorization: Authorization): ArmAnswer {
  const [, principal] = /^principalId eq '([^']+)'$/.exec(request.query.get('$filter') ?? '') ?? [];
  if (principal === undefined) {
    throw new ArmError(400, 'UnsupportedQuery', "The filter is 'principalId eq …', and nothing else.");
  }
  const scope = request.param('scope').toLowerCase();
  const value = authorization.all
    .filter((one) => one.principalId.toLowerCase() === principal.toLowerCase())
    .filter((one) => isWithin(one.scope.toLowerCase(), scope) || isWithin(scope, one.scope.toLowerCase()))
    .map(({ id, ...properties }) => ({ id, type: 'Microsoft.Authorization/roleAssignments', properties }));
  return { status: 200, body: { value } };
}

function getRoleDefinition(request: ArmRequest, authorization: Authorization): ArmAnswer {
  const found = authorization.definition(request.param('role'));
  if (found === undefined) {
    throw new ArmError(404, 'RoleDefinitionDoesNotExist', 'The role definition does not exist.');
  }
  const { name: roleName, actions, notActions, dataActions } = found;
  const permissions = [{ actions, notActions, dataActions, notDataActions: [] }];
  const body = { id: request.id, name: found.id, properties: { roleName, permissions } };
  return { status: 200, body };
}

const isWithin = (inner: string, outer: string): boolean => `${inner}/`.startsWith(`${outer}/`);
