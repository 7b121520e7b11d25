import type { RegionState } from './answer.ts';
import { shortDigest } from './image-reference.ts';
import type { View } from './view.ts';
import { awaitedRegions, satisfies, type WaitCondition } from './wait-condition.ts';

/** What is worth a line of a log after an answer, in the order in which people want it; mostly nothing. */
export function changes(before: View, after: View, condition: WaitCondition): readonly string[] {
  return [...changesOfApp(before, after), ...changesOfImage(before, after, condition)];
}

function changesOfApp(before: View, after: View): readonly string[] {
  if (after.app === 'unavailable') {
    return after.trouble === before.trouble ? [] : [`${after.trouble}; trying again`];
  }
  const returned = before.app === 'unavailable' ? ['the app answers again'] : [];
  const isNews = after.app === 'unseen' && before.app !== 'unseen';
  return isNews ? [...returned, 'not seen by evenkeel yet'] : returned;
}

function changesOfImage(
  { image: before }: View,
  { image: after }: View,
  condition: WaitCondition,
): readonly string[] {
  if (after === undefined || after === before) return [];
  const lines: string[] = [];
  const isOther = after.digest !== before?.digest;
  if (after.digest && isOther) {
    lines.push(`${before === undefined ? 'seen as' : 'now stands for'} ${shortDigest(after.digest)}`);
  }
  // The regions of another digest begin anew.
  const then = before === undefined || isOther ? [] : before.regions;
  const { known, unknown } = awaitedRegions(after, condition);
  const arrived = known.filter((state) => satisfies(state, condition)).length;
  for (const now of known) {
    const text = describe(now, condition);
    const was = then.find(({ region }) => region === now.region);
    // That a region waits is the rule at first, and news when it had the image.
    if (was === undefined ? now.state !== 'waiting' : text !== describe(was, condition)) {
      lines.push(`${text}, ${arrived} of ${known.length + unknown.length}`);
    }
  }
  if (then.length === 0 && unknown.length > 0) lines.push(`not expected by evenkeel: ${unknown.join(', ')}`);
  if (after.state === 'stalled' && before?.state !== 'stalled') lines.push('stalled, beyond its objective');
  return lines;
}

function describe(region: RegionState, condition: WaitCondition): string {
  const evidence = region.evidence ? ` (${region.evidence})` : '';
  if (satisfies(region, condition)) return `${region.region} has it${evidence}`;
  if (region.state === 'available')
    return `${region.region} has it${evidence}, not ${condition.minEvidence} yet`;
  return `${region.region} ${region.state}`;
}
