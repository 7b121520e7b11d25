import { randomUUID } from 'node:crypto';

interface RoleSpec {
  readonly name: string;
  readonly actions?: readonly string[] | undefined;
  readonly notActions?: readonly string[] | undefined;
  readonly dataActions?: readonly string[] | undefined;
  /** Id of the role, by default a new one; built-in roles have known ids. */
  readonly id?: string | undefined;
}

interface RoleAssignment {
  readonly id: string;
  readonly scope: string;
  readonly principalId: string;
  readonly roleDefinitionId: string;
}

interface RoleDefinition extends Required<Omit<RoleSpec, 'id'>> {
  /** The last segment of its ARM id. */
  readonly id: string;
}

/** Role definitions and assignments. They can be read; no request is refused because of them. */
export class Authorization {
  private readonly definitions = new Map<string, RoleDefinition>();
  private readonly assignments = new Map<string, RoleAssignment>();

  /** Returns the role's id, for `assign`. */
  define({ id = randomUUID(), name, actions = [], notActions = [], dataActions = [] }: RoleSpec): string {
    this.definitions.set(id.toLowerCase(), { id, name, actions, notActions, dataActions });
    return id;
  }

  /** Returns the assignment's ARM id. */
  assign(principalId: string, role: string, scope: string): string {
    const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
    const subscription = scope.split('/').slice(0, 3).join('/');
    const roleDefinitionId = `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`;
    this.assignments.set(id.toLowerCase(), { id, scope, principalId, roleDefinitionId });
    return id;
  }

  /** Whether there was one to remove. */
  unassign(id: string): boolean {
    return this.assignments.delete(id.toLowerCase());
  }

  definition(id: string): RoleDefinition | undefined {
    return this.definitions.get(id.toLowerCase());
  }

  get all(): readonly RoleAssignment[] {
    return [...this.assignments.values()];
  }
}
