import * as v from 'valibot';
import { asciiJson, parseJson } from '../lib/json.ts';
import type { Region } from '../registries/replica.ts';
import type { Fact, Image, ImageId, Reference } from './image.ts';

/** The layout of the stored text. A higher number was written by a later version of evenkeel. */
const layout = 2;

const time = v.number();
const optionalTime = v.optional(time);
const storedFact = v.tupleWithRest(
  [v.string(), time, v.picklist(['webhook', 'event', 'verified', 'pullable']), time],
  v.literal('withdrawn'),
);
const signal = v.object({
  id: v.string(),
  type: v.custom<`evenkeel.${string}`>((type) => typeof type === 'string' && type.startsWith('evenkeel.')),
  source: v.string(),
  subject: v.string(),
  data: v.record(v.string(), v.unknown()),
});
const storedReference = v.object({
  tag: v.optional(v.string()),
  firstSeenMs: time,
  unplacedAtMs: optionalTime,
  facts: v.array(storedFact),
  expected: v.optional(v.nullable(v.array(v.string()))),
  expectedLater: v.optional(
    v.array(v.object({ atMs: time, learnedAtMs: time, regions: v.array(v.string()) })),
    [],
  ),
  returnedAtMs: optionalTime,
  replicatedAtMs: optionalTime,
  stalledAtMs: optionalTime,
  divergedAtMs: optionalTime,
  supersededAtMs: optionalTime,
  episodeMs: optionalTime,
});
const storedImage = v.object({
  layout: v.picklist([1, layout]),
  generation: v.number(),
  firstSeenMs: time,
  sizeBytes: v.optional(v.number()),
  expected: v.optional(v.array(v.string())),
  deletedAtMs: optionalTime,
  deletedIn: v.optional(v.record(v.string(), v.array(time)), {}),
  references: v.array(storedReference),
  verified: v.array(storedFact),
  unverified: v.record(v.string(), v.string()),
  absent: v.optional(v.record(v.string(), time), {}),
  replicatedAtMs: optionalTime,
  nextLookAtMs: optionalTime,
  looks: v.number(),
  outbox: v.array(signal),
  finishedAtMs: optionalTime,
});

type StoredFact = v.InferOutput<typeof storedFact>;
type StoredReference = v.InferOutput<typeof storedReference>;

/** The text that is stored for an image cannot be read by this version of evenkeel. */
export class ImageTextError extends Error {
  override readonly name = 'ImageTextError';
  constructor(image: string, detail: string) {
    super(`the ledger's entity of ${image} cannot be read: ${detail}; was it written by a newer version?`);
  }
}

/**
 * The image as JSON, without its id, which is the key of the entity. Undefined values are left out.
 *
 * Installations hold texts of layout 1, so some properties keep the names that they had there:
 *
 * | in the code                | in the text    |
 * |----------------------------|----------------|
 * | `regionlessPushAtMs`       | `unplacedAtMs` |
 * | `revertedAtMs`             | `returnedAtMs` |
 * | `nextVerificationAtMs`     | `nextLookAtMs` |
 * | `verificationAttempts`     | `looks`        |
 * | `deletions.regionlessAtMs` | `deletedAtMs`  |
 * | `deletions.byRegion`       | `deletedIn`    |
 *
 * Layout 2 added `deletedIn`, `absent` and the `expected` of references, which is left out where it is that of the
 * image, as all were in layout 1, and null where it is not known. `expectedLater` is left out where it is empty, as it was
 * before it came.
 */
export function encodeImage(image: Image): string {
  const {
    id: _,
    references,
    verified,
    deletions,
    nextVerificationAtMs,
    verificationAttempts,
    ...rest
  } = image;
  return asciiJson({
    layout,
    ...rest,
    deletedAtMs: deletions.regionlessAtMs,
    deletedIn: deletions.byRegion,
    references: references.map((reference) => toStoredReference(reference, image.expected)),
    verified: verified.map(toStoredFact),
    nextLookAtMs: nextVerificationAtMs,
    looks: verificationAttempts,
  });
}

/** @throws {ImageTextError} */
export function decodeImage(id: ImageId, text: string): Image {
  const parsed = v.safeParse(storedImage, parseJson(text));
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const where = v.getDotPath(issue) ?? 'its text';
    throw new ImageTextError(`${id.repository}@${id.digest}`, `${where}: ${issue.message}`);
  }
  const stored = parsed.output;
  return {
    id,
    generation: stored.generation,
    firstSeenMs: stored.firstSeenMs,
    sizeBytes: stored.sizeBytes,
    expected: stored.expected,
    deletions: { byRegion: stored.deletedIn, regionlessAtMs: stored.deletedAtMs },
    references: stored.references.map((reference) => fromStoredReference(reference, stored.expected)),
    verified: stored.verified.map(fromStoredFact),
    unverified: stored.unverified,
    absent: stored.absent,
    replicatedAtMs: stored.replicatedAtMs,
    nextVerificationAtMs: stored.nextLookAtMs,
    verificationAttempts: stored.looks,
    outbox: stored.outbox,
    finishedAtMs: stored.finishedAtMs,
  };
}

type Expected = readonly Region[] | undefined;

function toStoredReference(
  { regionlessPushAtMs, facts, expected, expectedLater, revertedAtMs, ...rest }: Reference,
  ofImage: Expected,
): unknown {
  return {
    ...rest,
    expected: isSameExpected(expected, ofImage) ? undefined : (expected ?? null),
    expectedLater: expectedLater.length === 0 ? undefined : expectedLater,
    unplacedAtMs: regionlessPushAtMs,
    facts: facts.map(toStoredFact),
    returnedAtMs: revertedAtMs,
  };
}

const isSameExpected = (a: Expected, b: Expected): boolean => JSON.stringify(a) === JSON.stringify(b);

const fromStoredReference = (stored: StoredReference, ofImage: Expected): Reference => ({
  tag: stored.tag,
  firstSeenMs: stored.firstSeenMs,
  regionlessPushAtMs: stored.unplacedAtMs,
  facts: stored.facts.map(fromStoredFact),
  expected: stored.expected === undefined ? ofImage : (stored.expected ?? undefined),
  expectedLater: stored.expectedLater,
  revertedAtMs: stored.returnedAtMs,
  replicatedAtMs: stored.replicatedAtMs,
  stalledAtMs: stored.stalledAtMs,
  divergedAtMs: stored.divergedAtMs,
  supersededAtMs: stored.supersededAtMs,
  episodeMs: stored.episodeMs,
});

const toStoredFact = ({ region, atMs, evidence, learnedAtMs, isWithdrawn }: Fact): StoredFact => [
  region,
  atMs,
  evidence,
  learnedAtMs,
  ...(isWithdrawn === true ? (['withdrawn'] as const) : []),
];

const fromStoredFact = ([region, atMs, evidence, learnedAtMs, withdrawn]: StoredFact): Fact => ({
  region,
  atMs,
  evidence,
  learnedAtMs,
  ...(withdrawn === undefined ? {} : { isWithdrawn: true }),
});
