import type { Region } from '../registries/region.ts';
import {
  digestFacts,
  type Image,
  isFinished,
  isLive,
  type Reference,
  referenceFacts,
  regionsOf,
} from './image.ts';
import { imageSignal } from './image-signal.ts';

export const missingRegions = (
  expected: readonly Region[],
  facts: Parameters<typeof regionsOf>[0],
): Region[] => {
  const there = regionsOf(facts);
  return expected.filter((region) => !there.has(region));
};

/** Complete when there is something to expect and nothing is missing. */
const isComplete = (expected: readonly Region[], facts: Parameters<typeof regionsOf>[0]): boolean =>
  expected.length > 0 && missingRegions(expected, facts).length === 0;

/**
 * Gives the verdict `replicated` to every reference that deserves it and has none, each with its signal.
 * A verdict is never taken back within an episode.
 *
 * | reference | replicated when                                            | signal's subject    |
 * |-----------|------------------------------------------------------------|---------------------|
 * | a tag     | every expected region has shown that tag on that digest    | `repository:tag`    |
 * | none      | every expected region has the digest, however it was pushed | `repository@digest` |
 *
 * @param expected the regions that count now
 * @param source ARM id of the registry
 */
export function judge(image: Image, expected: readonly Region[], source: string, nowMs: number): Image {
  const replicatedAtMs =
    image.replicatedAtMs ?? (isComplete(expected, digestFacts(image)) ? nowMs : undefined);
  const judged = image.references.map((reference): Reference => {
    if (reference.replicatedAtMs !== undefined || !isLive(image, reference)) return reference;
    const facts = referenceFacts(image, reference);
    return isComplete(expected, facts) ? { ...reference, replicatedAtMs: nowMs } : reference;
  });
  const fresh = judged.filter((reference, index) => reference !== image.references[index]);
  if (fresh.length === 0 && replicatedAtMs === image.replicatedAtMs) return image;
  const signals = fresh.map((reference) =>
    imageSignal('evenkeel.registry.replicated', { image, reference, expected, source, nowMs }),
  );
  return { ...image, replicatedAtMs, references: judged, outbox: [...image.outbox, ...signals] };
}

/** Marks an image as finished, or as open again. */
export function settle(image: Image, nowMs: number): Image {
  if (!isFinished(image))
    return image.finishedAtMs === undefined ? image : { ...image, finishedAtMs: undefined };
  return image.finishedAtMs === undefined ? { ...image, finishedAtMs: nowMs } : image;
}
