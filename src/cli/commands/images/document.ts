import * as v from 'valibot';
import { type Image, statusSchema } from '../../../status/schema.ts';
import { withPlainTexts } from '../../output/text.ts';

/** An image of the status document. As JSON it is what the app sent, with what this version does not know. */
export interface OpenImage extends Image {
  toJSON(): unknown;
}

const imagesSchema = v.pick(statusSchema, ['now', 'problems', 'unknown', 'images', 'registries']);
const sentSchema = v.object({ images: v.object({ open: v.array(v.unknown()) }) });

/** The part of the status document that is about images. */
interface ImageReport extends Omit<v.InferOutput<typeof imagesSchema>, 'images'> {
  readonly open: readonly OpenImage[];
  /** How many there are; the document has the oldest of them. */
  readonly total: number;
}

/** @returns `undefined` for what is no status document. */
export function readImageReport(body: unknown): ImageReport | undefined {
  const report = v.safeParse(imagesSchema, withPlainTexts(body));
  const sent = v.safeParse(sentSchema, body);
  if (!report.success || !sent.success) return undefined;
  const { images, ...rest } = report.output;
  const open = images.open.map((image, index) => ({
    ...image,
    toJSON: () => sent.output.images.open[index],
  }));
  return { ...rest, open, total: images.total ?? open.length };
}
