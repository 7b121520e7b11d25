import { allows, allowsData, isRead, isWithin } from '../actions.ts';
import { type Check, Skip } from '../check.ts';
import type { Finding } from '../finding.ts';
import { isSame, mappedHere, mappedInApp } from '../mapped.ts';
import { listRoleAssignments, type RoleAssignment } from '../role-assignments.ts';
import { type DataNeed, dataNeeds, type Need, roleNeeds } from '../role-needs.ts';

interface RoleFacts {
  readonly principal: string;
  readonly needs: readonly Need[];
  readonly dataNeeds: readonly DataNeed[];
  readonly assignments: readonly RoleAssignment[];
  /** Whether the needs are all that the app has: only then can a role be more. */
  readonly isWhole: boolean;
}

/**
 * Built-in roles for the data of the app's own resources. Beside data they allow some management of what holds it.
 * https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
 */
const ownRoles = new Set([
  'd5a91429-5739-47e2-a06b-3470a27159e7', // EventGrid Data Sender
  '4633458b-17de-408a-b874-0445c86b69e6', // Key Vault Secrets User
  '3913510d-42f4-4e42-8a64-420c390055eb', // Monitoring Metrics Publisher
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe', // Storage Blob Data Contributor
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b', // Storage Blob Data Owner
  '974c5e8b-45b9-4653-ba55-5f855dd0fb88', // Storage Queue Data Contributor
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3', // Storage Table Data Contributor
]);

/** Whether the app's identity may do what each job needs, where it needs it, and nothing that changes more. */
export const rolesCheck: Check<RoleFacts> = {
  name: 'roles',
  title: "Roles of the app's identity",
  async read({ config, principal, app, status, places, signalTopicId, arm, deadline }) {
    if (principal === undefined) {
      return new Skip("give --principal or EVENKEEL_PRINCIPAL_ID, the object id of the app's identity");
    }
    if (!config.zoneMap.ok || !config.registries.ok) return new Skip('DNS_ZONE_MAP or REGISTRIES is wrong');
    const { found, missing } = await places();
    const [here, inApp] = [mappedHere(config), mappedInApp(await status())];
    const isOther =
      here && inApp && !(isSame(here.spokes, inApp.spokes) && isSame(here.registries, inApp.registries));
    const needs = roleNeeds(config, found);
    const own = [app.appId, await signalTopicId()].flatMap((id) => id ?? []);
    const subscriptions = [...needs.map(({ scope }) => scope), ...own].flatMap(
      (id) => id.split('/')[2] ?? [],
    );
    const assignments = await listRoleAssignments(principal, subscriptions, await arm(), deadline);
    // Where the app's own resources are is told by its id or its topic; without either their roles may be out of sight.
    return {
      principal,
      needs,
      dataNeeds: own.length === 0 ? [] : dataNeeds(config),
      assignments,
      isWhole: !isOther && missing.length === 0,
    };
  },
  judge({ principal, needs, dataNeeds, assignments, isWhole }) {
    return [
      ...needs.flatMap((need) => missing(need, assignments, principal)),
      ...dataNeeds.flatMap((need) => missingData(need, assignments, principal)),
      ...(isWhole ? assignments.flatMap((assignment) => excess(assignment, needs)) : []),
    ];
  },
};

function missing(need: Need, assignments: readonly RoleAssignment[], principal: string): Finding[] {
  const here = assignments.filter(({ scope }) => isWithin(need.scope, scope));
  const lacking = need.actions.filter(
    (action) => !here.some(({ permissions }) => permissions.some((permission) => allows(permission, action))),
  );
  if (lacking.length === 0) return [];
  return [
    {
      severity: 'error',
      what: `the app may not ${lacking.join(', ')} on ${need.scope}`,
      why: whys[need.role],
      fix: `az role assignment create --assignee-object-id ${principal} --assignee-principal-type ServicePrincipal --scope ${need.scope} --role "the role ${need.role} of infra/roles.json" ("azd provision" does both)`,
    },
  ];
}

const whys: Readonly<Record<Need['role'], string>> = {
  containerGroups: 'it cannot tell on which address a container group is',
  recordSets: 'it cannot keep the records of the zone',
  registries: 'it knows neither the replicas of the registry nor can it verify an image',
  globalRouting: 'ROUTING_MODE is enforce, and it cannot switch a replica off or on',
};

function missingData(
  { action, builtInRole, on }: DataNeed,
  assignments: readonly RoleAssignment[],
  principal: string,
): Finding[] {
  const isAllowed = assignments.some(({ permissions }) => permissions.some((one) => allowsData(one, action)));
  if (isAllowed) return [];
  return [
    {
      severity: 'error',
      what: `the app may not ${action} anywhere`,
      why: `it reaches ${on} by its identity, and is refused`,
      fix: `az role assignment create --assignee-object-id ${principal} --assignee-principal-type ServicePrincipal --role "${builtInRole}" --scope ID_OF_${on.replace(/^the /, '').replaceAll(' ', '_').toUpperCase()}`,
    },
  ];
}

/** What changes something, and either no job needs it or it reaches over a whole subscription. */
function excess(
  { id, scope, roleId, roleName, permissions }: RoleAssignment,
  needs: readonly Need[],
): Finding[] {
  if (ownRoles.has(roleId)) return [];
  const changes = permissions.flatMap(({ actions }) => actions.filter((pattern) => !isRead(pattern)));
  const needed = new Set(
    needs
      .filter((need) => isWithin(need.scope, scope))
      .flatMap(({ actions }) => actions.map((action) => action.toLowerCase())),
  );
  const isWide = !/^\/subscriptions\/[^/]+\/resourceGroups\//i.test(scope);
  const more = changes.filter((pattern) => isWide || !needed.has(pattern.toLowerCase()));
  if (more.length === 0) return [];
  return [
    {
      severity: 'warning',
      what: `the role ${roleName} lets the app do more than its jobs need: ${more.join(', ')} on ${scope}`,
      why: 'whoever gets hold of the app gets hold of that, too',
      fix: `az role assignment delete --ids ${id}`,
    },
  ];
}
