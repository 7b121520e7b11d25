import type { RegistryView } from '../registries/directory.ts';
import { canServe, hasLeftSince, isGone, isSeeding, type Membership } from '../registries/membership.ts';
import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import { type Fact, type Image, type Reference, regionsOf } from './image.ts';

/** What is waited for: an image by its digest, or one of its references. */
export type Awaited = Pick<Image | Reference, 'expected' | 'firstSeenMs'>;

/** The regions that something waits for now. */
export type Expectation = (awaited: Awaited) => readonly Region[];

/**
 * The regions that an image or a reference waits for now: those of its first fact, less those whose replica is known to
 * be gone since, and those that nobody asks for any more.
 *
 * | of a region of the first fact                                    | it is  |
 * |------------------------------------------------------------------|--------|
 * | the list of replicas shows it                                    | waited for |
 * | the list leaves it out, or its replica cannot be read            | waited for |
 * | its replica's absence was confirmed since                        | not waited for, also when a replica comes back |
 * | its entry of `REGISTRIES` names it no more, and still another    | not waited for |
 *
 * @param view `undefined` when nothing was ever known of the registry.
 */
export const expectedRegions =
  (registry: Registry, view: RegistryView | undefined): Expectation =>
  ({ expected, firstSeenMs }) => {
    const selected = expected?.filter((region) => isSelected(registry, region)) ?? [];
    const awaited = selected.length > 0 ? selected : expected;
    if (view?.members === undefined) return awaited ?? [];
    const { members } = view;
    return (awaited ?? initiallyExpected(registry, view)).filter((region) => {
      const member = members.get(region);
      return region === view.home || member === undefined || !hasLeftSince(member, firstSeenMs);
    });
  };

/**
 * The image with the regions that it will wait for, it and each of its references; the same image when all have them.
 * They stay unknown while nothing is known of the replicas that were there before.
 */
export function withExpectedRegions(image: Image, registry: Registry, view: RegistryView): Image {
  if (view.members === undefined) return image;
  const isKnown = image.expected !== undefined;
  if (isKnown && image.references.every(({ expected }) => expected !== undefined)) return image;
  const initial = initiallyExpected(registry, view);
  if (initial.length === 0) return image;
  const later = regionsExpectedNow(image, registry, view);
  return {
    ...image,
    expected: image.expected ?? initial,
    references: image.references.map((one) =>
      one.expected === undefined ? { ...one, expected: later } : one,
    ),
  };
}

/** The regions that something has to reach when it is first seen now, as a further reference of the image. */
export function regionsExpectedNow(image: Image, registry: Registry, view: RegistryView): Region[] {
  const serving = stillServing(image, registry, view.members ?? new Map());
  return [...new Set([...initiallyExpected(registry, view), ...serving])].sort();
}

/**
 * The regions of an image's first fact that a later reference waits for too. Whoever took in the first fact saw their
 * replicas serve, also when this process never did: a list may leave a replica out that nobody has stored yet.
 *
 * | what is known of the replica                         | it is          |
 * |------------------------------------------------------|----------------|
 * | nothing                                              | waited for     |
 * | it is there, seeding or not                          | waited for     |
 * | its absence was confirmed since, or it is not usable | not waited for |
 */
function stillServing(image: Image, registry: Registry, members: Membership): Region[] {
  return (image.expected ?? []).filter((region) => {
    const member = members.get(region);
    const isThere = member === undefined || (member.isUsable && !hasLeftSince(member, image.firstSeenMs));
    return isThere && isSelected(registry, region);
  });
}

/**
 * The regions that something has to reach when it is first seen now: the home region, and every replica that can serve.
 * A region that `REGISTRIES` names and that has no replica is not waited for: nothing will ever arrive there.
 */
export function initiallyExpected(registry: Registry, { home, members }: RegistryView): Region[] {
  const serving = [...(members ?? [])].flatMap(([region, member]) => (canServe(member) ? region : []));
  return [...new Set([home, ...serving])].filter((region) => isSelected(registry, region)).sort();
}

const isSelected = ({ regions }: Registry, region: Region): boolean =>
  regions === 'all' || regions.includes(region);

/** A replica that is not waited for. */
export interface LeftOut {
  readonly region: Region;
  readonly reason: 'seeding' | 'addedLater' | 'notSelected';
}

/**
 * The replicas that something does not wait for, with the reason.
 *
 * | reason        | the replica                                                           |
 * |---------------|-----------------------------------------------------------------------|
 * | `notSelected` | is none of the regions that its entry of `REGISTRIES` names           |
 * | `seeding`     | cannot serve yet                                                      |
 * | `addedLater`  | could not serve when the image, or the reference, was first seen      |
 */
export function leftOutOf(awaited: Awaited, registry: Registry, view: RegistryView | undefined): LeftOut[] {
  if (view?.members === undefined) return [];
  const expected = new Set(expectedRegions(registry, view)(awaited));
  const present = [...view.members].filter(([, member]) => !isGone(member));
  const regions = new Set([view.home, ...present.map(([region]) => region)]);
  return [...regions]
    .filter((region) => !expected.has(region))
    .sort()
    .map((region): LeftOut => {
      if (!isSelected(registry, region)) return { region, reason: 'notSelected' };
      const member = view.members?.get(region);
      const isWaiting = member !== undefined && (isSeeding(member) || !member.isUsable);
      return { region, reason: isWaiting ? 'seeding' : 'addedLater' };
    });
}

/** The expected regions that no fact names, in their order. */
export function missingRegions(expected: readonly Region[], facts: readonly Fact[]): Region[] {
  const reached = regionsOf(facts);
  return expected.filter((region) => !reached.has(region));
}

/** Whether there are regions to expect, and none is missing. */
export const isComplete = (expected: readonly Region[], facts: readonly Fact[]): boolean =>
  expected.length > 0 && missingRegions(expected, facts).length === 0;
