import { type Registries, type Registry, regionOf, replicaIn } from './registry.ts';
import type { Replica } from './replica.ts';

/** Finds what a test or scenario names. */
export interface Lookup {
  /**
   * @param registry A name, a login server, the first label of one, or an ARM id, in any casing.
   * @throws RangeError for an unknown one, and for the name of several registries.
   */
  known(registry: string): Registry;
  /** @throws RangeError likewise, and for a region without a replica. */
  replicaAt(registry: string, region: string): Replica;
}

export function registryLookup(registries: Registries): Lookup {
  const known = (reference: string): Registry => {
    const registry = registries.find(reference);
    if (registry === undefined) throw new RangeError(`there is no registry ${reference}`);
    return registry;
  };
  return {
    known,
    replicaAt(registry, region) {
      const replica = replicaIn(known(registry), regionOf(region));
      if (replica === undefined) throw new RangeError(`the registry ${registry} has no replica in ${region}`);
      return replica;
    },
  };
}
