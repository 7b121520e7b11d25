import { describe, expect, it } from 'vitest';
import type { Ablation } from './ablation.ts';
import { clockAllowanceMs, lifeMs } from './clocks.ts';
import { explore } from './explore.ts';
import { longSeconds } from './long.ts';
import { reportCounterexample } from './report.ts';
import { type Budget, budget, type Scenario } from './scenario.ts';
import { maps, policies, scenarios, silentReverse, stamps, tags, twins } from './scenarios.ts';

/**
 * Each part of the protocol, and the smallest setting in which its absence shows. It is large where that takes thousands of
 * states, and left to the long form.
 */
const table: readonly (readonly [what: string, Ablation, Scenario, Budget, size?: 'large'])[] = [
  ['the memory of A', { forgets: true }, scenarios.twoMoves, budget(1, { crashes: 1 })],
  ['the second look after a removal', { staleConfirmation: 'afterRemoval' }, scenarios.recreation, budget(2)],
  ['the second look after a write', { staleConfirmation: 'afterWrite' }, scenarios.moveAndBack, budget(2)],
  [
    'the re-check of a removal',
    { dropsRechecks: 'all' },
    scenarios.creationAndDeletion,
    budget(2, { crashes: 1 }),
  ],
  [
    'the stamp before a PTR that alone is wrong',
    { skipsStamps: true },
    scenarios.deletionOnRepair,
    budget(2, { crashes: 1 }),
  ],
  [
    'the addresses in the re-check of a removal',
    { dropsAddresses: 'own' },
    scenarios.creationAndDeletion,
    budget(2, { crashes: 1 }),
  ],
  [
    'the addresses in the re-check of a former owner',
    { dropsAddresses: 'others' },
    twins.twinGone,
    budget(1, { crashes: 1 }),
  ],
  [
    'the allowance for clocks in the age of a fresh stamp',
    { freshForLongerMs: clockAllowanceMs },
    stamps.deletionOnOlder,
    budget(2, { crashes: 1, wrongClocks: 1 }),
  ],
  [
    'the allowance for the life of an invocation in the age of a fresh stamp',
    { freshForLongerMs: lifeMs },
    stamps.deletionOnOlder,
    budget(2, { crashes: 1, wrongClocks: 1 }),
  ],
  [
    'clocks that differ by no more than is allowed, but by a second more',
    { clocksDifferByMs: clockAllowanceMs + 1_000 },
    stamps.deletionOnFresh,
    budget(2, { ticks: 1, crashes: 1, wrongClocks: 1 }),
    'large',
  ],
  [
    'the clock that is read before the PTR record sets',
    { readsClockLate: true },
    stamps.deletionOnFresh,
    budget(2, { ticks: 2, slowAnswers: 1, wrongClocks: 1 }),
    'large',
  ],
  [
    'the A record set that stays as long as a PTR is unread',
    { takesUnreadForAbsent: 'whenGone' },
    scenarios.deletion,
    budget(1, { reverseFailures: 1 }),
  ],
  ['forward that never waits for reverse', { waitsForReverse: true }, silentReverse.silentMoves, budget(1)],
  [
    'the condition of creating A',
    { unconditional: 'create A' },
    scenarios.creationAndMoves,
    budget(2, { crashes: 1 }),
    'large',
  ],
  [
    'the condition of updating A',
    { unconditional: 'update A' },
    scenarios.threeMoves,
    budget(2, { crashes: 1 }),
    'large',
  ],
  [
    'the condition of deleting A',
    { unconditional: 'delete A' },
    scenarios.moveAndDeletion,
    budget(2, { crashes: 1 }),
  ],
  [
    'the condition of creating a PTR',
    { unconditional: 'create PTR' },
    scenarios.handOverToNew,
    budget(2),
    'large',
  ],
  [
    'the condition of updating a PTR',
    { unconditional: 'update PTR' },
    scenarios.handOverTwice,
    budget(2),
    'large',
  ],
  [
    'the condition of deleting a PTR',
    { unconditional: 'delete PTR' },
    scenarios.handOverByDeletion,
    budget(2),
  ],
  [
    'the look at the tag after A',
    { keepsFirstTags: true },
    tags.tagChangeInForward,
    budget(2, { crashes: 1, sweeps: 1 }),
  ],
  [
    'the order of PTR before a misplaced A',
    { removesMisplacedAFirst: true },
    tags.tagDeletion,
    budget(1, { crashes: 1, reverseFailures: 1, sweeps: 1 }),
  ],
  [
    'the misplaced A record set that stays as long as a PTR is unread',
    { takesUnreadForAbsent: 'always' },
    maps.mapZoneWithOld,
    budget(1, { reverseFailures: 2, sweeps: 1 }),
  ],
  [
    'the record sets in the message of a throttled removal',
    { dropsRecordSets: true },
    tags.tagDeletion,
    budget(1, { reverseFailures: 1, sweeps: 1 }),
  ],
  [
    'the re-check of a misplaced removal',
    { dropsRechecks: 'ofMisplaced' },
    tags.tagMoveAndDeletion,
    budget(2, { crashes: 1, sweeps: 1 }),
    'large',
  ],
  ['a policy that takes nothing away', { ignoresPolicy: true }, policies.upsertDeletion, budget(1)],
  ['a policy that takes no name out of a PTR', { ignoresPolicy: true }, policies.upsertHandOver, budget(2)],
  ['a policy that writes nothing', { ignoresPolicy: true }, policies.observeMoves, budget(1)],
];

const rows = table
  .filter(([, , , , size]) => size !== 'large' || longSeconds !== undefined)
  .map(([what, ablation, scenario, limits]) => [what, ablation, scenario, limits] as const);

describe('some schedule ends wrong without', () => {
  it.each(rows)(
    '%s',
    async (what, ablation, scenario, limits) => {
      const exploration = await explore(scenario, limits, { ablation });
      reportCounterexample(`without ${what}, ${scenario.name}`, exploration, longSeconds !== undefined);
      expect(exploration.counterexample?.schedule.length).toBeGreaterThan(0);
    },
    60_000,
  );
});
