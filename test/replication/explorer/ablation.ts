import type { Membership, MembershipStore } from '../../../src/registries/membership.ts';
import type { BlobReader, ManifestReader, RegistryReader } from '../../../src/registries/ports.ts';
import type { Image } from '../../../src/replication/image.ts';
import type { Notification } from '../../../src/replication/notification.ts';
import { type PullMemory, pullMemory } from '../../../src/replication/pull-check.ts';

/** A rule that is taken away, at the ports: the code itself stays as it is. */
export interface Ablation {
  /** A deletion concerns every region, whichever tells it. */
  readonly deletionsNameNoRegion?: boolean;
  /** A replica that the list leaves out is not read by its id: it counts as not found. */
  readonly listIsProof?: boolean;
  /** Two looks confirm an absence, however near they are. */
  readonly looksMayBeNear?: boolean;
  /** What one process saw of replicas, no other one knows. */
  readonly forgetsReplicas?: boolean;
  /** What is stored of a replica does not tell that it was ready once. */
  readonly forgetsReadiness?: boolean;
  /** A replica that is being seeded looks like any other. */
  readonly waitsForSeeding?: boolean;
  /** Each tag waits for the regions of its image. */
  readonly tagsWaitForImage?: boolean;
  /** What a region told of last is there for ever. */
  readonly copiesNeverGo?: boolean;
  /** What was seen of layers survives a deletion. */
  readonly pullsSurviveDeletions?: boolean;
  /** What was seen of layers counts for ever. */
  readonly pullsAgeNever?: boolean;
  /** The clocks of two processes differ by so many hours. */
  readonly clocksDifferByHours?: number;
  /** Processes that start after a change of the settings go on with the earlier ones. */
  readonly settingsStay?: boolean;
  /** What the settings named when something was first seen is not kept: it waits for what they name now. */
  readonly forgetsExpected?: boolean;
  /** A reference waits for the regions of its first fact, also when a deletion takes that fact. */
  readonly forgetsLaterExpectations?: boolean;
  /** The signal of a verdict that is given again is named after the newest deletion, whatever that took. */
  readonly episodesMove?: boolean;
  /** Nobody tells a signal that is published again from another one. */
  readonly repeatsAreNews?: boolean;
  /** A failure to ask for a layer counts as yes. */
  readonly failuresArePresent?: boolean;
  /** A failure to ask for a layer counts as no. */
  readonly failuresAreAbsent?: boolean;
}

export const blobsWithout = (
  { failuresArePresent, failuresAreAbsent }: Ablation,
  blobs: BlobReader,
): BlobReader => ({
  async hasBlob(...question) {
    const answer = await blobs.hasBlob(...question);
    if (answer.kind === 'present' || answer.kind === 'absent') return answer;
    if (failuresArePresent === true) return { kind: 'present' };
    return failuresAreAbsent === true ? { kind: 'absent' } : answer;
  },
});

export function pullMemoryWithout({ pullsSurviveDeletions, pullsAgeNever }: Ablation): PullMemory {
  const memory = pullMemory();
  return {
    share: memory.share,
    of(image, region, episode) {
      const seen = memory.of(image, region, pullsSurviveDeletions === true ? 0 : episode);
      if (pullsAgeNever === true)
        for (const [digest, one] of seen) seen.set(digest, { ...one, atMs: Number.POSITIVE_INFINITY });
      return seen;
    },
  };
}

export function told({ deletionsNameNoRegion }: Ablation, notification: Notification): Notification {
  const isAblated = deletionsNameNoRegion === true && notification.kind === 'delete';
  return isAblated ? { ...notification, region: undefined } : notification;
}

export const readerWithout = (
  { listIsProof, waitsForSeeding }: Ablation,
  reader: RegistryReader,
): RegistryReader => ({
  read: reader.read,
  async listReplicas(registry, deadline) {
    const replicas = await reader.listReplicas(registry, deadline);
    if (waitsForSeeding !== true) return replicas;
    return replicas.map((one) => ({ ...one, provisioningState: 'Succeeded', displayStatus: 'Ready' }));
  },
  async readReplica(registry, name, deadline) {
    if (listIsProof !== true) return reader.readReplica(registry, name, deadline);
    return (await reader.listReplicas(registry, deadline)).find((one) => one.name === name);
  },
});

export const memoryWithout = (
  { forgetsReplicas, forgetsReadiness }: Ablation,
  memory: MembershipStore,
): MembershipStore => ({
  async read(key, deadline) {
    const stored = await memory.read(key, deadline);
    if (stored === undefined || forgetsReplicas === true) return undefined;
    return forgetsReadiness === true ? { ...stored, membership: unready(stored.membership) } : stored;
  },
  write: (...written) => (forgetsReplicas === true ? Promise.resolve() : memory.write(...written)),
});

const unready = (membership: Membership): Membership =>
  new Map([...membership].map(([region, member]) => [region, { ...member, readyAtMs: undefined }]));

export const manifestsWithout = ({ copiesNeverGo }: Ablation, truth: ManifestReader): ManifestReader =>
  copiesNeverGo !== true
    ? truth
    : {
        head: (...question) => truth.head(...question),
        contents: (...question) => truth.contents(...question),
        confirmAbsence: async () => ({ kind: 'unverified', reason: 'nobody asks' }),
      };

/** What is stored of an image. */
export function storedImage(
  { tagsWaitForImage, forgetsExpected, forgetsLaterExpectations, episodesMove }: Ablation,
  given: Image,
): Image {
  const moved = episodesMove === true ? withMovedEpisodes(given) : given;
  const image = forgetsLaterExpectations === true ? withoutLaterExpectations(moved) : moved;
  if (tagsWaitForImage !== true && forgetsExpected !== true) return image;
  const expected = forgetsExpected === true ? undefined : image.expected;
  return { ...image, expected, references: image.references.map((one) => ({ ...one, expected })) };
}

const withoutLaterExpectations = (image: Image): Image => ({
  ...image,
  references: image.references.map((one) => ({ ...one, expectedLater: [] })),
});

const withMovedEpisodes = (image: Image): Image => ({
  ...image,
  references: image.references.map((one) =>
    one.replicatedAtMs === undefined ? { ...one, episodeMs: undefined } : one,
  ),
});
