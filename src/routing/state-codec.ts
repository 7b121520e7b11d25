import * as v from 'valibot';
import { asciiJson, parseJson } from '../lib/json.ts';
import type { EvidenceKind } from './findings.ts';
import { layout, type ReviewState, reviewStateSchema } from './state.ts';
import { union } from './verdict.ts';

/** The state was written by a later version of evenkeel, and writing over it would lose what that one knows. */
export class NewerReviewStateError extends Error {
  override readonly name = 'NewerReviewStateError';
  constructor(registry: string, found: number) {
    super(
      `the review of ${registry} was stored in layout ${found}, and this version reads ${layout}: deploy the later version again, or delete the entity of ${registry} in the table EvenkeelReviews to start over`,
    );
  }
}

export const encodeReviewState = (state: ReviewState): string => asciiJson(state);

/**
 * Reads a stored state, also one of an earlier layout.
 * @returns `undefined` for text that no version has written: the review starts from an empty state.
 * @throws {NewerReviewStateError}
 */
export function decodeReviewState(registry: string, text: string): ReviewState | undefined {
  const value = parseJson(text);
  const newer = v.safeParse(v.object({ layout: v.pipe(v.number(), v.minValue(layout + 1)) }), value);
  if (newer.success) throw new NewerReviewStateError(registry, newer.output.layout);
  const parsed = v.safeParse(reviewStateSchema, fromLayout2(fromLayout1(value)));
  return parsed.success ? parsed.output : undefined;
}

const unchanged = v.unknown();
const layout1Review = v.looseObject({ reading: unchanged });

/** The parts of layout 1 that have another name in layout 2; everything else is the same. */
const layout1Schema = v.looseObject({
  layout: v.literal(1),
  frozen: v.optional(unchanged),
  changedAt: unchanged,
  replicas: v.array(
    v.looseObject({
      reading: unchanged,
      reviews: v.array(layout1Review),
      verdict: v.looseObject({ reviews: v.array(layout1Review) }),
      intent: v.optional(v.looseObject({ outcome: unchanged })),
      fight: v.optional(unchanged),
      toldAt: v.optional(unchanged),
    }),
  ),
});

/**
 * A state of layout 1 in layout 2; any other value as it is. Unpublished signals stay as they are: they are published
 * under their ids, which stand for what they say.
 */
function fromLayout1(value: unknown): unknown {
  const parsed = v.safeParse(layout1Schema, value);
  if (!parsed.success) return value;
  const { frozen, changedAt, replicas, ...state } = parsed.output;
  return {
    ...state,
    layout: 2,
    controlPlaneError: frozen,
    recentChanges: changedAt,
    replicas: replicas.map(({ reading, reviews, verdict, intent, fight, toldAt, ...replica }) => ({
      ...replica,
      health: healthFrom(reading),
      reviews: reviews.map(reviewFrom),
      verdict: { ...verdict, reviews: verdict.reviews.map(reviewFrom) },
      intent: intent && {
        ...intent,
        outcome: intent.outcome === 'forgotten' ? 'notSent' : intent.outcome,
      },
      contested: fight,
      reportedAt: toldAt,
    })),
  };
}

const healthFrom = (reading: unknown): unknown => (reading === 'open' ? 'inconclusive' : reading);

const reviewFrom = ({ reading, ...review }: v.InferOutput<typeof layout1Review>) => ({
  ...review,
  health: healthFrom(reading),
});

const layout2Review = v.looseObject({ health: unchanged, because: v.array(v.string()) });

/** The parts of layout 2 that layout 3 changes; everything else is the same. */
const layout2Schema = v.looseObject({
  layout: v.literal(2),
  replicas: v.array(
    v.looseObject({
      disabledByUs: v.boolean(),
      health: unchanged,
      reviews: v.array(layout2Review),
      verdict: v.looseObject({ flagged: v.boolean(), since: v.string(), reviews: v.array(layout2Review) }),
    }),
  ),
});

/**
 * A state of layout 2 in layout 3; any other value as it is. Layout 2 did not say which kinds of evidence were bad, but
 * its sentences do. It called a review good in which nobody had looked, so that no review of a replica that is flagged
 * or off counts as good: the row of good ones begins again.
 */
function fromLayout2(value: unknown): unknown {
  const parsed = v.safeParse(layout2Schema, value);
  if (!parsed.success) return value;
  const { replicas, ...state } = parsed.output;
  return {
    ...state,
    layout,
    departed: [],
    replicas: replicas.map(({ health, reviews, verdict, ...replica }) => {
      const isDoubtful = verdict.flagged || replica.disabledByUs;
      const reviewOf = (review: v.InferOutput<typeof layout2Review>) => {
        const bad = review.health === 'bad' ? kindsIn(review.because) : [];
        const isGood = review.health === 'good';
        return {
          ...review,
          health: isGood && isDoubtful ? 'inconclusive' : review.health,
          ...(bad.length === 0 ? {} : { bad }),
        };
      };
      const kinds = kindsIn([...verdict.reviews, ...reviews].flatMap(({ because }) => because));
      return {
        ...replica,
        health,
        awaits: [],
        unrecovered: isDoubtful ? kinds.filter((kind) => kind !== 'policy') : [],
        reviews: reviews.map(reviewOf),
        verdict: {
          ...verdict,
          reviews: verdict.reviews.map(reviewOf),
          kinds: isDoubtful ? kinds : [],
          flag: verdict.flagged ? verdict.since : '',
        },
      };
    }),
  };
}

/**
 * The kinds of evidence that sentences against a replica are about, by a word in them, because versions of layout 2
 * worded them differently. A sentence without such a word leads to the kind that is the hardest to satisfy.
 */
const kindsIn = (because: readonly string[]): string[] =>
  union(because.map((sentence) => words.find(([, word]) => word.test(sentence))?.[0] ?? 'endpoint'));

const words: readonly (readonly [EvidenceKind, RegExp])[] = [
  ['policy', /policy|maintenance/],
  ['provisioning', /replication/],
  ['lateImages', /images/],
];
