import pLimit from 'p-limit';
import type { Deadline } from '../lib/deadline.ts';
import type { ManifestReader } from '../registries/ports.ts';
import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import { lastDeletionMs } from './deletions.ts';
import type { Expectation } from './expected-regions.ts';
import { digestFacts, type Image, lateReferences } from './image.ts';

/** Calls for one image at the same time. */
const concurrency = 8;

/**
 * The image without pushes that named no region, where a deletion took them too: the copy was on its way to a region whose
 * replica is gone, or its own deletion was never told.
 *
 * | the image         | the reference | the regions that are waited for            | the push |
 * |-------------------|---------------|--------------------------------------------|----------|
 * | was never deleted | any           | any                                        | stays    |
 * | was deleted       | is not late   | any                                        | stays    |
 * | was deleted       | is late       | one has the image, or could not be asked   | stays    |
 * | was deleted       | is late       | each says that it does not know the digest | is gone  |
 *
 * @param image after its regions were read
 */
export async function withoutLostPushes(
  image: Image,
  expect: Expectation,
  registry: Registry,
  manifests: Pick<ManifestReader, 'confirmAbsence'>,
  nowMs: number,
  deadline: Deadline,
): Promise<Image> {
  if (lastDeletionMs(image.deletions) === undefined || digestFacts(image).length > 0) return image;
  const lost = lateReferences(image, registry.replicationSloMs, nowMs).filter(
    ({ regionlessPushAtMs }) => regionlessPushAtMs !== undefined,
  );
  const regions = [...new Set(lost.flatMap(expect))];
  if (regions.length === 0) return image;
  const { repository, digest } = image.id;
  const isAbsent = async (region: Region): Promise<boolean> =>
    (await manifests.confirmAbsence(registry, region, repository, digest, deadline)).kind === 'absent';
  const limit = pLimit(concurrency);
  const areAbsent = await Promise.all(regions.map((region) => limit(() => isAbsent(region))));
  if (areAbsent.includes(false)) return image;
  return {
    ...image,
    references: image.references.map((one) =>
      lost.includes(one) ? { ...one, regionlessPushAtMs: undefined } : one,
    ),
  };
}
