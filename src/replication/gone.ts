import type { RegistryView } from '../registries/directory.ts';
import { isGone } from '../registries/membership.ts';
import type { Region } from '../registries/replica.ts';
import { toldDeletionMs } from './deletions.ts';
import type { Image } from './image.ts';

/** Whether a region still has an image that was deleted. */
export interface GoneState {
  readonly region: Region;
  readonly state: 'gone' | 'present';
  /** How that is known; `present` is also what nothing is known of. */
  readonly evidence?: 'told' | 'verified';
}

/**
 * Which regions still have an image. What is not known counts as present.
 *
 * | the region                                                             | is        |
 * |------------------------------------------------------------------------|-----------|
 * | told a deletion that is not older than its last push                   | `gone`    |
 * | answered that it has no such manifest, after all that was learned of it | `gone`   |
 * | anything else                                                          | `present` |
 *
 * @param view the replicas, each of which may have it; `undefined` when nothing was ever known of the registry
 */
export function goneStates(image: Image, view: RegistryView | undefined): GoneState[] {
  const facts = [...image.verified, ...image.references.flatMap((reference) => reference.facts)];
  const members = [...(view?.members ?? [])];
  const without = new Set(members.flatMap(([region, member]) => (isGone(member) ? region : [])));
  const regions = new Set([
    ...(view === undefined ? [] : [view.home]),
    ...members.map(([region]) => region),
    ...(image.expected ?? []),
    ...facts.map(({ region }) => region),
    ...Object.keys(image.deletions.byRegion),
  ]);
  return [...regions]
    .filter((region) => !without.has(region))
    .sort()
    .map((region): GoneState => {
      const ofRegion = facts.filter((fact) => fact.region === region);
      const pushedAtMs = Math.max(Number.NEGATIVE_INFINITY, ...ofRegion.map(({ atMs }) => atMs));
      const toldAtMs = toldDeletionMs(image.deletions, region);
      if (toldAtMs !== undefined && toldAtMs >= pushedAtMs)
        return { region, state: 'gone', evidence: 'told' };
      const learnedAtMs = Math.max(pushedAtMs, ...ofRegion.map((fact) => fact.learnedAtMs));
      const absentAtMs = image.absent[region];
      const isAbsent = absentAtMs !== undefined && absentAtMs > learnedAtMs;
      return isAbsent ? { region, state: 'gone', evidence: 'verified' } : { region, state: 'present' };
    });
}

/**
 * The image with the regions that answered that they have no such manifest.
 * @param atMs when they answered, by evenkeel's clock
 */
export function withAbsent(image: Image, regions: Iterable<Region>, atMs: number): Image {
  const absent = { ...image.absent };
  for (const region of regions) absent[region] = Math.max(atMs, absent[region] ?? atMs);
  return { ...image, absent };
}
