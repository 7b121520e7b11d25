import type { Output } from '../../context.ts';
import { formatDuration } from '../../output/duration.ts';
import type { RegionState, Replication } from './answer.ts';
import { awaitedRegions, countRegions, satisfies } from './awaited-regions.ts';
import { shortDigest } from './image-reference.ts';
import { firstView, type Progress, type View } from './progress.ts';
import { regionGap } from './region-gap.ts';
import type { WaitCondition } from './wait-condition.ts';

/** Progress for logs: a line at each change, without control characters. */
export function logProgress(output: Output, condition: WaitCondition, elapsedMs: () => number): Progress {
  let before = firstView;
  return {
    show(view) {
      for (const line of changes(before, view, condition)) {
        output.write(`${formatDuration(elapsedMs()).padStart(7)}  ${line}\n`);
      }
      before = view;
    },
    close: () => {},
  };
}

/** What is worth a line of a log after an answer, the most important first. Mostly there is nothing. */
export function changes(before: View, after: View, condition: WaitCondition): readonly string[] {
  return [...appChanges(before, after), ...imageChanges(before, after, condition)];
}

function appChanges(before: View, after: View): readonly string[] {
  if (after.app === 'unavailable') {
    return after.trouble === before.trouble ? [] : [`${after.trouble}; trying again`];
  }
  const returned = before.app === 'unavailable' ? ['the app answers again'] : [];
  const isNews = after.app === 'unseen' && before.app !== 'unseen';
  return isNews ? [...returned, 'not seen by evenkeel yet'] : returned;
}

function imageChanges(
  { image: before }: View,
  { image: after }: View,
  condition: WaitCondition,
): readonly string[] {
  if (after === undefined || after === before) return [];
  const lines: string[] = [];
  const isOtherDigest = after.digest !== before?.digest;
  if (after.digest && isOtherDigest) {
    lines.push(`${before === undefined ? 'seen as' : 'now resolves to'} ${shortDigest(after.digest)}`);
  }
  // The regions of another digest start from nothing.
  const earlier = before === undefined || isOtherDigest ? [] : before.regions;
  const { known, unknown } = awaitedRegions(after, condition);
  const { arrived, total } = countRegions(after, condition);
  // Several regions may have it at once. Each line counts to its own.
  const isArrived = (region: RegionState) => satisfies(region, after, condition);
  const wasArrived = ({ region }: RegionState) =>
    earlier.some((one) => one.region === region && before !== undefined && satisfies(one, before, condition));
  let counted = arrived - known.filter((region) => isArrived(region) && !wasArrived(region)).length;
  for (const region of known) {
    if (isArrived(region) && !wasArrived(region)) counted++;
    const text = describeRegion(region, after, condition);
    const previous = earlier.find((one) => one.region === region.region);
    // At first every region waits, which is no news. It is news where the region had the image.
    const isNews =
      previous === undefined || before === undefined
        ? region.state !== 'waiting'
        : text !== describeRegion(previous, before, condition);
    if (isNews) lines.push(`${text}, ${counted} of ${total}`);
  }
  if (earlier.length === 0 && unknown.length > 0)
    lines.push(`not expected by evenkeel: ${unknown.join(', ')}`);
  if (after.state === 'stalled' && before?.state !== 'stalled' && !condition.gone)
    lines.push('stalled: its objective has passed');
  return lines;
}

function describeRegion(region: RegionState, image: Replication, condition: WaitCondition): string {
  const gap = regionGap(region, image, condition);
  if (condition.gone) return gap === undefined ? `gone from ${region.region}` : `${region.region} ${gap}`;
  const evidence = region.evidence ? ` (${region.evidence})` : '';
  if (gap === undefined) return `${region.region} has it${evidence}`;
  return region.state === 'available' ? `${region.region}: ${gap}` : `${region.region} ${gap}`;
}
