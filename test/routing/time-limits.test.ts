import { expect, it } from 'vitest';
import { deadlineIn } from '../../src/lib/deadline.ts';
import { rehearse } from '../../src/routing/rehearse.ts';
import { endings, simulateTime } from '../support/simulated-time.ts';
import { failing, hourMs } from './fixtures.ts';
import { World } from './world.ts';

simulateTime();

/** Work in a world where one side hangs. */
interface Hanging {
  readonly what: string;
  readonly endsMs: number;
  readonly says: RegExp;
  readonly make: (world: World) => Promise<unknown>;
}

const timeMs = 100_000;
const never = new Promise<never>(() => {});

/** Has a call hang, from the given one of its kind on. */
function hang(world: World, call: string, from = 1): void {
  let calls = 0;
  world.around = (name, moment) => {
    if (name === call && moment === 'before') calls += 1;
    return name === call && calls >= from ? never : undefined;
  };
}

/** A review that switches westus off, while a call hangs. */
const reviewWithout = (call: string, from?: number) => (world: World) => {
  world.reachability.set('westus', failing);
  hang(world, call, from);
  return world.run(timeMs);
};

const rows: readonly Hanging[] = [
  {
    ...{ what: 'the login server of a review', endsMs: 20_000, says: /"result":"reviewed"/ },
    make: (world) => {
      // It gives up in the time that it is given.
      world.ports.loginServers.of = (_, { signal }) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined)));
      return world.run(timeMs);
    },
  },
  {
    ...{ what: 'the registry of a review', endsMs: 50_000, says: /"result":"reviewed"/ },
    make: reviewWithout('read registry'),
  },
  {
    // What became of it is stored in the time that is left.
    ...{
      what: 'a change of global routing',
      endsMs: 70_000,
      says: /"outcome":"uncertain","detail":"no answer in time"}\]}$/,
    },
    make: reviewWithout('set routing'),
  },
  {
    // Each replica was read once before the change, and westus once more.
    ...{
      what: 'the look at a changed replica',
      endsMs: 70_000,
      says: /"outcome":"done","detail":"done, but it could/,
    },
    make: reviewWithout('read replica', 5),
  },
  {
    ...{ what: 'the signals of a review', endsMs: timeMs, says: /^TimeoutError: / },
    make: reviewWithout('publish'),
  },
  {
    ...{ what: 'the registry of a rehearsal', endsMs: 60_000, says: /"refusedBy":\[.*"controlPlane"\]/ },
    make: (world) => {
      hang(world, 'read registry');
      const wish = { forMs: hourMs, by: 'ada', reason: null };
      return rehearse(
        { registry: world.registry, region: 'westus' },
        wish,
        world.rules,
        world.ports,
        deadlineIn(timeMs),
      );
    },
  },
];

it.each(rows)('$what may hang for $endsMs ms of 100 s', async ({ make, endsMs, says }) => {
  const regions = ['eastus', 'westus', 'westeurope'];
  const world = new World(regions, { minimumRoutable: 1 }, { raise: { bad: 1, of: 1 }, mode: 'enforce' });
  const [end] = await endings([{ work: make(world) }]);
  expect(end).toEqual({ afterMs: endsMs, outcome: expect.stringMatching(says) });
});
