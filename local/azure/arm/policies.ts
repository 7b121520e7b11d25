import { createHash } from 'node:crypto';
import { ArmError } from './arm-error.ts';
import type { ArmRequest } from './operation.ts';
import { isAtOrBelow, pathKey } from './resource-path.ts';

/** The assignment of a policy that refuses. */
interface PolicySpec {
  /** ARM id of the scope that it is assigned to. */
  readonly scope: string;
  /** Display name of the assignment. */
  readonly name: string;
  /** Display name of the definition; that of the assignment by default. */
  readonly definitionName?: string;
  /** `deny`, the default, refuses writes, and `denyAction` deletions. */
  readonly effect?: 'deny' | 'denyAction';
}

/** https://learn.microsoft.com/azure/governance/policy/concepts/effect-deny */
export class Policies {
  private readonly assignments = new Set<PolicySpec>();

  /** Returns how to remove the assignment. */
  add(policy: PolicySpec): { readonly remove: () => void } {
    this.assignments.add(policy);
    return { remove: () => void this.assignments.delete(policy) };
  }

  clear(): void {
    this.assignments.clear();
  }

  get all(): readonly PolicySpec[] {
    return [...this.assignments];
  }

  /** @throws ArmError that names every policy that refuses the request. */
  check({ method, id }: ArmRequest): void {
    const effect = { PUT: 'deny', PATCH: 'deny', DELETE: 'denyAction' }[method];
    if (effect === undefined) return;
    const refusing = this.all.filter(
      (policy) => (policy.effect ?? 'deny') === effect && isAtOrBelow(pathKey(id), pathKey(policy.scope)),
    );
    if (refusing.length === 0) return;
    const name = id.split('/').at(-1) ?? '';
    const what = effect === 'deny' ? `Resource '${name}'` : `Deletion of resource '${name}'`;
    const identifiers = JSON.stringify(refusing.map(identifiersOf));
    throw new ArmError(
      403,
      'RequestDisallowedByPolicy',
      `${what} was disallowed by policy. Policy identifiers: '${identifiers}'.`,
      { members: { target: name, additionalInfo: refusing.map(violationOf) } },
    );
  }
}

function identifiersOf(policy: PolicySpec): object {
  const { assignmentId, definitionId } = idsOf(policy);
  return {
    policyAssignment: { name: policy.name, id: assignmentId },
    policyDefinition: { name: policy.definitionName ?? policy.name, id: definitionId },
  };
}

function violationOf(policy: PolicySpec): object {
  const { assignmentId, definitionId } = idsOf(policy);
  const info = {
    policyDefinitionDisplayName: policy.definitionName ?? policy.name,
    policyDefinitionId: definitionId,
    policyDefinitionEffect: policy.effect ?? 'deny',
    policyAssignmentId: assignmentId,
    policyAssignmentDisplayName: policy.name,
    policyAssignmentScope: policy.scope,
  };
  return { type: 'PolicyViolation', info };
}

function idsOf({ scope, name, definitionName }: PolicySpec): { assignmentId: string; definitionId: string } {
  const subscription = scope.split('/').slice(0, 3).join('/');
  const provider = 'providers/Microsoft.Authorization';
  return {
    assignmentId: `${scope}/${provider}/policyAssignments/${digest(name)}`,
    definitionId: `${subscription}/${provider}/policyDefinitions/${digest(definitionName ?? name)}`,
  };
}

/** The portal names assignments by 24 hexadecimal digits. */
const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 24);
