import * as v from 'valibot';
import { asciiJson, parseJson } from '../lib/json.ts';
import { layout, type ReviewState, reviewStateSchema } from './state.ts';

/** The state was written by a later version of evenkeel, and writing over it would lose what that one knows. */
export class NewerReviewStateError extends Error {
  override readonly name = 'NewerReviewStateError';
  constructor(registry: string, found: number) {
    super(
      `the review of ${registry} was stored in layout ${found}, and this version reads ${layout}: deploy the later version again, or delete the entity of ${registry} in the table EvenkeelReviews to begin anew`,
    );
  }
}

export const encodeReviewState = (state: ReviewState): string => asciiJson(state);

/**
 * @returns `undefined` for text that no version has written: the review starts from an empty state.
 * @throws {NewerReviewStateError}
 */
export function decodeReviewState(registry: string, text: string): ReviewState | undefined {
  const value = parseJson(text);
  const newer = v.safeParse(v.object({ layout: v.pipe(v.number(), v.minValue(layout + 1)) }), value);
  if (newer.success) throw new NewerReviewStateError(registry, newer.output.layout);
  const parsed = v.safeParse(reviewStateSchema, value);
  return parsed.success ? parsed.output : undefined;
}
