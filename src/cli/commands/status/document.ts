import { parseStatus, type StatusDocument } from '../../../status/schema.ts';
import { withPlainTexts } from '../../output/text.ts';

export type StatusAnswer = StatusDocument;

/** @returns `undefined` for what is no status document. */
export const readStatus = (body: unknown): StatusAnswer | undefined => parseStatus(withPlainTexts(body));
