import * as v from 'valibot';
import { statusSchema } from '../../../status/schema.ts';
import { withPlainTexts } from '../../output/text.ts';

const reportSchema = v.pick(statusSchema, [
  'now',
  'problems',
  'unknown',
  'images',
  'registries',
  'copyTimes',
]);

/** The part of the status document that is about copies. */
type CopyReport = v.InferOutput<typeof reportSchema>;
export type CopyTimes = CopyReport['copyTimes'][number];
export type OpenImage = CopyReport['images']['open'][number];

/** @returns `undefined` for what is no status document. */
export function readCopyReport(body: unknown): CopyReport | undefined {
  const parsed = v.safeParse(reportSchema, withPlainTexts(body));
  return parsed.success ? parsed.output : undefined;
}
