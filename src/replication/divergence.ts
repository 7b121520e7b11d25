import type { Region } from '../registries/region.ts';
import { type Image, type Reference, referenceFacts, regionsOf } from './image.ts';

/**
 * The regions that resolve a tag to another digest than its newest.
 *
 * | the region                                       | resolves the tag to      |
 * |--------------------------------------------------|--------------------------|
 * | showed the tag on the newest digest              | that                     |
 * | said just now what it resolves the tag to        | what it said             |
 * | said just now that it has no such tag            | nothing                  |
 * | was not asked, and showed an older digest before | the one it showed last   |
 *
 * @param older images that the tag pointed at before
 */
export function divergedRegions(
  newest: Image,
  reference: Reference,
  older: readonly Image[],
  expected: readonly Region[],
  asked: { readonly answered: ReadonlySet<Region>; readonly elsewhere: ReadonlyMap<Region, string> },
): Map<Region, string> {
  const right = regionsOf(referenceFacts(newest, reference));
  const diverged = new Map<Region, string>();
  for (const region of expected) {
    if (right.has(region)) continue;
    const digest =
      asked.elsewhere.get(region) ??
      (asked.answered.has(region) ? undefined : lastShown(region, reference.tag, older));
    if (digest !== undefined && digest !== newest.id.digest) diverged.set(region, digest);
  }
  return diverged;
}

function lastShown(region: Region, tag: string | undefined, older: readonly Image[]): string | undefined {
  const shown = older.flatMap((image) => {
    const reference = image.references.find((one) => one.tag === tag);
    if (reference === undefined) return [];
    const there = referenceFacts(image, reference).filter((fact) => fact.region === region);
    return there.map(({ atMs }) => ({ atMs, digest: image.id.digest }));
  });
  return shown.sort((a, b) => b.atMs - a.atMs)[0]?.digest;
}
