import pLimit from 'p-limit';
import type { Deadline } from '../lib/deadline.ts';
import type { ManifestReader } from '../registries/ports.ts';
import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import { type Fact, type Image, isLive, type Reference, referenceFacts, regionsOf } from './image.ts';

/** What regional endpoints said of an image. */
export interface Verification {
  /** Facts by tag; those of a manifest that was read by its digest only are under `undefined`. */
  readonly facts: ReadonlyMap<string | undefined, readonly Fact[]>;
  /** Regions that could not be asked, and why. */
  readonly unverified: ReadonlyMap<Region, string>;
  /** What a region resolves a tag to, where that is another digest. */
  readonly elsewhere: ReadonlyMap<string, ReadonlyMap<Region, string>>;
  /** Regions that were asked and said what they have. */
  readonly answered: ReadonlySet<Region>;
}

/** Of one image, however many tags and regions it has. */
const concurrency = 8;
/** Of the tags of one image that are still open; the rest has its turn when these are complete. */
const maxTags = 5;

/**
 * Asks the regional endpoints what they have of an image: each open tag, and the digest where no tag led to it.
 * At most one request a region and tag, and one more a region; a region that asks not to be asked is not asked again.
 *
 * @param regions that are in question
 */
export async function verify(
  image: Image,
  regions: readonly Region[],
  registry: Registry,
  manifests: ManifestReader,
  now: () => Date,
  deadline: Deadline,
): Promise<Verification> {
  const tags = openTags(image, regions);
  const limit = pLimit(concurrency);
  const asked = await Promise.all(
    regions.map((region) => limit(() => askRegion(image, region, tags, registry, manifests, deadline))),
  );
  const facts = new Map<string | undefined, Fact[]>();
  const unverified = new Map<Region, string>();
  const elsewhere = new Map<string, Map<Region, string>>();
  const answered = new Set<Region>();
  for (const { region, shown, other, failure } of asked) {
    const at = now().getTime();
    const fact: Fact = { region, atMs: at, evidence: 'verified', learnedAtMs: at };
    for (const tag of shown) facts.set(tag, [...(facts.get(tag) ?? []), fact]);
    for (const [tag, digest] of other) {
      elsewhere.set(tag, (elsewhere.get(tag) ?? new Map<Region, string>()).set(region, digest));
    }
    if (failure === undefined) answered.add(region);
    else unverified.set(region, failure);
  }
  return { facts, unverified, elsewhere, answered };
}

const openTags = (image: Image, regions: readonly Region[]): string[] =>
  image.references
    .filter((reference) => isLive(image, reference) && needsProof(image, reference, regions))
    .flatMap(({ tag }) => tag ?? [])
    .slice(-maxTags);

/** A region that showed a tag is asked again only by those who trust nothing else than their own eyes. */
function needsProof(image: Image, reference: Reference, regions: readonly Region[]): boolean {
  const verified = referenceFacts(image, reference).filter(({ evidence }) => evidence === 'verified');
  const proven = regionsOf(verified);
  return regions.some((region) => !proven.has(region));
}

interface Asked {
  readonly region: Region;
  /** Tags that lead to the image there; `undefined` for its digest. */
  readonly shown: readonly (string | undefined)[];
  readonly other: readonly (readonly [tag: string, digest: string])[];
  readonly failure: string | undefined;
}

async function askRegion(
  { id: { repository, digest } }: Image,
  region: Region,
  tags: readonly string[],
  registry: Registry,
  manifests: ManifestReader,
  deadline: Deadline,
): Promise<Asked> {
  const shown: (string | undefined)[] = [];
  const other: [string, string][] = [];
  let failure: string | undefined;
  for (const reference of [...tags, undefined]) {
    // A tag that leads to the digest proves both.
    if (reference === undefined && shown.length > 0) break;
    const answer = await manifests.head(registry, region, repository, reference ?? digest, deadline);
    if (answer.kind === 'present') {
      if (answer.digest === digest) shown.push(reference);
      else if (reference !== undefined) other.push([reference, answer.digest]);
    } else if (answer.kind !== 'absent') {
      failure = answer.kind === 'throttled' ? 'throttled' : answer.reason;
      break;
    }
  }
  return { region, shown, other, failure };
}

/** Adds what was verified to an image. A region that has something by other evidence keeps it, whatever was read. */
export function withVerified(image: Image, { facts, unverified, answered }: Verification): Image {
  const references = image.references.map((reference) => {
    const fresh = reference.tag === undefined ? [] : (facts.get(reference.tag) ?? []);
    return fresh.length === 0 ? reference : { ...reference, facts: merged(reference.facts, fresh) };
  });
  const kept = Object.entries(image.unverified).filter(([region]) => !answered.has(region));
  return {
    ...image,
    references,
    verified: merged(image.verified, facts.get(undefined) ?? []),
    unverified: Object.fromEntries([...kept, ...unverified]),
  };
}

/** One verified fact a region: the newest, since older ones may be from before a deletion. */
function merged(known: readonly Fact[], fresh: readonly Fact[]): readonly Fact[] {
  const again = regionsOf(fresh);
  return [...known.filter(({ evidence, region }) => evidence !== 'verified' || !again.has(region)), ...fresh];
}
