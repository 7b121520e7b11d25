import type { Palette } from '../../output/colors.ts';
import { formatTimeSpan } from '../../output/duration.ts';
import type { Line } from '../../output/live-lines.ts';
import { formatImageReference, shortDigest } from './image-reference.ts';
import type { View } from './view.ts';
import { counts, type Wish, wishedRegions } from './wait-condition.ts';

/** What a terminal shows while it waits: the image, how long it has been, and one line a region. */
export function frame(view: View, wish: Wish, elapsedMs: number, pc: Palette): readonly Line[] {
  const { image } = view;
  const title: Line = [
    [formatImageReference(wish.image), pc.bold],
    [image?.digest && image.digest !== wish.image.reference ? `  ${shortDigest(image.digest)}` : '', pc.dim],
  ];
  // What a low terminal has no room for is at the end.
  return [title, [[`  ${status(view, wish, elapsedMs)}`, pc.dim]], ...regionLines(view, wish, pc)];
}

function regionLines({ image }: View, wish: Wish, pc: Palette): readonly Line[] {
  if (image === undefined) return [];
  const { known, unknown } = wishedRegions(image, wish);
  const width = Math.max(...[...known.map(({ region }) => region), ...unknown].map((name) => name.length), 0);
  return [
    ...known.map((region): Line => {
      const hasArrived = counts(region, wish);
      const note = [region.state === 'available' ? '' : region.state, region.evidence ?? ''];
      return [
        hasArrived ? ['  ✔ ', pc.green] : ['  · ', pc.yellow],
        [region.region.padEnd(width)],
        [`  ${note.filter(Boolean).join(', ')}`, pc.dim],
      ];
    }),
    ...unknown.map(
      (name): Line => [['  ? ', pc.yellow], [name.padEnd(width)], ['  not expected by evenkeel', pc.dim]],
    ),
  ];
}

function status({ image, app, trouble }: View, wish: Wish, elapsedMs: number): string {
  const parts: string[] = [];
  if (image !== undefined) {
    const { known, unknown } = wishedRegions(image, wish);
    const arrived = known.filter((region) => counts(region, wish)).length;
    parts.push(`${arrived} of ${known.length + unknown.length} regions`);
    if (image.state === 'stalled') parts.push('stalled');
  }
  parts.push(`${formatTimeSpan(elapsedMs)} of ${formatTimeSpan(wish.timeoutMs)}`);
  if (image?.etaMs && image.etaMs >= 1000) parts.push(`about ${formatTimeSpan(image.etaMs)} to go`);
  if (trouble !== undefined) parts.push(trouble);
  else if (app === 'unseen') parts.push('not seen by evenkeel yet');
  return parts.join(' · ');
}
