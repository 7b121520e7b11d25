import { type Budget, budget, type Scenario } from './scenario.ts';
import {
  maps,
  policies,
  reverseZones,
  scenarios,
  silentReverse,
  stamps,
  tags,
  twins,
  withOtherWriter,
} from './scenarios.ts';

export interface Row {
  readonly what: string;
  readonly limits: Budget;
  /** With the number of states that has to be seen at least: about half of those that there were once. */
  readonly needs: readonly (readonly [Scenario, number])[];
}

/** What one core does in seconds; the rest is for when there is more time. */
export const rows: readonly Row[] = [
  {
    what: 'invocations that overlap',
    limits: budget(2),
    needs: [
      [scenarios.move, 4],
      [scenarios.twoMoves, 990],
      [scenarios.moveAndBack, 440],
      [scenarios.creation, 540],
      [scenarios.creationAndDeletion, 99],
      [scenarios.moveAndDeletion, 360],
      [scenarios.deletion, 4],
      [scenarios.deletionOnRepair, 230],
      [scenarios.recreation, 190],
      [scenarios.recreationElsewhere, 360],
      [scenarios.handOver, 140],
      [scenarios.handOverByDeletion, 76],
      [scenarios.handOverToNew, 4_600],
      [scenarios.handOverTwice, 8_600],
      [withOtherWriter.removedA, 23],
      [withOtherWriter.editedA, 23],
      [withOtherWriter.unmarkedA, 23],
      [withOtherWriter.removedPtr, 15],
      [withOtherWriter.editedPtr, 18],
      [withOtherWriter.deletionOfEditedA, 20],
      [withOtherWriter.recreationWithoutA, 1_600],
      [twins.twinAfter, 82],
      [twins.twinBefore, 80],
      [twins.twinGone, 1_100],
      [twins.twinGoneAtOnce, 1_200],
    ],
  },
  {
    what: 'nothing else wrong, one invocation at a time',
    limits: budget(1),
    needs: [
      [twins.twinAndBack, 540],
      [twins.twinOfNew, 370],
      [twins.threeOwners, 500],
      [twins.threeOwnersGone, 2_200],
      [maps.mapZoneWithOld, 84],
      [maps.mapZoneAndMoves, 230],
      [maps.mapZoneAndBack, 46],
      [maps.mapWithout, 160],
      [maps.mapWiderAndDeletion, 93],
      [tags.tagMapped, 100],
      [tags.optOutAndMove, 120],
      [tags.optOutOfTag, 140],
    ],
  },
  {
    what: 'two crashes, one invocation at a time',
    limits: budget(1, { crashes: 2 }),
    needs: [
      [scenarios.move, 16],
      [scenarios.twoMoves, 130],
      [scenarios.moveAndBack, 99],
      [scenarios.threeMoves, 480],
      [scenarios.creation, 90],
      [scenarios.creationAndMoves, 500],
      [scenarios.creationAndDeletion, 180],
      [scenarios.moveAndDeletion, 240],
      [scenarios.deletion, 9],
      [scenarios.deletionOnRepair, 190],
      [scenarios.recreation, 59],
      [scenarios.recreationElsewhere, 76],
      [scenarios.recreationAndMove, 420],
      [scenarios.handOver, 1_900],
      [scenarios.handOverByDeletion, 630],
      [scenarios.handOverToNew, 2_000],
      [withOtherWriter.removedA, 100],
      [withOtherWriter.editedA, 100],
      [withOtherWriter.unmarkedA, 100],
      [withOtherWriter.removedPtr, 60],
      [withOtherWriter.editedPtr, 66],
      [withOtherWriter.deletionOfEditedA, 55],
      [withOtherWriter.recreationWithoutA, 260],
      [twins.twinAfter, 980],
      [twins.twinBefore, 970],
    ],
  },
  {
    what: 'a crash, one invocation at a time',
    limits: budget(1, { crashes: 1 }),
    needs: [
      [scenarios.handOverTwice, 5_400],
      [scenarios.swap, 3_700],
      [twins.twinGone, 1_100],
      [twins.twinGoneAtOnce, 870],
    ],
  },
  {
    what: 'duplicates that overlap, and a crash',
    limits: budget(2, { duplicates: 1, crashes: 1 }),
    needs: [
      [scenarios.move, 320],
      [scenarios.deletion, 53],
      [scenarios.recreation, 3_300],
    ],
  },
  {
    what: 'invocations that overlap, and two crashes',
    limits: budget(2, { crashes: 2 }),
    needs: [
      [scenarios.creationAndDeletion, 1_400],
      [scenarios.recreation, 1_200],
      [scenarios.deletionOnRepair, 2_300],
    ],
  },
  {
    what: 'invocations that overlap, and a lost answer',
    limits: budget(2, { lostAnswers: 1 }),
    needs: [
      [scenarios.handOver, 2_600],
      [scenarios.handOverByDeletion, 970],
      [scenarios.recreationElsewhere, 4_200],
    ],
  },
  {
    what: 'invocations that overlap, a crash and a lost answer',
    limits: budget(2, { crashes: 1, lostAnswers: 1 }),
    needs: [
      [scenarios.move, 53],
      [scenarios.deletion, 29],
      [withOtherWriter.removedA, 290],
      [withOtherWriter.editedA, 290],
      [withOtherWriter.unmarkedA, 290],
      [withOtherWriter.removedPtr, 170],
      [withOtherWriter.editedPtr, 230],
      [withOtherWriter.deletionOfEditedA, 160],
    ],
  },
  {
    what: 'a failure of reverse, one invocation at a time',
    limits: budget(1, { reverseFailures: 1 }),
    needs: [
      [scenarios.move, 39],
      [scenarios.twoMoves, 340],
      [scenarios.moveAndBack, 260],
      [scenarios.creation, 200],
      [scenarios.creationAndDeletion, 190],
      [scenarios.moveAndDeletion, 380],
      [scenarios.deletion, 22],
      [scenarios.deletionOnRepair, 230],
      [scenarios.recreation, 130],
      [scenarios.recreationElsewhere, 190],
      [scenarios.handOver, 640],
      [scenarios.handOverByDeletion, 300],
      [twins.twinAfter, 310],
      [twins.twinBefore, 300],
    ],
  },
  {
    what: 'two failures of reverse, one invocation at a time',
    limits: budget(1, { reverseFailures: 2 }),
    needs: [
      [scenarios.move, 190],
      [scenarios.deletion, 75],
      [reverseZones.moveBetweenZones, 170],
      [reverseZones.moveBetweenZonesAndDeletion, 2_700],
    ],
  },
  {
    what: 'invocations that overlap, and a failure of reverse',
    limits: budget(2, { reverseFailures: 1 }),
    needs: [
      [scenarios.creationAndDeletion, 1_300],
      [scenarios.recreation, 2_300],
      [scenarios.handOverByDeletion, 1_400],
      [twins.twinAfter, 1_400],
      [twins.twinBefore, 1_400],
    ],
  },
  {
    what: 'invocations that overlap, a crash, and a reverse zone that is silent for ever',
    limits: budget(2, { crashes: 1 }),
    needs: [
      [silentReverse.silentMoves, 85],
      [silentReverse.silentRecreation, 22],
      [silentReverse.silentHandOver, 28],
      [silentReverse.silentTwin, 110],
    ],
  },
  {
    what: 'invocations that overlap, time that passes, a slow answer and clocks that differ',
    limits: budget(2, { ticks: 1, slowAnswers: 1, wrongClocks: 1 }),
    needs: [[stamps.deletionOnFresh, 7_500]],
  },
  {
    what: 'invocations that overlap, and a map that changes',
    limits: budget(2),
    needs: [
      [maps.mapZone, 620],
      [maps.mapZoneInEvent, 630],
      [maps.mapZoneAndMove, 920],
      [maps.mapZoneAndDeletion, 13],
      [maps.mapZoneOfNewAndDeletion, 310],
      [maps.mapZoneAndMoveAndDeletion, 870],
      [maps.mapZoneAndHandOver, 270],
      [maps.mapZoneAndSuccessor, 13],
      [maps.mapNarrower, 51],
      [maps.mapWider, 51],
      [maps.mapReverse, 13],
      [maps.mapNoReverse, 17],
    ],
  },
  {
    what: 'invocations that overlap, and a policy, which may change',
    limits: budget(2),
    needs: [
      [policies.upsertMoves, 310],
      [policies.upsertDeletion, 3],
      [policies.upsertRecreation, 48],
      [policies.upsertHandOver, 150],
      [policies.upsertThenSync, 570],
      [policies.upsertHandOverThenSync, 1_000],
      [policies.syncThenUpsert, 830],
      [policies.observeMoves, 10],
      [policies.observeThenSync, 400],
      [policies.syncThenObserve, 800],
    ],
  },
  {
    what: 'a crash, one invocation at a time, and a policy that changes',
    limits: budget(1, { crashes: 1 }),
    needs: [
      [policies.upsertHandOver, 310],
      [policies.upsertThenSync, 270],
      [policies.syncThenUpsert, 350],
      [policies.observeThenSync, 140],
      [policies.syncThenObserve, 340],
    ],
  },
  {
    what: 'invocations that overlap, and a tag that changes',
    limits: budget(2),
    needs: [
      [tags.tagChange, 9],
      [tags.tagChangeInEvent, 160],
      [tags.tagRemoved, 9],
      [tags.tagChangeAndBack, 230],
      [tags.tagChangeAndMove, 750],
      [tags.tagMoveAndChange, 590],
      [tags.tagOfNew, 240],
      [tags.tagDeletion, 7],
      [tags.tagMoveAndDeletion, 78],
      [tags.tagNewAndDeletion, 69],
      [tags.tagRecreation, 180],
      [tags.blueGreen, 150],
      [tags.greenFirst, 150],
      [tags.greenAfterBlue, 36],
      [tags.greenSwap, 370],
      [tags.optOut, 4],
      [tags.optOutAndIn, 190],
      [tags.optOutAndHandOver, 110],
    ],
  },
  {
    what: 'a crash and a failure of reverse, one invocation at a time, and a map or a tag that changes',
    limits: budget(1, { crashes: 1, reverseFailures: 1 }),
    needs: [
      [maps.mapZone, 800],
      [maps.mapZoneAndDeletion, 190],
      [maps.mapNarrower, 890],
      [maps.mapWider, 890],
      [tags.tagChange, 130],
      [tags.tagDeletion, 80],
      [tags.optOutAndIn, 340],
    ],
  },
  {
    what: 'invocations that overlap, and one sweep at any time',
    limits: budget(2, { sweeps: 1 }),
    needs: [
      [maps.mapZoneAndDeletion, 54],
      [maps.mapReverse, 550],
      [tags.tagDeletion, 18],
      [tags.tagNewAndDeletion, 670],
      [tags.tagMoveAndDeletion, 2_100],
    ],
  },
  {
    what: 'invocations that overlap, a crash and one sweep at any time',
    limits: budget(2, { crashes: 1, sweeps: 1 }),
    needs: [[tags.tagChangeInForward, 1_700]],
  },
];

const all = [
  ...Object.values(scenarios),
  ...Object.values(twins),
  ...Object.values(reverseZones),
  ...Object.values(withOtherWriter),
  ...Object.values(maps),
  ...Object.values(tags),
  ...Object.values(policies),
];
const silent = Object.values(silentReverse);
/** Where the age of a stamp may matter. */
const stamped = [
  ...Object.values(stamps),
  scenarios.creationAndDeletion,
  scenarios.recreation,
  scenarios.moveAndDeletion,
  twins.twinGone,
];

/** Where one sweep is enough, whatever runs beside it. An old map may write once more what a sweep had removed. */
const sweptOnce = [
  maps.mapZoneAndDeletion,
  maps.mapZoneOfNewAndDeletion,
  maps.mapZoneAndMoveAndDeletion,
  maps.mapWiderAndDeletion,
  maps.mapReverse,
  ...Object.values(tags).filter((tag) => tag !== tags.tagMapped),
];

/** So many show in a second or two what a first look at a scenario shows. */
const some = 256;
/** Where much may go wrong at once, the first steps of a schedule alone make hundreds of states. */
const many = 1_000;

export interface LongRow {
  readonly limits: Budget;
  readonly scenarios: readonly Scenario[];
  /** The number of states of each scenario that has to be seen at least, unless it has fewer: also when the time is over. */
  readonly needs: number;
}

const longRow = (limits: Budget, chosen: readonly Scenario[], needs = some): LongRow => ({
  limits,
  scenarios: chosen,
  needs,
});

/** Smaller ones first: what ends early leaves its time to those that come later. */
export const longRows: readonly LongRow[] = [
  longRow(budget(1, { reverseFailures: 2, crashes: 1 }), all),
  longRow(budget(2, { crashes: 2 }), [...all, ...silent]),
  longRow(budget(2, { ticks: 2, slowAnswers: 1, wrongClocks: 1 }), stamped),
  longRow(budget(2, { reverseFailures: 1, crashes: 1 }), all),
  longRow(budget(2, { duplicates: 1, crashes: 1 }), [...all, ...silent]),
  longRow(budget(2, { sweeps: 1 }), sweptOnce),
  longRow(budget(1, { crashes: 1, reverseFailures: 2, sweeps: 1 }), [
    tags.tagChange,
    tags.tagDeletion,
    maps.mapZoneWithOld,
  ]),
  longRow(budget(2, { crashes: 1, sweeps: 1 }), [
    tags.tagChangeInForward,
    tags.tagChangeInEvent,
    tags.tagMoveAndDeletion,
  ]),
  longRow(budget(3), all),
  longRow(budget(2, { crashes: 1, lostAnswers: 1 }), all),
  longRow(
    budget(2, { ticks: 3, slowAnswers: 2, wrongClocks: 1, reverseFailures: 1, crashes: 1 }),
    stamped,
    many,
  ),
  longRow(budget(3, { crashes: 2, lostAnswers: 1, duplicates: 1, reverseFailures: 1 }), all, many),
];
