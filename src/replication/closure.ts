import pLimit from 'p-limit';
import type { Deadline } from '../lib/deadline.ts';
import type { ManifestReader } from '../registries/ports.ts';
import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import type { ReplicationAnswer } from './answer.ts';
import { digestFacts, regionsOf } from './image.ts';
import type { Ledger } from './ledger.ts';

/** The images of an image index, one a platform. */
export interface Closure {
  /** Every region that has the index has all of them. */
  readonly complete: boolean;
  readonly children: readonly ChildState[];
}

interface ChildState {
  readonly digest: string;
  readonly available: readonly Region[];
  readonly missing: readonly Region[];
  /** Regions that could not be asked. */
  readonly unverified: readonly Region[];
}

/** Real indexes name a dozen at most, attestations included. */
const maxChildren = 64;
const concurrency = 8;

/**
 * Looks for the images of an index in the regions that have the index: in the ledger first, then at the endpoints.
 * @returns `undefined` when no endpoint could tell what the index names.
 */
export async function closureOf(
  { image, regions }: ReplicationAnswer,
  registry: Registry,
  { ledger, manifests }: { readonly ledger: Ledger; readonly manifests: ManifestReader },
  deadline: Deadline,
): Promise<Closure | undefined> {
  const { repository, digest } = image.id;
  const there = regions.filter(({ state }) => state === 'available').map(({ region }) => region);
  const children = await childrenOf(there, registry, repository, digest, manifests, deadline);
  if (children === undefined) return undefined;
  const limit = pLimit(concurrency);
  const states = await Promise.all(
    children.slice(0, maxChildren).map(async (child): Promise<ChildState> => {
      const known = await limit(() => ledger.images.read({ ...image.id, digest: child }));
      const available = regionsOf(known === undefined ? [] : digestFacts(known.image));
      const missing: Region[] = [];
      const unverified: Region[] = [];
      await Promise.all(
        there
          .filter((region) => !available.has(region))
          .map((region) =>
            limit(async () => {
              const answer = await manifests.head(registry, region, repository, child, deadline);
              if (answer.kind === 'present') available.add(region);
              else if (answer.kind === 'absent') missing.push(region);
              else unverified.push(region);
            }),
          ),
      );
      const inOrder = there.filter((region) => available.has(region));
      return { digest: child, available: inOrder, missing: missing.sort(), unverified: unverified.sort() };
    }),
  );
  return { complete: states.every(({ available }) => available.length === there.length), children: states };
}

/** Any region that has the index knows; the first one that answers tells. */
async function childrenOf(
  regions: readonly Region[],
  registry: Registry,
  repository: string,
  digest: string,
  manifests: ManifestReader,
  deadline: Deadline,
): Promise<readonly string[] | undefined> {
  for (const region of regions) {
    const children = await manifests.children(registry, region, repository, digest, deadline);
    if (children !== undefined) return children;
  }
  return undefined;
}
