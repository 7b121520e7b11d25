import fc from 'fast-check';
import type { Region } from '../../../src/registries/replica.ts';
import type { Notification } from '../../../src/replication/notification.ts';
import { at, d1, d2, d3, idOf } from '../fixtures.ts';
import type { Conditions } from './conditions.ts';
import type { Pulls } from './pulls.ts';

/** The region where everything is pushed; its notifications are never lost. */
export const home: Region = 'eastus';
/** A region whose replica may be removed. */
export const leaving: Region = 'westus';
/** The regions that have a replica from the beginning. */
export const regions: readonly Region[] = [home, 'westeurope', leaving];
/** A region that may get a replica later. */
export const coming: Region = 'northeurope';
const digests = [d1, d2, d3];
export const tags = ['v1', 'v2'];

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
  /** Whether it came with the seeding of a replica, of which no notification tells. */
  readonly isSilent: boolean;
}

/** Some time, in seconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Some time in which Resource Manager says the wrong thing of a region. */
export interface Lie extends Span {
  readonly region: Region;
}

/** What becomes of the replicas, and what Resource Manager tells of them. Times are in seconds. */
export interface Replicas {
  /** When the replica of the region {@link coming} is created, and when it is seeded; `undefined`: it never comes. */
  readonly added: { readonly seconds: number; readonly readySeconds: number } | undefined;
  /** When the replica of the region {@link leaving} is removed. */
  readonly removedSeconds: number | undefined;
  /** The list leaves a region out. */
  readonly listLies: readonly Lie[];
  /** The replica of a region is not found by its id. */
  readonly idLies: readonly Lie[];
  /** A region syncs again, which was ready before. */
  readonly resyncs: readonly Lie[];
}

/** Two looks this far apart confirm an absence. */
export const gapSeconds = 30;

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
  readonly replicas: Replicas;
  /** `undefined`: nobody asks for pulls, and endpoints are asked only when notifications are lost. */
  readonly pulls?: Pulls;
  /** `undefined`: clocks agree, every answer of storage arrives, and the settings stay. */
  readonly conditions?: Conditions;
}

interface Roll {
  /** Returns a number from 0 up to and without 1. Numbers decide what happens, so that smaller ones make simpler histories. */
  readonly next: () => number;
}

const kinds = { copyTime: ['push', 'own'], ways: ['webhook', 'event', 'both'] } as const;

export interface Circumstances {
  /** Whose time the notification of a copy carries: that of the push or deletion at home, or its own. */
  readonly copyTime: (typeof kinds.copyTime)[number];
  readonly ways: (typeof kinds.ways)[number];
  /** Whether an event without a region reports every push too. */
  readonly isReportedWithoutRegion: boolean;
  readonly isLossy: boolean;
  readonly hasCrashes: boolean;
  /** The action whose notifications all arrive late, as after an outage. */
  readonly heldBack: number | undefined;
}

export const someActions: fc.Arbitrary<readonly Draft[]> = fc.array(
  fc.record({
    isDeletion: fc.nat(3).map((roll) => roll === 3),
    digest: fc.nat(digests.length - 1),
    tag: fc.nat(6).map((roll) => (roll < 4 ? 'v1' : roll < 6 ? 'v2' : undefined)),
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

const someTime = fc.integer({ min: 0, max: 4000 });
const aLie = (region: Region, longest: number): fc.Arbitrary<Lie> =>
  fc.tuple(someTime, fc.integer({ min: 1, max: longest })).map(([from, seconds]) => ({
    region,
    from,
    to: from + seconds,
  }));
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });

const someReplicas: fc.Arbitrary<Replicas> = fc
  .record({
    added: maybe(fc.tuple(someTime, fc.integer({ min: 100, max: 2000 }))),
    removedSeconds: maybe(someTime),
    listLies: fc.array(
      fc.constantFrom('westeurope', leaving, coming).chain((region) => aLie(region, 1500)),
      { maxLength: 2 },
    ),
    blink: maybe(aLie('westeurope', gapSeconds - 5)),
    idLies: fc.array(aLie('westeurope', 500), { maxLength: 1 }),
    resyncs: fc.array(aLie('westeurope', 1500), { maxLength: 1 }),
  })
  .map(({ added, blink, ...rest }) => {
    const blinks = blink === undefined ? [] : [blink];
    // What both the list and the read by id say for long enough is believed.
    const idLies = rest.idLies.filter((lie) => !rest.listLies.some((other) => overlaps(lie, other)));
    return {
      ...rest,
      added: added && { seconds: added[0], readySeconds: added[0] + added[1] },
      listLies: [...rest.listLies, ...blinks],
      idLies: [...idLies, ...blinks].filter(
        (lie, index, all) => !all.slice(0, index).some((one) => overlaps(one, lie)),
      ),
    };
  });

const overlaps = (a: Lie, b: Lie): boolean =>
  a.region === b.region && a.from <= b.to + gapSeconds && b.from <= a.to + gapSeconds;

export const historyOf = (actions: fc.Arbitrary<readonly Draft[]>): fc.Arbitrary<History> =>
  fc
    .tuple(
      actions,
      someCircumstances,
      someReplicas,
      fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 40, maxLength: 120 }),
    )
    .map(([drafts, circumstances, replicas, rolls]) => {
      let index = 0;
      const next = () => rolls[index++ % rolls.length] ?? 0;
      const actions = actionsOf(drafts);
      const arrivals = arrivalsOf(actions, replicas, { next });
      const deliveries = deliveriesOf(actions, arrivals, circumstances, { next });
      const reviewAt = (seconds: number): Review => ({
        seconds,
        process: Math.floor(next() * 3),
        crashAt: circumstances.hasCrashes && next() > 0.5 ? 1 + Math.floor(next() * 12) : undefined,
      });
      const reviews = [
        ...Array.from({ length: Math.floor(next() * 6) }, () => reviewAt(Math.floor(next() * 6000))),
        // Lies that nobody hears mean nothing.
        ...replicas.idLies.flatMap(({ from, to }) => [from, to - 1].map(reviewAt)),
      ];
      const delays = rolls.map((roll) => Math.floor(roll * 12));
      return { actions, arrivals, deliveries, reviews, delays, isLossy: circumstances.isLossy, replicas };
    });

export const aHistory: fc.Arbitrary<History> = historyOf(someActions);

/** Gaps in which a copy may come after the deletion that follows its push. */
const aShortGap = fc.constantFrom(60, 25, 150, 400);

/** Two digests take turns at a tag, and are deleted and pushed again while copies and deletions still travel. */
export const aHistoryOfDeletions: fc.Arbitrary<History> = historyOf(
  fc
    .array(
      fc.record({
        isDeletion: fc.boolean(),
        digest: fc.nat(3).map((roll) => (roll < 3 ? 0 : 1)),
        tag: fc.nat(3).map((roll) => (roll < 3 ? 'v1' : 'v2')),
        gap: aShortGap,
      }),
      { minLength: 2, maxLength: 6 },
    )
    .map((drafts) => [{ isDeletion: false, digest: 0, tag: 'v1', gap: 5 }, ...drafts]),
);

interface Draft {
  readonly isDeletion: boolean;
  readonly digest: number;
  readonly tag: string | undefined;
  readonly gap: number;
}

/** Only pushed images are deleted, and a digest is left alone for a while after each action on it. */
function actionsOf(drafts: readonly Draft[]): Action[] {
  const actions: Action[] = [];
  let seconds = 0;
  for (const { isDeletion, digest: number, tag: pushed, gap } of drafts) {
    const digest = digests[number] ?? d1;
    const last = actions.findLast((action) => action.digest === digest);
    if (isDeletion && last?.kind !== 'push') continue;
    seconds = Math.max(seconds + gap, (last?.seconds ?? -20) + 20);
    const tag = isDeletion ? undefined : pushed;
    actions.push({ kind: isDeletion ? 'delete' : 'push', digest, tag, seconds });
  }
  return actions;
}

/**
 * Every action reaches every region that has a replica. Each region takes the actions on a digest in their order, but a
 * deletion may still be travelling when the digest is pushed again.
 */
function arrivalsOf(
  actions: readonly Action[],
  { added, removedSeconds }: Replicas,
  { next }: Roll,
): Arrival[] {
  const arrivals: Arrival[] = [];
  for (const region of [...regions, ...(added === undefined ? [] : [coming])]) {
    const last = new Map<string, number>();
    for (const [action, { kind, digest, seconds }] of actions.entries()) {
      const nextOne = actions.find((other, index) => index > action && other.digest === digest);
      const untilAgain = nextOne?.kind === 'push' ? nextOne.seconds - seconds - 1 : 300;
      const longest = kind === 'delete' ? 300 : Math.min(300, untilAgain);
      const delay = region === home ? 0 : 1 + Math.floor(next() * Math.max(1, longest - 1));
      const isSeeded = region === coming && added !== undefined && seconds < added.seconds;
      const usual = isSeeded ? Math.max(seconds, added.readySeconds - 1) : seconds + delay;
      const arrival = Math.max(usual, (last.get(digest) ?? -2) + 1);
      last.set(digest, arrival);
      // What was deleted at home before it came to a new replica came with the seeding.
      const isOvertaken = kind === 'push' && arrival >= (nextOne?.seconds ?? Number.POSITIVE_INFINITY);
      const isSilent = isSeeded || (region === coming && isOvertaken);
      const isThere = region !== leaving || removedSeconds === undefined || arrival < removedSeconds;
      if (isThere) arrivals.push({ action, region, seconds: arrival, isSilent });
    }
  }
  return arrivals;
}

function deliveriesOf(
  actions: readonly Action[],
  arrivals: readonly Arrival[],
  circumstances: Circumstances,
  { next }: Roll,
): Delivery[] {
  const { copyTime, ways, isReportedWithoutRegion, isLossy, hasCrashes, heldBack } = circumstances;
  return arrivals.flatMap(({ action: index, region, seconds, isSilent }) => {
    const action = actions[index];
    if (action === undefined || isSilent) return [];
    const isHome = region === home;
    const time = copyTime === 'push' ? action.seconds : seconds;
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
