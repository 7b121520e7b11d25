import type { RegistryView } from '../registries/directory.ts';
import type { Registry } from '../registries/registry.ts';
import { regionsExpectedNow } from './expected-regions.ts';
import type { Fact, Image, LaterExpectation, Reference } from './image.ts';
import type { Notice } from './ledger.ts';

/** Replicas and settings change seldom, so the newest few are all that there are. */
const kept = 3;

/**
 * The image with what a push would wait for, where that is no longer what its reference waits for. A deletion that is
 * reported later may turn out to lie before the push, which then is the first one of an episode. Only the first notice of
 * the push counts: what changes until other regions tell of it concerns later pushes.
 * @returns the same image when there is nothing to remember.
 */
export function withLaterExpectation(
  image: Image,
  { notification, receivedAtMs }: Notice,
  registry: Registry,
  view: RegistryView,
): Image {
  if (notification.kind !== 'push') return image;
  const { tag, region, at } = notification;
  const atMs = at.getTime();
  const reference = image.references.find((one) => one.tag === tag);
  const known = reference?.expectedLater.at(-1)?.regions ?? reference?.expected;
  const regions = regionsExpectedNow(image, registry, view);
  if (reference === undefined || known === undefined || regions.join() === known.join()) return image;
  const isOwn = (fact: Fact): boolean => fact.region === region && fact.atMs === atMs;
  if (reference.facts.some((fact) => !isOwn(fact) && fact.atMs >= atMs)) return image;
  const later: LaterExpectation = { atMs, learnedAtMs: receivedAtMs, regions };
  const expectedLater = [...reference.expectedLater, later].slice(-kept);
  return {
    ...image,
    references: image.references.map((one) => (one === reference ? { ...one, expectedLater } : one)),
  };
}

/**
 * What a reference waits for when a deletion left it with these pushes.
 *
 * | of the pushes that are left                    | it waits for                     |
 * |------------------------------------------------|----------------------------------|
 * | one was made, and learned, before a later set  | what it waited for before        |
 * | none was: the first fact went                  | the last set that is old enough  |
 */
export function expectedAfterDeletion(
  { expected, expectedLater }: Reference,
  left: readonly { readonly atMs: number; readonly learnedAtMs?: number }[],
): Pick<Reference, 'expected' | 'expectedLater'> {
  // Clocks differ, and notices come late, so a push counts as earlier only by both times.
  const index = expectedLater.findLastIndex((later) =>
    left.every(({ atMs, learnedAtMs = 0 }) => atMs >= later.atMs || learnedAtMs >= later.learnedAtMs),
  );
  const later = expectedLater[index];
  if (left.length === 0 || later === undefined) return { expected, expectedLater };
  return { expected: later.regions, expectedLater: expectedLater.slice(index + 1) };
}
