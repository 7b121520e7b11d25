import pLimit from 'p-limit';
import { type Deadline, deadlineIn } from '../lib/deadline.ts';
import type { Region } from '../registries/region.ts';
import type { Registry } from '../registries/registry.ts';
import { unlessAborted } from '../unless-aborted.ts';
import type { ReviewPorts } from './ports.ts';
import { type RegistryReview, reviewRegistry } from './review-registries.ts';
import type { ReviewRules } from './rules.ts';

interface ReviewAllRequest {
  readonly registries: readonly Registry[];
  /** By the name of the registry; a registry that is not in it has late images that nobody could tell. */
  readonly lateImages: ReadonlyMap<string, ReadonlyMap<Region, number>>;
  readonly rules: ReviewRules;
}

/** What became of one registry in a run over all. */
export type RegistryOutcome =
  | ({ readonly registry: Registry } & RegistryReview)
  | { readonly registry: Registry; readonly result: 'failed'; readonly error: unknown };

/** As many registries as one process comfortably looks at; a slow one holds up nobody as long as others are free. */
const registriesAtATime = 16;

/**
 * Reviews every registry, each within its own time: `rules.runMs`. One that is slow or fails does not touch another.
 * Never fails.
 */
export async function reviewAll(
  { registries, lateImages, rules }: ReviewAllRequest,
  ports: ReviewPorts,
): Promise<RegistryOutcome[]> {
  const limit = pLimit(registriesAtATime);
  const reviewOne = async (registry: Registry): Promise<RegistryOutcome> => {
    const deadline: Deadline = deadlineIn(rules.runMs);
    const request = { registry, lateImages: lateImages.get(registry.name), rules };
    try {
      // The run itself ends in time; a port that does not is left behind here.
      const run = reviewRegistry(request, ports, deadline);
      return { registry, ...(await unlessAborted(deadline.signal, run)) };
    } catch (error) {
      return { registry, result: 'failed', error };
    }
  };
  return Promise.all(registries.map((registry) => limit(() => reviewOne(registry))));
}

/** @throws {AggregateError} when the review of a registry failed; every registry was reviewed all the same. */
export function throwFailures(outcomes: readonly RegistryOutcome[]): void {
  const failed = outcomes.filter((outcome) => outcome.result === 'failed');
  if (failed.length === 0) return;
  throw new AggregateError(
    failed.map(({ error }) => error),
    `the review of ${failed.map(({ registry }) => registry.name).join(', ')} failed`,
  );
}
