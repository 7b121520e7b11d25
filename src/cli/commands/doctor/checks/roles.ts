import pLimit from 'p-limit';
import type { Deadline } from '../../../../lib/deadline.ts';
import type { RegistryReader } from '../../../../registries/ports.ts';
import type { Registry } from '../../../../registries/registry.ts';
import type { RoleAssignmentMode } from '../../../../registries/role-assignment-mode.ts';
import { type Check, type Finding, Skip } from '../check.ts';
import {
  allows,
  allowsData,
  isRead,
  isWithin,
  listRoleAssignments,
  type RoleAssignment,
} from '../role-assignments.ts';
import { type DataNeed, dataNeeds, type Need, roleNeeds } from '../role-needs.ts';
import { differsFromApp } from './settings.ts';

interface RoleFacts {
  readonly principal: string;
  readonly needs: readonly Need[];
  readonly dataNeeds: readonly DataNeed[];
  readonly assignments: readonly RoleAssignment[];
  /** Whether the needs are complete: only then can a role be more than needed. */
  readonly isWhole: boolean;
}

/**
 * Built-in roles for the data of the app's own resources. They also allow some management of these resources.
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

const concurrency = 6;

/** The app's identity has every permission that each job needs, where it needs it, and no other to change anything. */
export const rolesCheck: Check<RoleFacts> = {
  name: 'roles',
  title: "Roles of the app's identity",
  async read({ config, principal, app, status, places, signalTopicId, registries, arm, deadline }) {
    if (principal === undefined) {
      return new Skip("give --principal or EVENKEEL_PRINCIPAL_ID, the object id of the app's identity");
    }
    if (!config.zoneMap.ok || !config.registries.ok) return new Skip('DNS_ZONE_MAP or REGISTRIES is wrong');
    const { found, missing } = await places();
    const modes = await roleAssignmentModes(config.registries.value.all, await registries(), deadline);
    const needs = roleNeeds(config, found, modes);
    const own = [app.appId, await signalTopicId()].flatMap((id) => id ?? []);
    const subscriptions = [...needs.map(({ scope }) => scope), ...own].flatMap(
      (id) => id.split('/')[2] ?? [],
    );
    return {
      principal,
      needs,
      // The app's id or its topic tells where its own resources are. Without either, their roles may be out of sight.
      dataNeeds: own.length === 0 ? [] : dataNeeds(config),
      assignments: await listRoleAssignments(principal, subscriptions, await arm(), deadline),
      isWhole: missing.length === 0 && !differsFromApp(config, await status()),
    };
  },
  evaluate({ principal, needs, dataNeeds, assignments, isWhole }) {
    return [
      ...needs.flatMap((need) => missingRole(need, assignments, principal)),
      ...dataNeeds.flatMap((need) => missingDataRole(need, assignments, principal)),
      ...(isWhole ? assignments.flatMap((assignment) => excessiveRole(assignment, needs)) : []),
    ];
  },
};

/** By registry. One that cannot be read is the business of other checks. */
async function roleAssignmentModes(
  registries: readonly Registry[],
  reader: RegistryReader,
  deadline: Deadline,
): Promise<Map<Registry, RoleAssignmentMode>> {
  const limit = pLimit(concurrency);
  const modeOf = async (registry: Registry) =>
    (await reader.read(registry, deadline).catch(() => undefined))?.roleAssignmentMode ?? 'unknown';
  return new Map(
    await Promise.all(
      registries.map((registry) => limit(async () => [registry, await modeOf(registry)] as const)),
    ),
  );
}

function missingRole(need: Need, assignments: readonly RoleAssignment[], principal: string): Finding[] {
  const effective = assignments.filter(({ scope }) => isWithin(need.scope, scope));
  const permissions = effective.flatMap((assignment) => assignment.permissions);
  const lacking = need.actions.filter((action) => !permissions.some((one) => allows(one, action)));
  const lackingData = need.dataActions.filter(
    (action) => !permissions.some((one) => allowsData(one, action)),
  );
  const assign = (role: string): string =>
    `az role assignment create --assignee-object-id ${principal} --assignee-principal-type ServicePrincipal --scope ${need.scope} --role "${role}"`;
  const findings: Finding[] = [];
  if (lacking.length > 0) {
    findings.push({
      severity: 'error',
      what: `the app lacks permission for ${lacking.join(', ')} on ${need.scope}`,
      why: consequences[need.role],
      fix: `${assign(`the role ${need.role} of infra/roles.json`)} ("azd provision" creates the role and the assignment)`,
    });
  }
  if (lackingData.length > 0) {
    findings.push({
      severity: 'error',
      what: `the app lacks permission for ${lackingData.join(', ')} on ${need.scope}`,
      why: 'the registry has repository permissions and does not honour AcrPull, so images cannot be verified',
      fix: `${assign('Container Registry Repository Reader')} (evenkeel never lists the catalogue; whoever does needs Container Registry Repository Catalog Lister, too)`,
    });
  }
  return findings;
}

const consequences: Readonly<Record<Need['role'], string>> = {
  containerGroups: 'it cannot read the addresses of container groups',
  recordSets: 'it cannot manage the records of the zone',
  registries: 'it cannot list the replicas of the registry or verify images',
  globalRouting: 'ROUTING_MODE is enforce, but it cannot switch a replica off or on',
};

function missingDataRole(
  { action, builtInRole, resource }: DataNeed,
  assignments: readonly RoleAssignment[],
  principal: string,
): Finding[] {
  const permissions = assignments.flatMap((assignment) => assignment.permissions);
  if (permissions.some((one) => allowsData(one, action))) return [];
  const scope = `ID_OF_${resource.replace(/^the /, '').replaceAll(' ', '_').toUpperCase()}`;
  return [
    {
      severity: 'error',
      what: `the app lacks permission for ${action} on any scope`,
      why: `it uses its identity to access ${resource}, and is refused`,
      fix: `az role assignment create --assignee-object-id ${principal} --assignee-principal-type ServicePrincipal --role "${builtInRole}" --scope ${scope}`,
    },
  ];
}

/** Reports actions that change something and are either needed by no job or allowed on a whole subscription. */
function excessiveRole(
  { id, scope, roleId, roleName, permissions }: RoleAssignment,
  needs: readonly Need[],
): Finding[] {
  if (ownRoles.has(roleId)) return [];
  const changing = permissions.flatMap(({ actions }) => actions.filter((pattern) => !isRead(pattern)));
  const needed = new Set(
    needs
      .filter((need) => isWithin(need.scope, scope))
      .flatMap(({ actions }) => actions.map((action) => action.toLowerCase())),
  );
  const isWide = !/^\/subscriptions\/[^/]+\/resourceGroups\//i.test(scope);
  const excess = changing.filter((pattern) => isWide || !needed.has(pattern.toLowerCase()));
  if (excess.length === 0) return [];
  return [
    {
      severity: 'warning',
      what: `the role ${roleName} allows more than the app needs: ${excess.join(', ')} on ${scope}`,
      why: 'whoever compromises the app gets these permissions, too',
      fix: `az role assignment delete --ids ${id}`,
    },
  ];
}
