import * as v from 'valibot';
import rolesJson from '../../infra/roles.json' with { type: 'json' };
import { requirementOf } from './required-action.ts';

const rolesSchema = v.record(
  v.string(),
  v.strictObject({
    job: v.picklist(['dns', 'replication', 'routing']),
    name: v.string(),
    description: v.string(),
    actions: v.array(v.string()),
    dataActions: v.exactOptional(v.array(v.string())),
  }),
);
export type Roles = v.InferOutput<typeof rolesSchema>;

/** The custom roles that are deployed. */
export const deployedRoles: Roles = v.parse(rolesSchema, rolesJson);

/**
 * Where the roles and what the app asked of Azure differ, each as a sentence.
 * @param journal what the local Azures of a test run have written.
 * @param isComplete whether that was the whole test run: only then is what is absent never used.
 */
export function roleProblems(journal: readonly string[], roles: Roles, isComplete: boolean): string[] {
  const granted = new Map<string, string[]>();
  for (const [role, { actions, dataActions = [] }] of Object.entries(roles)) {
    for (const action of [...actions, ...dataActions]) {
      const key = action.toLowerCase();
      granted.set(key, [...(granted.get(key) ?? []), role]);
    }
  }
  const problems: string[] = [];
  const used = new Set<string>();
  for (const line of [...new Set(journal)].sort()) {
    const requirement = requirementOf(line);
    if (requirement.kind === 'unknown') problems.push(`nothing says which action "${line}" needs`);
    if (requirement.kind !== 'actions') continue;
    for (const action of requirement.actions) {
      used.add(action.toLowerCase());
      if (!granted.has(action.toLowerCase()))
        problems.push(`"${line}" needs ${action}, which no role grants`);
    }
  }
  for (const [action, by] of granted) {
    if (by.length > 1) problems.push(`${action} is granted by ${by.join(' and ')}`);
    if (isComplete && !used.has(action)) problems.push(`${action}, which ${by[0]} grants, was never used`);
  }
  return problems;
}
