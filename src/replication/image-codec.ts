import * as v from 'valibot';
import { asciiJson, parseJson } from '../lib/json.ts';
import type { Fact, Image, ImageId, Reference } from './image.ts';

/** The layout of the stored text. A higher number was written by a later version of evenkeel. */
const layout = 1;

const time = v.number();
const optionalTime = v.optional(time);
const storedFact = v.tuple([v.string(), time, v.picklist(['webhook', 'event', 'verified']), time]);
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
  returnedAtMs: optionalTime,
  replicatedAtMs: optionalTime,
  stalledAtMs: optionalTime,
  divergedAtMs: optionalTime,
  supersededAtMs: optionalTime,
});
const storedImage = v.object({
  layout: v.literal(layout),
  generation: v.number(),
  firstSeenMs: time,
  sizeBytes: v.optional(v.number()),
  expected: v.optional(v.array(v.string())),
  deletedAtMs: optionalTime,
  references: v.array(storedReference),
  verified: v.array(storedFact),
  unverified: v.record(v.string(), v.string()),
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
 * Installations hold texts with the names of layout 1, so four properties keep the names that they had there:
 *
 * | in the code            | in the text    |
 * |------------------------|----------------|
 * | `regionlessPushAtMs`   | `unplacedAtMs` |
 * | `revertedAtMs`         | `returnedAtMs` |
 * | `nextVerificationAtMs` | `nextLookAtMs` |
 * | `verificationAttempts` | `looks`        |
 */
export function encodeImage(image: Image): string {
  const { id: _, references, verified, nextVerificationAtMs, verificationAttempts, ...rest } = image;
  return asciiJson({
    layout,
    ...rest,
    references: references.map(toStoredReference),
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
    deletedAtMs: stored.deletedAtMs,
    references: stored.references.map(fromStoredReference),
    verified: stored.verified.map(fromStoredFact),
    unverified: stored.unverified,
    replicatedAtMs: stored.replicatedAtMs,
    nextVerificationAtMs: stored.nextLookAtMs,
    verificationAttempts: stored.looks,
    outbox: stored.outbox,
    finishedAtMs: stored.finishedAtMs,
  };
}

function toStoredReference({ regionlessPushAtMs, facts, revertedAtMs, ...rest }: Reference): unknown {
  return {
    ...rest,
    unplacedAtMs: regionlessPushAtMs,
    facts: facts.map(toStoredFact),
    returnedAtMs: revertedAtMs,
  };
}

const fromStoredReference = (stored: StoredReference): Reference => ({
  tag: stored.tag,
  firstSeenMs: stored.firstSeenMs,
  regionlessPushAtMs: stored.unplacedAtMs,
  facts: stored.facts.map(fromStoredFact),
  revertedAtMs: stored.returnedAtMs,
  replicatedAtMs: stored.replicatedAtMs,
  stalledAtMs: stored.stalledAtMs,
  divergedAtMs: stored.divergedAtMs,
  supersededAtMs: stored.supersededAtMs,
});

const toStoredFact = ({ region, atMs, evidence, learnedAtMs }: Fact): StoredFact => [
  region,
  atMs,
  evidence,
  learnedAtMs,
];

const fromStoredFact = ([region, atMs, evidence, learnedAtMs]: StoredFact): Fact => ({
  region,
  atMs,
  evidence,
  learnedAtMs,
});
