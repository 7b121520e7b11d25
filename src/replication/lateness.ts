import type { Region } from '../registries/replica.ts';
import type { Expectation } from './expected-regions.ts';
import { missingRegions } from './expected-regions.ts';
import {
  type Fact,
  type Image,
  lateReferences,
  liveReferences,
  type Reference,
  referenceFacts,
  wasRead,
} from './image.ts';

/** Where an image is late, and where nobody can say whether it is. */
export interface Lateness {
  readonly late: readonly Region[];
  readonly uncounted: readonly Region[];
}

/** What a region reported late says something about it for as long. */
const recentMs = 10 * 60 * 1000;

/**
 * The lateness of an image in each expected region, after the review has asked what no notification said. Silence is not
 * lateness: a webhook may be missing, and Event Grid may be the only source.
 *
 * | objective | the region                                                       | is        |
 * |-----------|------------------------------------------------------------------|-----------|
 * | open      | any                                                              | –         |
 * | passed    | shows the image                                                  | –         |
 * | passed    | was asked after the objective, and does not have it              | late      |
 * | passed    | could not be asked, or was not yet                               | uncounted |
 * | any       | reported the image later than the objective, a short while ago   | late      |
 *
 * A report is late when it came late and also says so: our own absence delays notifications, too.
 */
export function latenessOf(image: Image, expect: Expectation, sloMs: number, nowMs: number): Lateness {
  const missing = lateReferences(image, sloMs, nowMs).flatMap((reference) =>
    missingRegions(expect(reference), referenceFacts(image, reference)).map((region) => ({
      region,
      // The verdict is given once every region that lacks the image has been asked.
      isLate: reference.stalledAtMs !== undefined && image.unverified[region] === undefined,
    })),
  );
  const asked = missing.filter(({ isLate }) => isLate).map(({ region }) => region);
  const reported = liveReferences(image).flatMap((reference) => reportedLate(image, reference, sloMs, nowMs));
  const late = new Set([...asked, ...reported]);
  const uncounted = new Set(missing.map(({ region }) => region).filter((region) => !late.has(region)));
  return { late: [...late], uncounted: [...uncounted] };
}

function reportedLate(image: Image, reference: Reference, sloMs: number, nowMs: number): Region[] {
  const facts = referenceFacts(image, reference).filter((fact) => !wasRead(fact));
  const pushedAtMs = Math.min(...facts.map(({ atMs }) => atMs));
  const isLate = ({ atMs, learnedAtMs }: Fact): boolean =>
    learnedAtMs - reference.firstSeenMs > sloMs &&
    atMs - pushedAtMs > sloMs &&
    nowMs - learnedAtMs <= recentMs;
  return facts.filter(isLate).map(({ region }) => region);
}
