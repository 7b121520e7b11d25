import type { RegistryView } from '../registries/directory.ts';
import type { Registry } from '../registries/registry.ts';
import type { Region, Replica } from '../registries/replica.ts';
import { type Fact, type Image, regionsOf } from './image.ts';

/**
 * The regions that an image waits for now: those of its first fact, less those whose replica was removed since.
 * @param view `undefined` when nothing was ever known of the registry.
 */
export function expectedRegions(
  { expected }: Image,
  registry: Registry,
  view: RegistryView | undefined,
): readonly Region[] {
  if (view === undefined) return expected ?? [];
  return stillExpected(expected ?? initiallyExpected(registry, view.replicas), view.replicas);
}

/** The image with the regions that it will wait for; the same image when it has them, or no replica is known. */
export function withExpectedRegions(image: Image, registry: Registry, { replicas }: RegistryView): Image {
  if (image.expected !== undefined) return image;
  const expected = initiallyExpected(registry, replicas);
  // A list without a single replica is no list to hold an image to for ever.
  return expected.length === 0 ? image : { ...image, expected };
}

/**
 * The regions that an image has to reach when it is first seen now.
 * A region that `REGISTRIES` names and that has no replica is not waited for: nothing will ever arrive there.
 */
export function initiallyExpected({ regions }: Registry, replicas: readonly Replica[]): Region[] {
  const provisioned = replicas.filter(isProvisioned).map(({ region }) => region);
  const wanted = regions === 'all' ? provisioned : provisioned.filter((region) => regions.includes(region));
  return [...new Set(wanted)].sort();
}

/** The regions of `initial` whose replica was not removed since. */
export function stillExpected(initial: readonly Region[], replicas: readonly Replica[]): Region[] {
  const left = new Set(replicas.filter((replica) => !isBeingDeleted(replica)).map(({ region }) => region));
  return initial.filter((region) => left.has(region));
}

/** A replica that is being created does not count: seeding it takes days. */
const isProvisioned = ({ provisioningState }: Replica): boolean =>
  /^(succeeded|updating)$/i.test(provisioningState);

const isBeingDeleted = ({ provisioningState }: Replica): boolean => /^deleting$/i.test(provisioningState);

/** The expected regions that no fact names, in their order. */
export function missingRegions(expected: readonly Region[], facts: readonly Fact[]): Region[] {
  const reached = regionsOf(facts);
  return expected.filter((region) => !reached.has(region));
}

/** Whether there are regions to expect, and none is missing. */
export const isComplete = (expected: readonly Region[], facts: readonly Fact[]): boolean =>
  expected.length > 0 && missingRegions(expected, facts).length === 0;
