/**
 * Which roles a registry honours for its content.
 *
 * | mode                     | `roleAssignmentMode` in ARM    | a pull takes                                |
 * |--------------------------|--------------------------------|---------------------------------------------|
 * | `registryPermissions`    | `LegacyRegistryPermissions`    | AcrPull                                     |
 * | `repositoryPermissions`  | `AbacRepositoryPermissions`    | Container Registry Repository Reader        |
 * | `unknown`                | could not be read              | one of the two                              |
 *
 * https://learn.microsoft.com/azure/container-registry/container-registry-rbac-abac-repository-permissions
 */
export type RoleAssignmentMode = 'registryPermissions' | 'repositoryPermissions' | 'unknown';

/** A registry without the property was created before repositories could have permissions. */
export function roleAssignmentModeOf(text: string | undefined): RoleAssignmentMode {
  if (text === undefined || /^LegacyRegistryPermissions$/i.test(text)) return 'registryPermissions';
  return /^AbacRepositoryPermissions$/i.test(text) ? 'repositoryPermissions' : 'unknown';
}

/** The built-in role that lets an identity read manifests and layers, as the end of a sentence about what to assign. */
export function pullRole(mode: RoleAssignmentMode): string {
  switch (mode) {
    case 'registryPermissions':
      return 'AcrPull';
    case 'repositoryPermissions':
      return 'Container Registry Repository Reader (the registry has repository permissions, so it does not honour AcrPull)';
    case 'unknown':
      return 'AcrPull (or Container Registry Repository Reader, where repositories have permissions)';
  }
}
