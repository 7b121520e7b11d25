import pLimit from 'p-limit';
import type { Deadline } from '../lib/deadline.ts';
import type { ReplicaDirectory } from '../registries/directory.ts';
import type { Registry } from '../registries/registry.ts';
import { initiallyExpected, stillExpected } from './expected-regions.ts';
import { type Image, imageKey, isFinished, type Reference, referenceFacts } from './image.ts';
import type { Ledger } from './ledger.ts';
import { openReferences } from './review-image.ts';
import { type RegionState, regionStates } from './verdict.ts';

/** A reference of an image that is on its way. Times are ISO 8601 in UTC. */
interface OpenImage {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string | null;
  readonly digest: string;
  readonly state: 'pending' | 'stalled';
  readonly diverged: boolean;
  readonly firstSeen: string;
  readonly ageMs: number;
  readonly objectiveMs: number;
  readonly regions: readonly RegionState[];
}

export interface OpenList {
  /** The oldest first. */
  readonly images: readonly OpenImage[];
  /** Of the index: more than are listed, and some may be finished already. */
  readonly total: number;
  /** Verdicts of the listed images that are not known to be published. */
  readonly unpublished: number;
}

interface OpenListPorts {
  readonly ledger: Ledger;
  readonly directory: ReplicaDirectory;
  readonly findRegistry: (name: string) => Registry | undefined;
  readonly now: () => Date;
}

/** As many as people look at. */
const listedImages = 200;
const concurrency = 16;

/** What is on its way, for people: one read an image, of the first some. */
export async function listOpenImages(ports: OpenListPorts, deadline: Deadline): Promise<OpenList> {
  const { ledger } = ports;
  const limit = pLimit(concurrency);
  const images: OpenImage[] = [];
  let total = 0;
  let unpublished = 0;
  for await (const page of ledger.open.pages()) {
    // Processes that hear of an image at the same moment each make an entry.
    const ids = [...new Map(page.map(({ id }) => [imageKey(id), id])).values()];
    const listed = ids.slice(0, Math.max(0, listedImages - total));
    total += ids.length;
    const stored = await Promise.all(listed.map((id) => limit(() => ledger.images.read(id))));
    for (const { image } of stored.filter((one) => one !== undefined)) {
      unpublished += image.outbox.length;
      if (!isFinished(image)) images.push(...(await describe(image, ports, deadline)));
    }
  }
  return { images: images.sort((a, b) => b.ageMs - a.ageMs), total, unpublished };
}

async function describe(
  image: Image,
  { directory, findRegistry: named, now }: OpenListPorts,
  deadline: Deadline,
): Promise<OpenImage[]> {
  const { registry: name, repository, digest } = image.id;
  const registry = named(name);
  if (registry === undefined) return [];
  const view = await directory.view(registry, deadline);
  const atFirst = image.expected ?? (view === undefined ? [] : initiallyExpected(registry, view.replicas));
  const expected = view === undefined ? atFirst : stillExpected(atFirst, view.replicas);
  return openReferences(image).map((reference: Reference): OpenImage => {
    const ageMs = now().getTime() - reference.firstSeenMs;
    return {
      ...{ registry: name, repository, digest, ageMs },
      tag: reference.tag ?? null,
      state: ageMs > registry.replicationSloMs ? 'stalled' : 'pending',
      diverged: reference.divergedAtMs !== undefined,
      firstSeen: new Date(reference.firstSeenMs).toISOString(),
      objectiveMs: registry.replicationSloMs,
      regions: regionStates(expected, referenceFacts(image, reference), image.unverified),
    };
  });
}
