import { cellsOfDay, ownValue } from '../lib/last-day.ts';

/**
 * Repairs of the last day, by the key of the spoke. Each list holds three numbers for each half hour with a repair: the
 * number of the cell (see `last-day.ts`), repairs by event, and repairs by audit. The oldest cell is first.
 */
export type RepairCounts = Readonly<Record<string, readonly number[]>>;

const width = 3;

/** With one more repair of a spoke; what is older than a day leaves its list. */
export function withRepairAt(
  counts: RepairCounts,
  spoke: string,
  trigger: 'event' | 'audit',
  cell: number,
): RepairCounts {
  const added = trigger === 'event' ? [cell, 1, 0] : [cell, 0, 1];
  // The other spokes stay as they are: this is done at every repair.
  const before = { [spoke]: ownValue(counts, spoke) ?? [] };
  return { ...counts, ...sumOfRepairs([before, { [spoke]: added }], cell) };
}

/**
 * The repairs that several processes counted, each of them given once.
 * @param cell the one of now: what is older than a day is left out.
 */
export function sumOfRepairs(all: readonly RepairCounts[], cell: number): RepairCounts {
  const sums = new Map<string, Map<number, readonly [event: number, audit: number]>>();
  for (const counts of all) {
    for (const spoke in counts) {
      const rows = counts[spoke] ?? [];
      for (let index = 0; index + width <= rows.length; index += width) {
        const [at = 0, event = 0, audit = 0] = rows.slice(index, index + width);
        if (at <= cell - cellsOfDay) continue;
        const ofSpoke = sums.get(spoke) ?? new Map<number, readonly [number, number]>();
        const [events, audits] = ofSpoke.get(at) ?? [0, 0];
        sums.set(spoke, ofSpoke.set(at, [events + event, audits + audit]));
      }
    }
  }
  return Object.fromEntries(
    [...sums].map(([spoke, ofSpoke]) => [
      spoke,
      [...ofSpoke].sort(([a], [b]) => a - b).flatMap(([at, counts]) => [at, ...counts]),
    ]),
  );
}
