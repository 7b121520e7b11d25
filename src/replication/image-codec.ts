import * as v from 'valibot';
import { asciiJson, parseJson } from '../lib/json.ts';
import type { Image } from './image.ts';
import type { ImageId } from './notification.ts';

/** The layout of the text; one that is newer than this was written by a later version of evenkeel. */
const layout = 1;

const time = v.number();
const optionalTime = v.optional(time);
const fact = v.tuple([v.string(), time, v.picklist(['webhook', 'event', 'verified']), time]);
const signal = v.object({
  id: v.string(),
  type: v.custom<`evenkeel.${string}`>((type) => typeof type === 'string' && type.startsWith('evenkeel.')),
  source: v.string(),
  subject: v.string(),
  data: v.record(v.string(), v.unknown()),
});
const reference = v.object({
  tag: v.optional(v.string()),
  firstSeenMs: time,
  unplacedAtMs: optionalTime,
  facts: v.array(fact),
  returnedAtMs: optionalTime,
  replicatedAtMs: optionalTime,
  stalledAtMs: optionalTime,
  divergedAtMs: optionalTime,
  supersededAtMs: optionalTime,
});
const schema = v.object({
  layout: v.literal(layout),
  generation: v.number(),
  firstSeenMs: time,
  sizeBytes: v.optional(v.number()),
  expected: v.optional(v.array(v.string())),
  deletedAtMs: optionalTime,
  references: v.array(reference),
  verified: v.array(fact),
  unverified: v.record(v.string(), v.string()),
  replicatedAtMs: optionalTime,
  nextLookAtMs: optionalTime,
  looks: v.number(),
  outbox: v.array(signal),
  finishedAtMs: optionalTime,
});

/** What is stored of an image is not what this version of evenkeel writes. */
export class ImageTextError extends Error {
  override readonly name = 'ImageTextError';
  constructor(image: string, detail: string) {
    super(`the ledger's entity of ${image} cannot be read: ${detail}; was it written by a newer version?`);
  }
}

type Facts = Image['verified'];
const rows = (facts: Facts) =>
  facts.map(({ region, atMs, evidence, learnedAtMs }) => [region, atMs, evidence, learnedAtMs] as const);
const facts = (read: readonly v.InferOutput<typeof fact>[]): Facts =>
  read.map(([region, atMs, evidence, learnedAtMs]) => ({ region, atMs, evidence, learnedAtMs }));

/** As JSON; what is undefined is left out. */
export function encodeImage({ id: _, ...image }: Image): string {
  return asciiJson({
    layout,
    ...image,
    references: image.references.map((one) => ({ ...one, facts: rows(one.facts) })),
    verified: rows(image.verified),
  });
}

/** @throws {ImageTextError} */
export function decodeImage(id: ImageId, text: string): Image {
  const parsed = v.safeParse(schema, parseJson(text));
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const where = v.getDotPath(issue) ?? 'its text';
    throw new ImageTextError(`${id.repository}@${id.digest}`, `${where}: ${issue.message}`);
  }
  const { layout: _, ...image } = parsed.output;
  const absent = {
    sizeBytes: undefined,
    expected: undefined,
    deletedAtMs: undefined,
    replicatedAtMs: undefined,
    nextLookAtMs: undefined,
    finishedAtMs: undefined,
  };
  return {
    ...absent,
    ...image,
    id,
    references: image.references.map((one) => ({ ...absentOfReference, ...one, facts: facts(one.facts) })),
    verified: facts(image.verified),
  };
}

const absentOfReference = {
  tag: undefined,
  unplacedAtMs: undefined,
  returnedAtMs: undefined,
  replicatedAtMs: undefined,
  stalledAtMs: undefined,
  divergedAtMs: undefined,
  supersededAtMs: undefined,
};
