import type { Output } from '../../context.ts';
import { formatDuration } from '../../output/duration.ts';
import { LiveLines, type SpanLine } from '../../output/live-lines.ts';
import type { Palette } from '../../output/terminal.ts';
import { awaitedRegions, countRegions } from './awaited-regions.ts';
import { formatImageReference, shortDigest } from './image-reference.ts';
import { firstView, type Progress, type View } from './progress.ts';
import { regionGap } from './region-gap.ts';
import type { WaitCondition } from './wait-condition.ts';

/** Progress for terminals, drawn in place, and every second because it shows the time. */
export function liveProgress(
  output: Output,
  condition: WaitCondition,
  elapsedMs: () => number,
  pc: Palette,
): Progress {
  const lines = new LiveLines(output);
  let view = firstView;
  const draw = () => lines.draw(frame(view, condition, elapsedMs(), pc));
  draw();
  const timer = setInterval(draw, 1000);
  return {
    show(next) {
      view = next;
      draw();
    },
    close() {
      clearInterval(timer);
      lines.close();
    },
  };
}

/** The image, the time, and one line a region. The least important lines are last: a low terminal cuts them off. */
export function frame(
  view: View,
  condition: WaitCondition,
  elapsedMs: number,
  pc: Palette,
): readonly SpanLine[] {
  const digest = view.image?.digest;
  const title: SpanLine = [
    [formatImageReference(condition.image), pc.bold],
    [digest && digest !== condition.image.reference ? `  ${shortDigest(digest)}` : '', pc.dim],
  ];
  return [
    title,
    [[`  ${statusText(view, condition, elapsedMs)}`, pc.dim]],
    ...regionLines(view, condition, pc),
  ];
}

function statusText({ image, app, trouble }: View, condition: WaitCondition, elapsedMs: number): string {
  const parts: string[] = [];
  if (image !== undefined) {
    const { arrived, total } = countRegions(image, condition);
    parts.push(`${arrived} of ${total} regions`);
    if (image.state === 'stalled' && !condition.gone) parts.push('stalled');
  }
  parts.push(`${formatDuration(elapsedMs)} of ${formatDuration(condition.timeoutMs)}`);
  if (image?.etaMs && image.etaMs >= 1000) parts.push(`about ${formatDuration(image.etaMs)} left`);
  if (trouble !== undefined) parts.push(trouble);
  else if (app === 'unseen') parts.push('not seen by evenkeel yet');
  return parts.join(' · ');
}

function regionLines({ image }: View, condition: WaitCondition, pc: Palette): readonly SpanLine[] {
  if (image === undefined) return [];
  const { known, unknown } = awaitedRegions(image, condition);
  const names = [...known.map(({ region }) => region), ...unknown];
  const width = Math.max(...names.map((name) => name.length), 0);
  return [
    ...known.map((region): SpanLine => {
      const gap = regionGap(region, image, condition);
      const note = gap ?? (condition.gone ? 'gone' : (region.evidence ?? ''));
      return [
        gap === undefined ? ['  ✔ ', pc.green] : ['  · ', pc.yellow],
        [region.region.padEnd(width)],
        [note && `  ${note}`, pc.dim],
      ];
    }),
    ...unknown.map(
      (name): SpanLine => [['  ? ', pc.yellow], [name.padEnd(width)], ['  not expected by evenkeel', pc.dim]],
    ),
  ];
}
