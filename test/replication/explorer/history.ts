import fc from 'fast-check';
import type { Region } from '../../../src/registries/replica.ts';
import type { Notification } from '../../../src/replication/notification.ts';
import { at, d1, d2, d3, idOf } from '../fixtures.ts';

/** The region where everything is pushed; its notifications are never lost. */
export const home: Region = 'eastus';
export const regions: readonly Region[] = [home, 'westeurope', 'westus'];
const digests = [d1, d2, d3];

/** A push or a deletion of an image at the home region. Times are seconds after the start. */
export interface Action {
  readonly kind: 'push' | 'delete';
  readonly digest: string;
  readonly tag: string | undefined;
  readonly seconds: number;
}

/** The moment when an action takes effect in a region. */
export interface Arrival {
  readonly action: number;
  readonly region: Region;
  readonly seconds: number;
}

/** A notification that reaches evenkeel. */
export interface Delivery {
  readonly notification: Notification;
  readonly seconds: number;
  readonly process: number;
  /** The number of the operation at which the process crashes, if it gets that far. */
  readonly crashAt: number | undefined;
  /** Whether a notification that met a crash is sent again. */
  readonly isSentAgain: boolean;
}

export interface Review {
  readonly seconds: number;
  readonly process: number;
  readonly crashAt: number | undefined;
}

/** What happens to a registry, and what it reports. */
export interface History {
  readonly actions: readonly Action[];
  readonly arrivals: readonly Arrival[];
  readonly deliveries: readonly Delivery[];
  readonly reviews: readonly Review[];
  /** How long each call of the ledger waits, in turns of the event loop, so that calls overtake each other. */
  readonly delays: readonly number[];
  /** Whether some notifications never reach evenkeel. */
  readonly isLossy: boolean;
}

interface Roll {
  /** Returns a number from 0 up to and without 1. Numbers decide what happens, so that smaller ones make simpler histories. */
  readonly next: () => number;
}

const kinds = { copyTime: ['push', 'own'], ways: ['webhook', 'event', 'both'] } as const;

export interface Circumstances {
  /** Whose time the notification of a copy carries. */
  readonly copyTime: (typeof kinds.copyTime)[number];
  readonly ways: (typeof kinds.ways)[number];
  /** Whether an event without a region reports every push too. */
  readonly isReportedWithoutRegion: boolean;
  readonly isLossy: boolean;
  readonly hasCrashes: boolean;
  /** The action whose notifications all arrive late, as after an outage. */
  readonly heldBack: number | undefined;
}

const someActions = fc.array(
  fc.record({
    isDeletion: fc.nat(3).map((roll) => roll === 3),
    digest: fc.nat(digests.length - 1),
    isTagged: fc.nat(5).map((roll) => roll < 5),
    gap: fc.constantFrom(700, 60, 5),
  }),
  { minLength: 1, maxLength: 6 },
);

const someCircumstances: fc.Arbitrary<Circumstances> = fc.record({
  copyTime: fc.constantFrom(...kinds.copyTime),
  ways: fc.constantFrom(...kinds.ways),
  isReportedWithoutRegion: fc.boolean(),
  isLossy: fc.boolean(),
  hasCrashes: fc.boolean(),
  heldBack: fc.option(fc.nat(5), { nil: undefined }),
});

export const aHistory: fc.Arbitrary<History> = fc
  .tuple(
    someActions,
    someCircumstances,
    fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 40, maxLength: 120 }),
  )
  .map(([drafts, circumstances, rolls]) => {
    let index = 0;
    const next = () => rolls[index++ % rolls.length] ?? 0;
    const actions = actionsOf(drafts);
    const arrivals = arrivalsOf(actions, { next });
    const deliveries = deliveriesOf(actions, arrivals, circumstances, { next });
    const reviews = Array.from({ length: Math.floor(next() * 6) }, () => ({
      seconds: Math.floor(next() * 6000),
      process: Math.floor(next() * 3),
      crashAt: circumstances.hasCrashes && next() > 0.5 ? 1 + Math.floor(next() * 12) : undefined,
    }));
    const delays = rolls.map((roll) => Math.floor(roll * 12));
    return { actions, arrivals, deliveries, reviews, delays, isLossy: circumstances.isLossy };
  });

interface Draft {
  readonly isDeletion: boolean;
  readonly digest: number;
  readonly isTagged: boolean;
  readonly gap: number;
}

/** Only pushed images are deleted, and a digest is left alone for a while after each action on it. */
function actionsOf(drafts: readonly Draft[]): Action[] {
  const actions: Action[] = [];
  let seconds = 0;
  for (const { isDeletion, digest: number, isTagged, gap } of drafts) {
    const digest = digests[number] ?? d1;
    const last = actions.findLast((action) => action.digest === digest);
    if (isDeletion && last?.kind !== 'push') continue;
    seconds = Math.max(seconds + gap, (last?.seconds ?? -20) + 20);
    const tag = isDeletion || !isTagged ? undefined : 'v1';
    actions.push({ kind: isDeletion ? 'delete' : 'push', digest, tag, seconds });
  }
  return actions;
}

/** Every action reaches every region, before the next action on the same digest. */
function arrivalsOf(actions: readonly Action[], { next }: Roll): Arrival[] {
  return actions.flatMap(({ digest, seconds }, action) => {
    const nextOne = actions.find((other, index) => index > action && other.digest === digest);
    const longest = Math.min(300, (nextOne?.seconds ?? Number.POSITIVE_INFINITY) - seconds - 1);
    return regions.map((region) => {
      const delay = region === home ? 0 : 1 + Math.floor(next() * (longest - 1));
      return { action, region, seconds: seconds + delay };
    });
  });
}

function deliveriesOf(
  actions: readonly Action[],
  arrivals: readonly Arrival[],
  circumstances: Circumstances,
  { next }: Roll,
): Delivery[] {
  const { copyTime, ways, isReportedWithoutRegion, isLossy, hasCrashes, heldBack } = circumstances;
  return arrivals.flatMap(({ action: index, region, seconds }) => {
    const action = actions[index];
    if (action === undefined) return [];
    const isHome = region === home;
    const time = action.kind === 'push' && copyTime === 'push' ? action.seconds : seconds;
    const usedWays = ways === 'both' ? (['webhook', 'event'] as const) : [ways];
    const notifications = usedWays
      // A native webhook is sent once.
      .filter((way) => isHome || !isLossy || way === 'event' || next() > 0.3)
      .map((way) => notificationOf(action, region, time, way));
    if (isHome && isReportedWithoutRegion)
      notifications.push(notificationOf(action, undefined, action.seconds, 'event'));
    return notifications.flatMap((notification) => {
      const times = next() > 0.7 ? 2 : 1;
      return Array.from({ length: times }, () => {
        const usual = next() > 0.8 ? next() * 3000 : next() * 20;
        const lag = index === heldBack ? 1000 + usual : usual;
        const isSentAgain = isHome || !isLossy || next() > 0.5;
        const process = Math.floor(next() * 3);
        const crashAt = hasCrashes && next() > 0.7 ? 1 + Math.floor(next() * 5) : undefined;
        return { notification, seconds: seconds + lag, process, crashAt, isSentAgain };
      });
    });
  });
}

function notificationOf(
  { kind, digest, tag }: Action,
  region: Region | undefined,
  seconds: number,
  evidence: 'webhook' | 'event',
): Notification {
  const image = idOf(digest);
  const time = new Date(at(seconds));
  return kind === 'delete'
    ? { kind, image, region, at: time }
    : { kind, image, tag, region, at: time, evidence, sizeBytes: 524 };
}
