import pLimit from 'p-limit';
import type { Deadline } from '../lib/deadline.ts';
import type { ManifestReader, NotAsked } from '../registries/ports.ts';
import type { Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import { mayBeOnItsWay } from './deletions.ts';
import {
  digestFacts,
  type Fact,
  type Image,
  isLive,
  type Reference,
  referenceFacts,
  regionsOf,
  wasRead,
} from './image.ts';

/** What regional endpoints answered for an image. */
export interface Verification {
  /** Facts by tag; those of a manifest that was read by its digest only are under `undefined`. */
  readonly facts: ReadonlyMap<string | undefined, readonly Fact[]>;
  /** Why a region could not be asked. */
  readonly unverified: ReadonlyMap<Region, string>;
  /** By tag, the digest that a region resolves the tag to, where it is another one. */
  readonly otherDigests: ReadonlyMap<string, ReadonlyMap<Region, string>>;
  /** Regions that answered with what they have. */
  readonly answered: ReadonlySet<Region>;
}

/** Regions of one image that are asked at the same time. */
const concurrency = 8;
/** Open tags of one image that are asked for; the others are, once these are complete. */
const maxTags = 5;

/**
 * Asks the regional endpoints what they have of an image: each open tag, and the digest where no tag led to it.
 * Sends at most one request a region and tag, and one more a region. After a region throttles or fails, it gets no
 * further request.
 *
 * @param regions that are in question
 */
export async function verify(
  image: Image,
  regions: readonly Region[],
  registry: Registry,
  manifests: Pick<ManifestReader, 'head'>,
  now: () => Date,
  deadline: Deadline,
  scope: VerifyScope = {},
): Promise<Verification> {
  const tags = openTags(image, regions, scope);
  const limit = pLimit(concurrency);
  const answers = await Promise.all(
    regions.map((region) => limit(() => askRegion(image, region, tags, registry, manifests, deadline))),
  );
  const facts = new Map<string | undefined, Fact[]>();
  const unverified = new Map<Region, string>();
  const otherDigests = new Map<string, Map<Region, string>>();
  const answered = new Set<Region>();
  for (const { region, confirmed, others, failure } of answers) {
    const atMs = now().getTime();
    if (confirmed.length > 0 && mayStillDelete(image, region, atMs, registry)) {
      unverified.set(region, 'a deletion may still be on its way there');
      continue;
    }
    const fact: Fact = { region, atMs, evidence: 'verified', learnedAtMs: atMs };
    for (const tag of confirmed) facts.set(tag, [...(facts.get(tag) ?? []), fact]);
    for (const [tag, digest] of others) {
      otherDigests.set(tag, (otherDigests.get(tag) ?? new Map<Region, string>()).set(region, digest));
    }
    if (failure === undefined) answered.add(region);
    else unverified.set(region, failure);
  }
  return { facts, unverified, otherDigests, answered };
}

/**
 * Whether what a region has may be from before a deletion. It is not once the region itself told the deletion or a newer
 * push, or when the objective has passed since.
 */
function mayStillDelete(image: Image, region: Region, atMs: number, registry: Registry): boolean {
  if (!mayBeOnItsWay(image.deletions, region, atMs, registry.replicationSloMs)) return false;
  return !digestFacts(image).some((fact) => fact.region === region && !wasRead(fact));
}

/** What of an image is to be read. */
interface VerifyScope {
  /** The tag that is asked for, whichever others there are. */
  readonly tag?: string | undefined;
  /** What was read before does not count; ms since the epoch. */
  readonly sinceMs?: number;
}

function openTags(
  image: Image,
  regions: readonly Region[],
  { tag: wanted, sinceMs = 0 }: VerifyScope,
): string[] {
  const tags = image.references
    .filter((reference) => isLive(image, reference) && needsVerification(image, reference, regions, sinceMs))
    .flatMap(({ tag }) => tag ?? []);
  const asked = tags.filter((tag) => tag === wanted);
  return [...tags.filter((tag) => tag !== wanted).slice(asked.length - maxTags), ...asked];
}

/** Whether a reference was not read in each of the regions. Notifications do not count here. */
function needsVerification(
  image: Image,
  reference: Reference,
  regions: readonly Region[],
  sinceMs: number,
): boolean {
  const verified = referenceFacts(image, reference).filter((fact) => wasRead(fact) && fact.atMs >= sinceMs);
  const verifiedRegions = regionsOf(verified);
  return regions.some((region) => !verifiedRegions.has(region));
}

interface RegionAnswer {
  readonly region: Region;
  /** Tags that lead to the image there; `undefined` for its digest. */
  readonly confirmed: readonly (string | undefined)[];
  /** Tags that lead to another image there. */
  readonly others: readonly (readonly [tag: string, digest: string])[];
  /** Why the region could not be asked for everything. */
  readonly failure: string | undefined;
}

async function askRegion(
  { id: { repository, digest } }: Image,
  region: Region,
  tags: readonly string[],
  registry: Registry,
  manifests: Pick<ManifestReader, 'head'>,
  deadline: Deadline,
): Promise<RegionAnswer> {
  const confirmed: (string | undefined)[] = [];
  const others: [string, string][] = [];
  let failure: string | undefined;
  for (const reference of [...tags, undefined]) {
    // A tag that leads to the digest proves both.
    if (reference === undefined && confirmed.length > 0) break;
    const answer = await manifests.head(registry, region, repository, reference ?? digest, deadline);
    if (answer.kind === 'present') {
      if (answer.digest === digest) confirmed.push(reference);
      else if (reference !== undefined) others.push([reference, answer.digest]);
    } else if (answer.kind !== 'absent') {
      failure = reasonOf(answer);
      break;
    }
  }
  return { region, confirmed, others, failure };
}

/** Why a region could not be asked, for people. */
export function reasonOf(answer: NotAsked): string {
  if (answer.kind === 'unverified') return answer.reason;
  return answer.by === 'endpoint' ? 'throttled' : 'its token service is throttled';
}

/** Adds what was verified to an image. Facts from notifications stay, whatever was read. */
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

/**
 * The image with the regions in which everything that a pull takes was there.
 * @param sinceMs what their endpoints answered before about the manifest keeps its grade.
 */
export function withPullable(image: Image, regions: ReadonlySet<Region>, sinceMs: number): Image {
  const isBelow = ({ region, evidence, atMs }: Fact): boolean =>
    evidence === 'verified' && regions.has(region) && atMs >= sinceMs;
  if (!digestFacts(image).some(isBelow)) return image;
  const marked = (facts: readonly Fact[]): readonly Fact[] =>
    facts.map((fact) => (isBelow(fact) ? { ...fact, evidence: 'pullable' } : fact));
  const references = image.references.map((reference) => ({ ...reference, facts: marked(reference.facts) }));
  return { ...image, references, verified: marked(image.verified) };
}

/** Keeps one fact a region that was read: the newest, since an older one may be from before a deletion. */
function merged(known: readonly Fact[], fresh: readonly Fact[]): readonly Fact[] {
  const again = regionsOf(fresh);
  return [...known.filter((fact) => !wasRead(fact) || !again.has(fact.region)), ...fresh];
}
