import pLimit from 'p-limit';
import type { Deadline } from '../../../lib/deadline.ts';
import type { RegistryReader } from '../../../registries/ports.ts';
import type { Registry } from '../../../registries/registry.ts';
import type { Region } from '../../../registries/replica.ts';

/** A configured registry, and where it should have its images. */
interface RegistryRegions {
  readonly registry: Registry;
  /** Its replicas' and its home, or those that its entry names; `undefined`: Azure has no such registry. */
  readonly regions: readonly Region[] | undefined;
}

const concurrency = 6;

export async function registryRegions(
  all: readonly Registry[],
  reader: RegistryReader,
  deadline: Deadline,
): Promise<readonly RegistryRegions[]> {
  const limit = pLimit(concurrency);
  return Promise.all(
    all.map((registry) =>
      limit(async (): Promise<RegistryRegions> => {
        const found = await reader.read(registry, deadline);
        if (found === undefined) return { registry, regions: undefined };
        if (registry.regions !== 'all') return { registry, regions: registry.regions };
        const replicas = await reader.listReplicas(registry, deadline);
        return {
          registry,
          regions: [...new Set([found.location, ...replicas.map(({ region }) => region)])].sort(),
        };
      }),
    ),
  );
}
