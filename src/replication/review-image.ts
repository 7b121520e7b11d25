import type { Deadline } from '../lib/deadline.ts';
import type { RegistryView } from '../registries/directory.ts';
import type { ManifestReader } from '../registries/ports.ts';
import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import { initiallyExpected, stillExpected } from './expected-regions.ts';
import { type Image, isDeleted, liveReferences, type Reference, referenceFacts } from './image.ts';
import type { Ledger } from './ledger.ts';
import { divergedRegions, tagPushes } from './tag-history.ts';
import { readTagImages } from './tag-reverts.ts';
import { imageSignal, missingRegions, withVerdicts } from './verdict.ts';
import { type Verification, verify, withVerified } from './verify.ts';

interface ReviewParts {
  readonly ledger: Ledger;
  readonly manifests: ManifestReader;
  readonly now: () => Date;
}

const firstPauseMs = 30_000;
const longestPauseMs = 60 * 60 * 1000;

/**
 * Finds out what notices did not tell of an image that has something open, and reaches the verdicts that time brings.
 *
 * | the image                                             | leads to                                        |
 * |-------------------------------------------------------|-------------------------------------------------|
 * | lacks only regions whose replicas are gone            | replicated                                      |
 * | is younger than the objective                         | nothing, unless a push named no region          |
 * | a tag of it points at a newer digest                  | superseded: nobody waits for it any more        |
 * | is older than the objective, and was read everywhere  | replicated                                      |
 * | is older than the objective, and is missing somewhere | stalled, once; asked again at growing intervals |
 * | and the tag shows an older digest there               | tag diverged, once                              |
 */
export async function reviewImage(
  before: Image,
  registry: Registry,
  view: RegistryView | undefined,
  parts: ReviewParts,
  deadline: Deadline,
): Promise<Image> {
  if (view === undefined || isDeleted(before)) return before;
  const nowMs = parts.now().getTime();
  const atFirst = before.expected ?? initiallyExpected(registry, view.replicas);
  const expected = stillExpected(atFirst, view.replicas);
  const first = atFirst.length === 0 ? before : { ...before, expected: atFirst };
  const known = withVerdicts(first, expected, registry.id, nowMs);
  if (openReferences(known).length === 0 || !isDue(known, registry, nowMs)) return known;

  const current = await superseded(known, parts.ledger, nowMs);
  if (openReferences(current.image).length === 0) return current.image;

  const missing = missingSomewhere(current.image, expected);
  const found = await verify(current.image, missing, registry, parts.manifests, parts.now, deadline);
  const judged = withVerdicts(
    withVerified(current.image, found),
    expected,
    registry.id,
    parts.now().getTime(),
  );
  const told = withDelays(judged, current.older, found, registry, expected, nowMs);
  const isOpen = openReferences(told).length > 0;
  const pauseMs = Math.min(firstPauseMs * 2 ** told.verificationAttempts, longestPauseMs);
  return {
    ...told,
    verificationAttempts: isOpen ? told.verificationAttempts + 1 : 0,
    nextVerificationAtMs: isOpen ? nowMs + pauseMs : undefined,
  };
}

/** References that a pipeline may still wait for. */
export const openReferences = (image: Image): Reference[] =>
  liveReferences(image).filter(
    ({ replicatedAtMs, supersededAtMs }) => replicatedAtMs === undefined && supersededAtMs === undefined,
  );

const missingSomewhere = (image: Image, expected: readonly Region[]): Region[] => [
  ...new Set(
    openReferences(image).flatMap((reference) => missingRegions(expected, referenceFacts(image, reference))),
  ),
];

/** Asking costs calls, so it waits until the objective has passed, and after that for the time that was set for it. */
function isDue(image: Image, { replicationSloMs }: Registry, nowMs: number): boolean {
  if (image.nextVerificationAtMs !== undefined && image.nextVerificationAtMs <= nowMs) return true;
  return openReferences(image).some(
    ({ firstSeenMs, stalledAtMs }) => stalledAtMs === undefined && nowMs - firstSeenMs > replicationSloMs,
  );
}

/** Tags that point at a newer digest by now; and, by tag, the images that those that do not pointed at before. */
async function superseded(image: Image, ledger: Ledger, nowMs: number) {
  const { registry, repository, digest } = image.id;
  const older = new Map<string, readonly Image[]>();
  const references: Reference[] = [];
  const open = new Set(openReferences(image));
  for (const reference of image.references) {
    const { tag } = reference;
    if (!open.has(reference) || tag === undefined) {
      references.push(reference);
      continue;
    }
    const images = await readTagImages(ledger, { registry, repository, tag }, [image]);
    const [newest] = tagPushes(tag, images);
    const isNewest = newest === undefined || newest.digest === digest;
    references.push(isNewest ? reference : { ...reference, supersededAtMs: nowMs });
    older.set(
      tag,
      images.filter(({ id }) => id.digest !== digest),
    );
  }
  return { image: { ...image, references }, older };
}

/** What is told of references that the objective has passed for. */
function withDelays(
  image: Image,
  older: ReadonlyMap<string, readonly Image[]>,
  { elsewhere, answered }: Verification,
  registry: Registry,
  expected: readonly Region[],
  nowMs: number,
): Image {
  const outbox = [...image.outbox];
  const open = new Set(openReferences(image));
  const references = image.references.map((reference) => {
    const isLate = open.has(reference) && nowMs - reference.firstSeenMs > registry.replicationSloMs;
    if (!isLate) return reference;
    const occasion = { image, reference, expected, source: registry.id, nowMs };
    const { tag } = reference;
    let told = reference;
    if (told.stalledAtMs === undefined) {
      const missing = missingRegions(expected, referenceFacts(image, reference));
      const { unverified } = image;
      outbox.push(imageSignal('evenkeel.registry.replicationStalled', occasion, { missing, unverified }));
      told = { ...told, stalledAtMs: nowMs };
    }
    if (told.divergedAtMs === undefined && tag !== undefined) {
      const asked = { answered, elsewhere: elsewhere.get(tag) ?? new Map<Region, string>() };
      const diverged = divergedRegions(image, reference, older.get(tag) ?? [], expected, asked);
      if (diverged.size > 0) {
        const digests = Object.fromEntries(diverged);
        outbox.push(imageSignal('evenkeel.registry.tagDiverged', occasion, { diverged: digests }));
        told = { ...told, divergedAtMs: nowMs };
      }
    }
    return told;
  });
  return { ...image, references, outbox };
}
