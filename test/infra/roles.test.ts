import { describe, expect, it } from 'vitest';
import { requirementOf } from './required-action.ts';
import { deployedRoles, type Roles, roleProblems } from './role-problems.ts';

const rolesWith = (actions: Readonly<Record<string, readonly string[]>>): Roles =>
  Object.fromEntries(
    Object.entries(actions).map(([key, list]) => [
      key,
      { job: 'dns', name: key, description: key, actions: [...list] },
    ]),
  );

describe('the action that a request needs', () => {
  it.each([
    ['GET RecordSets_Get Microsoft.Network/privateDnsZones/A', 'Microsoft.Network/privateDnsZones/A/read'],
    [
      'PUT RecordSets_CreateOrUpdate Microsoft.Network/privateDnsZones/PTR',
      'Microsoft.Network/privateDnsZones/PTR/write',
    ],
    [
      'DELETE RecordSets_Delete Microsoft.Network/privateDnsZones/A',
      'Microsoft.Network/privateDnsZones/A/delete',
    ],
    [
      'PATCH Replications_Update Microsoft.ContainerRegistry/registries/replications',
      'Microsoft.ContainerRegistry/registries/replications/write',
    ],
    [
      'POST ContainerGroups_Start Microsoft.ContainerInstance/containerGroups/start',
      'Microsoft.ContainerInstance/containerGroups/start/action',
    ],
  ])('of "%s" is %s', (line, action) => {
    expect(requirementOf(line)).toEqual({ kind: 'actions', actions: [action] });
  });

  it.each(['HEAD Manifests_Head', 'HEAD Blobs_Head'])(
    'of "%s" depends on whether roles are for the registry or for repositories, so it is both',
    (line) => {
      expect(requirementOf(line)).toEqual({
        kind: 'actions',
        actions: [
          'Microsoft.ContainerRegistry/registries/pull/read',
          'Microsoft.ContainerRegistry/registries/repositories/content/read',
          'Microsoft.ContainerRegistry/registries/repositories/metadata/read',
        ],
      });
    },
  );

  it('is none where anybody may ask', () => {
    expect(requirementOf('GET Subscriptions_List')).toEqual({ kind: 'none' });
  });

  it('is unknown of what nobody has thought about', () => {
    expect(requirementOf('GET Unknown')).toEqual({ kind: 'unknown' });
  });
});

describe('the roles', () => {
  const journal = ['GET ContainerGroups_Get Microsoft.ContainerInstance/containerGroups'];
  const read = 'Microsoft.ContainerInstance/containerGroups/read';

  it('are right when they grant what was used, in any casing, and nothing else', () => {
    expect(roleProblems(journal, rolesWith({ dns: [read.toUpperCase()] }), true)).toEqual([]);
  });

  it('lack what was used and nobody grants', () => {
    expect(roleProblems(journal, rolesWith({ dns: [] }), true)).toEqual([
      `"${journal[0]}" needs ${read}, which no role grants`,
    ]);
  });

  it('grant too much where a whole test run never used it', () => {
    const roles = rolesWith({ dns: [read, 'Microsoft.Network/privateDnsZones/delete'] });
    expect(roleProblems(journal, roles, true)).toEqual([
      'microsoft.network/privatednszones/delete, which dns grants, was never used',
    ]);
    expect(roleProblems(journal, roles, false)).toEqual([]);
  });

  it('may not grant one thing twice', () => {
    expect(roleProblems(journal, rolesWith({ dns: [read], routing: [read] }), true)).toEqual([
      `${read.toLowerCase()} is granted by dns and routing`,
    ]);
  });

  it('that are deployed name each action, and none by a wildcard', () => {
    const actions = Object.values(deployedRoles).flatMap((role) => [
      ...role.actions,
      ...(role.dataActions ?? []),
    ]);
    expect(
      actions.filter((action) => !/^Microsoft(?:\.\w+)(?:\/\w+)+\/(?:read|write|delete)$/.test(action)),
    ).toEqual([]);
  });
});
