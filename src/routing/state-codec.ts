import * as v from 'valibot';
import { asciiJson, parseJson } from '../lib/json.ts';
import { layout, type ReviewState, reviewStateSchema } from './state.ts';

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
  const parsed = v.safeParse(reviewStateSchema, fromLayout1(value));
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
    layout,
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
