import pLimit, { type LimitFunction } from 'p-limit';
import type { Deadline } from '../lib/deadline.ts';
import type { ManifestAnswer } from '../registries/ports.ts';
import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import type { ChildState, Closure } from './answer.ts';
import { digestFacts, type ImageId, regionsOf } from './image.ts';
import type { ImagePorts } from './ports.ts';

/** A search for the images of an index in the regions that have the index. */
interface IndexSearch {
  readonly index: ImageId;
  readonly regions: readonly Region[];
  readonly registry: Registry;
  readonly ports: Pick<ImagePorts, 'ledger' | 'manifests'>;
  readonly deadline: Deadline;
}

/** Real indexes name a dozen at most, attestations included. */
const maxChildren = 128;
const concurrency = 8;

/**
 * Looks for the images of an index in the regions that have the index: in the ledger first, then at the endpoints.
 * @returns `undefined` when no endpoint answered with what the index names.
 */
export async function closureOf(search: IndexSearch): Promise<Closure | undefined> {
  const digests = await childrenOf(search);
  if (digests === undefined) return undefined;
  const limit = pLimit(concurrency);
  const children = await Promise.all(
    digests.slice(0, maxChildren).map((digest) => childState(digest, search, limit)),
  );
  const complete =
    digests.length <= maxChildren &&
    children.every(({ available }) => available.length === search.regions.length);
  return { complete, children };
}

/** The digests that the index names, as the first region that answers has them. */
async function childrenOf(search: IndexSearch): Promise<readonly string[] | undefined> {
  const { index, regions, registry, ports, deadline } = search;
  const { repository, digest } = index;
  for (const region of regions) {
    const contents = await ports.manifests.contents(registry, region, repository, digest, deadline);
    if (contents !== undefined) return contents.kind === 'index' ? contents.children : [];
  }
  return undefined;
}

async function childState(digest: string, search: IndexSearch, limit: LimitFunction): Promise<ChildState> {
  const { index, regions, registry, ports, deadline } = search;
  const known = await limit(() => ports.ledger.images.read({ ...index, digest }, deadline));
  const inLedger = regionsOf(known === undefined ? [] : digestFacts(known.image));
  const states = await Promise.all(
    regions.map(async (region): Promise<{ region: Region; kind: ManifestAnswer['kind'] }> => {
      if (inLedger.has(region)) return { region, kind: 'present' };
      const head = () => ports.manifests.head(registry, region, index.repository, digest, deadline);
      return { region, kind: (await limit(head)).kind };
    }),
  );
  const regionsWith = (...kinds: readonly ManifestAnswer['kind'][]) =>
    states.filter(({ kind }) => kinds.includes(kind)).map(({ region }) => region);
  return {
    digest,
    available: regionsWith('present'),
    missing: regionsWith('absent').sort(),
    unverified: regionsWith('throttled', 'unverified').sort(),
  };
}
