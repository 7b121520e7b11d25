import type { Palette } from '../../output/colors.ts';
import { formatDuration } from '../../output/duration.ts';
import type { Line } from '../../output/live-lines.ts';
import { formatImageReference, shortDigest } from './image-reference.ts';
import type { View } from './view.ts';
import { awaitedRegions, satisfies, type WaitCondition } from './wait-condition.ts';

/** What a terminal shows while it waits: the image, how long it has been, and one line a region. */
export function frame(view: View, condition: WaitCondition, elapsedMs: number, pc: Palette): readonly Line[] {
  const { image } = view;
  const title: Line = [
    [formatImageReference(condition.image), pc.bold],
    [
      image?.digest && image.digest !== condition.image.reference ? `  ${shortDigest(image.digest)}` : '',
      pc.dim,
    ],
  ];
  // What a low terminal has no room for is at the end.
  return [title, [[`  ${status(view, condition, elapsedMs)}`, pc.dim]], ...regionLines(view, condition, pc)];
}

function regionLines({ image }: View, condition: WaitCondition, pc: Palette): readonly Line[] {
  if (image === undefined) return [];
  const { known, unknown } = awaitedRegions(image, condition);
  const width = Math.max(...[...known.map(({ region }) => region), ...unknown].map((name) => name.length), 0);
  return [
    ...known.map((region): Line => {
      const hasArrived = satisfies(region, condition);
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

function status({ image, app, trouble }: View, condition: WaitCondition, elapsedMs: number): string {
  const parts: string[] = [];
  if (image !== undefined) {
    const { known, unknown } = awaitedRegions(image, condition);
    const arrived = known.filter((region) => satisfies(region, condition)).length;
    parts.push(`${arrived} of ${known.length + unknown.length} regions`);
    if (image.state === 'stalled') parts.push('stalled');
  }
  parts.push(`${formatDuration(elapsedMs)} of ${formatDuration(condition.timeoutMs)}`);
  if (image?.etaMs && image.etaMs >= 1000) parts.push(`about ${formatDuration(image.etaMs)} to go`);
  if (trouble !== undefined) parts.push(trouble);
  else if (app === 'unseen') parts.push('not seen by evenkeel yet');
  return parts.join(' · ');
}
