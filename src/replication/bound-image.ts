import { type Fact, type Image, type Reference, wasRead } from './image.ts';
import { encodeImage } from './image-codec.ts';

/**
 * An entity holds 1 MiB, in UTF-16, and so half as many characters. The rest is left to keys and to notifications that
 * are stored beside the image.
 * https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
 */
const maxCharacters = 460_000;

/** A fact takes fewer characters than this, and a signal fewer than the second. Smaller images are not measured. */
const perFact = 120;
const perSignal = 4_000;
const perReference = 5_000;

/**
 * Keeps an image within the size of an entity. What goes first is what the fewest answers depend on:
 *
 * | step | goes                                                                                          |
 * |------|-----------------------------------------------------------------------------------------------|
 * | 1    | of tags with a final verdict: all pushes to a region but the first and the newest             |
 * | 2    | of all tags: the same                                                                         |
 * | 3    | of tags with a final verdict: all pushes to a region but the newest                           |
 * | 4    | of all tags: the same                                                                         |
 * | 5    | of all tags: the older of what a webhook and an event reported of a region                    |
 * | 6    | signals that a later one of the same tag has made superfluous: stalled, once it is replicated |
 * | 7    | tags with a final verdict, the oldest first, down to the newest ten                           |
 *
 * Verdicts, deletions and the newest push of each tag that is left stay.
 *
 * @param limit in characters of the stored text
 * @returns the same image when it is small enough.
 */
export function boundImage(image: Image, limit: number = maxCharacters): Image {
  const facts = image.references.reduce((sum, one) => sum + one.facts.length, image.verified.length);
  const most = facts * perFact + image.outbox.length * perSignal + image.references.length * perReference;
  if (most < limit) return image;
  const isDecided = ({ replicatedAtMs, supersededAtMs }: Reference): boolean =>
    replicatedAtMs !== undefined || supersededAtMs !== undefined;
  const all = () => true;
  const steps: readonly ((bounded: Image) => Image)[] = [
    (one) => withFewerFacts(one, isDecided, firstAndNewest),
    (one) => withFewerFacts(one, all, firstAndNewest),
    (one) => withFewerFacts(one, isDecided, newestOnly),
    (one) => withFewerFacts(one, all, newestOnly),
    (one) => withFewerFacts(one, all, newestOnly, ofSource),
    withoutSuperfluousSignals,
  ];
  let bounded = image;
  for (const step of steps) {
    if (sizeOf(bounded) <= limit) return bounded;
    bounded = step(bounded);
  }
  while (sizeOf(bounded) > limit) {
    const oldest = bounded.references.slice(0, -keptReferences).find(isDecided);
    if (oldest === undefined) return bounded;
    bounded = { ...bounded, references: bounded.references.filter((one) => one !== oldest) };
  }
  return bounded;
}

const keptReferences = 10;

const sizeOf = (image: Image): number => encodeImage(image).length;

function withFewerFacts(
  image: Image,
  concerns: (reference: Reference) => boolean,
  keep: (facts: readonly Fact[]) => readonly Fact[],
  groupOf: (fact: Fact) => string = ofEvidence,
): Image {
  const references = image.references.map((reference) => {
    if (!concerns(reference)) return reference;
    const groups = Map.groupBy(
      reference.facts.toSorted((a, b) => a.atMs - b.atMs),
      groupOf,
    );
    return { ...reference, facts: [...groups.values()].flatMap(keep) };
  });
  return { ...image, references };
}

const ofEvidence = ({ region, evidence }: Fact): string => `${region} ${evidence}`;
/** What was read at an endpoint is another source than what was reported. */
const ofSource = (fact: Fact): string => `${fact.region} ${wasRead(fact) ? 'read' : 'reported'}`;

const newestOnly = (facts: readonly Fact[]): readonly Fact[] => facts.slice(-1);
const firstAndNewest = (facts: readonly Fact[]): readonly Fact[] =>
  facts.length <= 2 ? facts : [...facts.slice(0, 1), ...facts.slice(-1)];

/** Whoever waits for a tag wants its last word. */
function withoutSuperfluousSignals(image: Image): Image {
  const replicated = new Set(
    image.outbox.flatMap(({ type, subject }) => (type === 'evenkeel.registry.replicated' ? [subject] : [])),
  );
  const outbox = image.outbox.filter(
    ({ type, subject }) => type !== 'evenkeel.registry.replicationStalled' || !replicated.has(subject),
  );
  return { ...image, outbox };
}
