import pLimit from 'p-limit';
import type { Deadline } from '../lib/deadline.ts';
import { expectedRegions } from './expected-regions.ts';
import { type Image, imageKey, isFinished, openReferences, referenceFacts } from './image.ts';
import { type RegionState, regionStates } from './image-signal.ts';
import { seenImage } from './notice.ts';
import type { ImagePorts } from './ports.ts';
import { type Repair, repairsOf } from './repair.ts';

/** A reference of an image that is on its way. Times are ISO 8601 in UTC. */
interface OpenImage {
  /** Its name. */
  readonly registry: string;
  readonly loginServer: string;
  readonly repository: string;
  readonly tag: string | null;
  readonly digest: string;
  readonly state: 'pending' | 'stalled';
  readonly diverged: boolean;
  readonly firstSeen: string;
  readonly ageMs: number;
  readonly objectiveMs: number;
  readonly regions: readonly RegionState[];
  /** What brings it to the first regions that lack it, once its objective has passed. */
  readonly repairs: readonly Repair[];
}

export interface OpenList {
  /** The oldest first. */
  readonly images: readonly OpenImage[];
  /** Entries of the index: more than are listed, and some may be finished already. */
  readonly total: number;
  /** Signals of the listed images that are not known to be published. */
  readonly unpublished: number;
}

type OpenListPorts = Pick<ImagePorts, 'ledger' | 'directory' | 'findRegistry' | 'now'>;

/** As many as people look at. */
const listedImages = 200;
/** In an outage many images lack many regions, and the repairs of an image differ in the region only. */
const listedRepairs = 3;
const concurrency = 16;

/** Lists the images that are on their way, for people. Reads each of the first entries of the index once. */
export async function listOpenImages(ports: OpenListPorts, deadline: Deadline): Promise<OpenList> {
  const { ledger } = ports;
  const limit = pLimit(concurrency);
  const images: OpenImage[] = [];
  let total = 0;
  let unpublished = 0;
  for await (const page of ledger.open.pages(deadline)) {
    // Processes that record an image at the same moment make an entry each.
    const ids = [...new Map(page.map(({ id }) => [imageKey(id), id])).values()];
    const listed = ids.slice(0, Math.max(0, listedImages - total));
    total += ids.length;
    const stored = await Promise.all(listed.map((id) => limit(() => ledger.images.read(id, deadline))));
    for (const image of stored.filter((one) => one !== undefined).map(seenImage)) {
      unpublished += image.outbox.length;
      if (!isFinished(image)) images.push(...(await describe(image, ports, deadline)));
    }
  }
  return { images: images.sort((a, b) => b.ageMs - a.ageMs), total, unpublished };
}

async function describe(
  image: Image,
  { directory, findRegistry, now }: OpenListPorts,
  deadline: Deadline,
): Promise<OpenImage[]> {
  const registry = await findRegistry(image.id.registry, deadline);
  if (registry === undefined) return [];
  const view = await directory.view(registry, deadline);
  const expect = expectedRegions(registry, view);
  return openReferences(image).map((reference): OpenImage => {
    const ageMs = now().getTime() - reference.firstSeenMs;
    const isStalled = ageMs > registry.replicationSloMs;
    const regions = regionStates(expect(reference), referenceFacts(image, reference), image.unverified);
    return {
      registry: registry.name,
      loginServer: image.id.registry,
      repository: image.id.repository,
      tag: reference.tag ?? null,
      digest: image.id.digest,
      state: isStalled ? 'stalled' : 'pending',
      diverged: reference.divergedAtMs !== undefined,
      firstSeen: new Date(reference.firstSeenMs).toISOString(),
      ageMs,
      objectiveMs: registry.replicationSloMs,
      regions,
      repairs: isStalled
        ? repairsOf({ id: image.id, tag: reference.tag }, regions, registry).slice(0, listedRepairs)
        : [],
    };
  });
}
