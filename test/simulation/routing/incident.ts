import { hourMs, minuteMs } from '../../routing/fixtures.ts';

/**
 * Something that happens to a registry for a while, in minutes since the beginning.
 *
 * | kind         | what it does                                                                     |
 * |--------------|----------------------------------------------------------------------------------|
 * | `outage`     | the region's endpoint does not serve                                             |
 * | `homeOutage` | the same for the home region, and Resource Manager does not answer               |
 * | `blip`       | as an outage, for a minute or two                                                |
 * | `flapping`   | the endpoint fails every now and then                                            |
 * | `decay`      | the endpoint fails more and more often, and more and more images are late        |
 * | `blind`      | our own view is lost: every endpoint seems to fail                               |
 * | `storm`      | the endpoints answer 429                                                         |
 * | `stuck`      | the replication stays in `Updating`                                              |
 * | `canary`     | a policy keeps the region out of routing                                         |
 * | `window`     | a maintenance window does, and the endpoint fails in it                          |
 * | `writer`     | as an outage, and infrastructure code routes everything again every 15 minutes    |
 * | `byHand`     | an operator switches the replica off, and on again at the end                    |
 * | `mute`       | as an outage, and after some minutes the endpoint answers 403 or 404, or nobody can ask it |
 * | `masked`     | as an outage, and after some minutes throttling hides it                         |
 * | `discord`    | a read by id does not find the replica, or the list does not, or neither for one look |
 * | `lag`        | images are late in the region, and its endpoint answers                          |
 * | `removed`    | as an outage, and after some minutes the replica does not exist; it comes back as it was |
 * | `rolledBack` | the replica is being created, and then does not exist for the rest of it         |
 * | `seeding`    | the replica is `Syncing` or `Offline`, and its endpoint answers                  |
 * | `uncounted`  | nobody can say which images are late                                             |
 */
export interface Incident {
  readonly kind: keyof typeof shapes;
  readonly region: string;
  readonly from: number;
  readonly to: number;
}

interface Shape {
  /** How many in a year, for each region that it concerns. */
  readonly perYear: number;
  /** Shortest and longest, in minutes. */
  readonly minutes: readonly [least: number, most: number];
  /** Only one region, or all together. */
  readonly where: 'each' | 'home' | 'all';
}

const hour = hourMs / minuteMs;
const day = 24 * hour;

const shapes = {
  outage: { perYear: 8, minutes: [4, 9 * hour], where: 'each' },
  homeOutage: { perYear: 24, minutes: [4, 9 * hour], where: 'home' },
  blip: { perYear: 12, minutes: [1, 2], where: 'each' },
  flapping: { perYear: 3, minutes: [hour, 6 * hour], where: 'each' },
  decay: { perYear: 1, minutes: [3 * hour, day], where: 'each' },
  blind: { perYear: 12, minutes: [2, 3 * hour], where: 'all' },
  storm: { perYear: 30, minutes: [10, 9 * hour], where: 'all' },
  stuck: { perYear: 2, minutes: [20, 9 * hour], where: 'each' },
  canary: { perYear: 1, minutes: [4 * hour, 18 * hour], where: 'each' },
  window: { perYear: 3, minutes: [30, 5 * hour], where: 'each' },
  writer: { perYear: 4, minutes: [20, 6 * hour], where: 'each' },
  byHand: { perYear: 2, minutes: [hour, day], where: 'each' },
  mute: { perYear: 6, minutes: [20, 9 * hour], where: 'each' },
  masked: { perYear: 6, minutes: [20, 9 * hour], where: 'each' },
  discord: { perYear: 8, minutes: [1, 3 * hour], where: 'each' },
  removed: { perYear: 3, minutes: [hour, 3 * day], where: 'each' },
  rolledBack: { perYear: 1, minutes: [hour, day], where: 'each' },
  seeding: { perYear: 4, minutes: [hour, 2 * day], where: 'each' },
  uncounted: { perYear: 100, minutes: [20, 3 * hour], where: 'home' },
  lag: { perYear: 8, minutes: [hour, 9 * hour], where: 'each' },
} as const satisfies Record<string, Shape>;

export type Kind = keyof typeof shapes;
export const allKinds: readonly Kind[] = [
  'outage',
  'homeOutage',
  'blip',
  'flapping',
  'decay',
  'blind',
  'storm',
  'stuck',
  'canary',
  'window',
  'writer',
  'byHand',
  'mute',
  'masked',
  'discord',
  'removed',
  'rolledBack',
  'seeding',
  'uncounted',
  'lag',
];

/** For how many minutes the endpoint fails in an outage that is hidden after that: sometimes for too few to be flagged. */
export const openMinutes = ({ from }: Incident): number => 1 + ((from * 7) % 12);

/**
 * A history of so many days, with a quiet day at its end.
 * @param density how often things happen, against a usual year.
 */
export function historyOf(
  kinds: readonly Kind[],
  regions: readonly string[],
  days: number,
  random: () => number,
  density = 1,
): Incident[] {
  const lastStart = (days - 1) * day;
  const incidents: Incident[] = [];
  for (const kind of kinds) {
    const { perYear, minutes, where } = shapes[kind];
    const [least, most] = minutes;
    const places = where === 'each' ? regions : regions.slice(0, 1);
    for (const region of places) {
      const count = Math.max(1, Math.round((perYear * density * days) / 365));
      for (let index = 0; index < count; index++) {
        const from = Math.floor(random() * lastStart);
        // Short ones are as frequent as long ones, order by order.
        const length = Math.round(least * (most / least) ** random());
        incidents.push({ kind, region, from, to: Math.min(from + length, lastStart) });
      }
    }
  }
  return incidents.toSorted((a, b) => a.from - b.from);
}
