import type { Registry } from '../registries/registry.ts';
import type { Region, Replica } from '../registries/replica.ts';

/** A replica that is provisioned, or being updated; one that is being created is being seeded, which takes days. */
const isSettled = ({ provisioningState }: Replica): boolean =>
  /^(succeeded|updating)$/i.test(provisioningState);

const isLeaving = ({ provisioningState }: Replica): boolean => /^deleting$/i.test(provisioningState);

/**
 * The regions that have to hold an image that is first seen now.
 * Regions that `REGISTRIES` names and no replica is in are not waited for: nothing will ever arrive there.
 */
export function initiallyExpected(registry: Registry, replicas: readonly Replica[]): Region[] {
  const { regions } = registry;
  const settled = replicas.filter(isSettled).map(({ region }) => region);
  const wanted = regions === 'all' ? settled : settled.filter((region) => regions.includes(region));
  return [...new Set(wanted)].sort();
}

/** Less those whose replica was removed since. */
export function stillExpected(atFirst: readonly Region[], replicas: readonly Replica[]): Region[] {
  const there = new Set(replicas.filter((replica) => !isLeaving(replica)).map(({ region }) => region));
  return atFirst.filter((region) => there.has(region));
}
