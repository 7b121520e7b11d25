import pLimit from 'p-limit';
import type { Deadline } from '../../../lib/deadline.ts';
import type { RegistryReader } from '../../../registries/ports.ts';
import type { Registry } from '../../../registries/registry.ts';
import type { Region } from '../../../registries/replica.ts';

/** A configured registry, and the regions that should have its images. */
interface RegistryRegions {
  readonly registry: Registry;
  /** Those of its replicas and its home, or those that its entry names; `undefined`: the registry does not exist. */
  readonly regions: readonly Region[] | undefined;
  readonly loginServer: string | undefined;
}

const concurrency = 6;

export async function registryRegions(
  registries: readonly Registry[],
  reader: RegistryReader,
  deadline: Deadline,
): Promise<readonly RegistryRegions[]> {
  const limit = pLimit(concurrency);
  const regionsOf = async (registry: Registry, home: Region): Promise<readonly Region[]> => {
    if (registry.regions !== 'all') return registry.regions;
    const replicas = await reader.listReplicas(registry, deadline);
    return [...new Set([home, ...replicas.map(({ region }) => region)])].sort();
  };
  const look = async (registry: Registry): Promise<RegistryRegions> => {
    const found = await reader.read(registry, deadline);
    const regions = found && (await regionsOf(registry, found.location));
    return { registry, regions, loginServer: found?.loginServer };
  };
  return Promise.all(registries.map((registry) => limit(() => look(registry))));
}
