import { cellAt, cellMs, cellsOfDay } from '../../src/lib/last-day.ts';
import type { History, StatusDocument } from '../../src/status/schema.ts';
import { sampleNow } from './sample-parts.ts';

const indexes = Array.from({ length: cellsOfDay }, (_, index) => index);
const marks = (markAt: (index: number) => string): string => indexes.map(markAt).join('');

type Spoke = StatusDocument['dns']['spokes'][number];

/** Drift of some in the night, the morning and the last half hour, as far as the sample has any. */
function foundIn({ findings }: Spoke, spoke: number, index: number) {
  if (index >= 46) return findings;
  if (spoke === 1 && (index === 7 || index === 8)) return 3 - (index - 7) * 2;
  return (index + spoke * 5) % 37 === 36 ? 1 : 0;
}

/** The last 24 hours of a sample: a gap, an incomplete audit, drift that was repaired, a replica that was off. */
export function sampleHistory({
  even,
  dns,
  registries,
}: Pick<StatusDocument, 'even' | 'dns' | 'registries'>): History {
  // Nobody looked for an hour and a half, because the app was stopped.
  const isGap = (index: number) => !even && index >= 19 && index <= 21;
  // One subscription could not be read.
  const isIncomplete = (index: number) => !even && index === 30;
  const found = (spoke: Spoke, at: number, index: number) => (even ? 0 : foundIn(spoke, at, index));
  const regions = [...new Set(registries.flatMap(({ replicas }) => replicas.map(({ region }) => region)))];
  return {
    until: new Date((cellAt(sampleNow.getTime()) + 1) * cellMs).toISOString(),
    cellMs,
    cells: cellsOfDay,
    spokes: dns.spokes.map((spoke, at) => ({
      key: spoke.key,
      audits: marks((index) => {
        if (isGap(index)) return '.';
        const count = Math.min(35, found(spoke, at, index));
        return count === 0 && isIncomplete(index) ? '?' : count.toString(36);
      }),
      repairs: indexes.flatMap((index) => {
        if (isGap(index)) return [];
        const byAudit = index >= 46 ? 0 : found(spoke, at, index);
        const byEvent = (index * 7 + at * 3) % 11 < 3 ? 1 + (index % 3) : 0;
        return byAudit + byEvent === 0 ? [] : [[index, byEvent, byAudit]];
      }),
    })),
    registries: registries.map(({ registry, id, replicas }, first) => ({
      registry,
      id,
      replicas: replicas.map(({ region, name, verdict, routed }, second) => ({
        region,
        name,
        reviews: marks((index) => {
          if (isGap(index)) return '.';
          if (even) return '1';
          // Bad, flagged and off for three hours of the night, then well again.
          if ((first + second) % 7 === 1 && index >= 8 && index <= 13)
            return (index < 10 ? 27 : 25).toString(32);
          if (index === 47 && verdict === 'flagged') return (routed === false ? 27 : 11).toString(32);
          return (first + second + index) % 43 === 0 ? '5' : '1';
        }),
      })),
    })),
    copies: regions.map((region, at) => ({
      region,
      copies: indexes.flatMap((index) => {
        const copies = Math.round(6 + 6 * Math.sin((index - 20) / 7.6)) - (at % 3);
        if (isGap(index) || copies <= 0) return [];
        const p50Ms = 4_000 * (1 + at) + 700 * (index % 5);
        return [[index, copies, p50Ms, p50Ms * (index === 33 ? 9 : 2.5)]];
      }),
    })),
  };
}
