import * as v from 'valibot';
import { parseJson } from '../../lib/json.ts';
import { pullRole, type RoleAssignmentMode } from '../../registries/role-assignment-mode.ts';

/** One error of a registry. Its message may hold the address of the caller, so it is never shown. */
interface RegistryError {
  /** Such as `MANIFEST_UNKNOWN`. */
  readonly code: string;
  readonly message: string;
}

const bodySchema = v.object({
  errors: v.pipe(
    v.array(
      v.object({ code: v.pipe(v.string(), v.regex(/^\w{1,64}$/)), message: v.optional(v.string(), '') }),
    ),
    v.minLength(1),
  ),
});

/**
 * The first error in the body of an answer of a registry or its token service.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes
 *
 * @returns `undefined` for a body that no registry writes.
 */
function registryErrorIn(body: Buffer | undefined): RegistryError | undefined {
  const parsed = v.safeParse(bodySchema, parseJson(body?.toString() ?? ''));
  return parsed.success ? parsed.output.errors[0] : undefined;
}

/** A registry tells its network rules from its roles by the message alone: both are `DENIED`. */
const isAboutNetwork =
  /is not allowed access|acr\/firewall|firewall|private (?:endpoint|link)|public (?:network )?access/i;

/**
 * Why a registry refused a call with 401 or 403, and what to do about it.
 *
 * | body                                                     | reason                                             |
 * |----------------------------------------------------------|----------------------------------------------------|
 * | `DENIED`, "client with IP … is not allowed access"       | the registry's firewall, or its private endpoint   |
 * | `DENIED`, `UNAUTHORIZED`                                 | the role that the registry honours is missing      |
 * | any other code                                           | the code                                           |
 * | none that a registry writes, with 401                    | the role is missing: no credential is left to try  |
 * | none that a registry writes, with 403                    | something on the way refuses                       |
 *
 * https://learn.microsoft.com/azure/container-registry/container-registry-troubleshoot-access
 */
export function refusalReason(status: number, body: Buffer | undefined, mode: RoleAssignmentMode): string {
  const error = registryErrorIn(body);
  if (error !== undefined && isAboutNetwork.test(error.message)) {
    return `answered ${status}: the firewall of the registry or its private endpoint keeps this app out; allow the app's outbound address, or connect the app to the private endpoint's network`;
  }
  const isRole = error === undefined ? status === 401 : /^(DENIED|UNAUTHORIZED)$/i.test(error.code);
  if (isRole) return `answered ${status}: assign the role ${pullRole(mode)} on the registry`;
  if (error !== undefined) return `answered ${status} (${error.code})`;
  return `answered ${status}, and not as a registry does: a proxy or a gateway on the way refuses`;
}

/** Whether the registry itself says that it knows no such manifest. A 404 from anything on the way says nothing. */
export const isUnknownManifest = (body: Buffer | undefined): boolean =>
  /^(MANIFEST_UNKNOWN|NAME_UNKNOWN)$/i.test(registryErrorIn(body)?.code ?? '');
