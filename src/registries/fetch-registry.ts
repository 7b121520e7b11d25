import { unlessAborted } from '../lib/async.ts';
import { deadlineIn } from '../lib/deadline.ts';
import { UncertainCallError } from '../lib/errors.ts';
import type { RegistryReader } from './ports.ts';
import { type Registry, RegistryMissingError } from './registry.ts';
import type { Region, Replica } from './replica.ts';
import type { RoleAssignmentMode } from './role-assignment-mode.ts';

/** A registry and its replicas, as Resource Manager showed them at one time. */
export interface FetchedRegistry {
  /** Such as `myregistry.azurecr.io`. */
  readonly loginServer: string;
  readonly home: Region;
  readonly roleAssignmentMode: RoleAssignmentMode;
  /** As the last list shows them. A list may leave out one that exists. */
  readonly replicas: readonly Replica[];
  readonly fetchedAt: Date;
}

/** The longest that a read of the registry or of what is remembered of it takes; callers may have less time. */
export const readTimeMs = 8_000;

/**
 * Reads a registry and its list of replicas, within its own time limit.
 * @throws {RegistryMissingError} and the reader's errors.
 */
export async function fetchRegistry(
  reader: RegistryReader,
  registry: Registry,
  now: () => Date,
): Promise<FetchedRegistry> {
  // The caller that happens to be first may have little time left, so the refresh has its own.
  const deadline = deadlineIn(readTimeMs);
  const fetchedAt = now();
  const [found, replicas] = await unlessAborted(
    deadline.signal,
    Promise.allSettled([reader.read(registry, deadline), reader.listReplicas(registry, deadline)]),
  ).catch((cause: unknown) => {
    throw new UncertainCallError('read registry and replications', registry.id, 'no answer in time', {
      cause,
    });
  });
  if (found.status === 'rejected') throw found.reason;
  // This comes before the error of the list, which fails too when there is no registry.
  if (found.value === undefined) throw new RegistryMissingError(registry.id);
  if (replicas.status === 'rejected') throw replicas.reason;
  const { loginServer, location, roleAssignmentMode } = found.value;
  return { loginServer, home: location, roleAssignmentMode, replicas: replicas.value, fetchedAt };
}
