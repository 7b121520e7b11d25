/** https://learn.microsoft.com/azure/container-registry/container-registry-rbac-built-in-roles-overview */
type RegistryRole =
  | 'AcrPull'
  | 'Container Registry Repository Reader'
  | 'Container Registry Repository Catalog Lister';

/** What the app's identity may do at a registry. */
export interface RegistryAccess {
  /**
   * Which roles the registry honours.
   *
   * | mode                        | reading takes                                             |
   * |-----------------------------|-----------------------------------------------------------|
   * | `LegacyRegistryPermissions` | `AcrPull`                                                 |
   * | `AbacRepositoryPermissions` | `Container Registry Repository Reader`; not `AcrPull`     |
   *
   * https://learn.microsoft.com/azure/container-registry/container-registry-rbac-abac-repository-permissions
   */
  readonly mode: 'LegacyRegistryPermissions' | 'AbacRepositoryPermissions';
  readonly roles: readonly RegistryRole[];
  /** The repositories that the condition of a role assignment names; all by default. */
  readonly repositories?: readonly string[] | undefined;
  /**
   * Where an identity without access learns of it: the exchange of its token is refused with 401, the token of a scope
   * is, or it gets a token that opens nothing and the endpoint refuses that.
   */
  readonly refusedAt: 'exchange' | 'scope' | 'endpoint';
}

export const defaultAccess: RegistryAccess = {
  mode: 'LegacyRegistryPermissions',
  roles: ['AcrPull'],
  refusedAt: 'endpoint',
};

/** Whether the identity may read a repository. */
function mayPull({ mode, roles, repositories }: RegistryAccess, repository: string): boolean {
  const honoured = mode === 'AbacRepositoryPermissions' ? 'Container Registry Repository Reader' : 'AcrPull';
  return roles.includes(honoured) && (repositories === undefined || repositories.includes(repository));
}

/** Whether the identity may read anything at all. */
export const mayPullAny = (access: RegistryAccess): boolean =>
  mayPull({ ...access, repositories: ['-'] }, '-');

/**
 * What of a scope a token is given for: `repository:team/app:pull,push` is cut down to `repository:team/app:pull`.
 * https://distribution.github.io/distribution/spec/auth/scope/
 */
export const grantedOf = (access: RegistryAccess, scope: string): string =>
  scope
    .split(' ')
    .flatMap((one) => {
      const [, repository, actions] = /^repository:([^:]+):([\w,]+)$/.exec(one) ?? [];
      if (repository === undefined || !mayPull(access, repository)) return [];
      return actions?.split(',').includes('pull') === true ? [pullScope(repository)] : [];
    })
    .join(' ');

export const pullScope = (repository: string): string => `repository:${repository}:pull`;
