import { describe, expect, it } from 'vitest';
import { StateChangedError, StateUnavailableError } from '../../src/lib/errors.ts';
import { endRehearsal, rehearse } from '../../src/routing/rehearse.ts';
import { noDeadline } from '../replication/fixtures.ts';
import { failing, hourMs, minuteText } from './fixtures.ts';
import { World } from './world.ts';

const wish = { forMs: hourMs, by: 'ada', reason: null };
const newWorld = () =>
  new World(['eastus', 'westus', 'westeurope'], { minimumRoutable: 2 }, { clear: 1, mode: 'enforce' });

const ask = (world: World, region = 'westus', what: typeof wish | 'whatIf' = wish) =>
  rehearse(
    { registry: world.registry, region },
    what === 'whatIf' ? undefined : what,
    world.rules,
    world.ports,
    noDeadline,
  );
const end = (world: World, region = 'westus') =>
  endRehearsal({ registry: world.registry, region }, world.ports, noDeadline);

describe('a rehearsal that is asked for', () => {
  it('is switched off by the next review, and on again when it was ended and the hold-down is over', async () => {
    const world = newWorld();
    await world.review();
    expect(await ask(world)).toMatchObject({ rehearsal: { replica: 'westus', until: minuteText(61) } });
    expect(world.routed()).toHaveLength(3);
    await world.review();
    expect(world.routed()).toEqual(['eastus', 'westeurope']);
    expect(await end(world)).toMatchObject({ replica: 'westus', by: 'ada' });
    await world.review(12);
    expect(world.routed()).toHaveLength(3);
    expect(world.patches.map(({ enabled }) => enabled)).toEqual([false, true]);
    expect(await end(world)).toBeUndefined();
  });

  it('is held to what Azure shows now, not to what the last review saw', async () => {
    const world = newWorld();
    await world.review();
    const before = world.stored;
    world.reachability.set('eastus', failing);
    const { check, rehearsal } = await ask(world);
    expect(check).toMatchObject({ refusedBy: ['minimumRoutable'] });
    expect(rehearsal).toBeUndefined();
    expect(world.stored).toEqual(before);
  });

  it('is stored for no region without a replica', async () => {
    const world = newWorld();
    expect(await ask(world, 'brazilsouth')).toEqual({ check: { kind: 'noReplica' }, rehearsal: undefined });
    expect(world.stored).toBeUndefined();
  });

  it('is stored before the first review too, and begun by it', async () => {
    const world = newWorld();
    await ask(world);
    await world.review();
    expect(world.routed()).toEqual(['eastus', 'westeurope']);
  });

  it('what if: writes nothing', async () => {
    const world = newWorld();
    await world.review();
    const before = world.stored;
    expect(await ask(world, 'westus', 'whatIf')).toMatchObject({ check: { refusedBy: [] } });
    expect(world.stored).toEqual(before);
  });

  it('of two at once that exclude each other only one is accepted', async () => {
    const world = newWorld();
    await world.review();
    const answers = await Promise.all([ask(world, 'westus'), ask(world, 'eastus')]);
    expect(answers.filter(({ rehearsal }) => rehearsal !== undefined)).toHaveLength(1);
    expect(world.state?.rehearsals).toHaveLength(1);
  });

  it('gives up when somebody else always writes first', async () => {
    const world = newWorld();
    await world.review();
    world.around = (call, moment) => {
      if (call === 'write state' && moment === 'before') throw new StateChangedError('a write');
    };
    await expect(ask(world)).rejects.toThrow(StateChangedError);
  });
});

describe('the end of a rehearsal', () => {
  const rehearsed = async () => {
    const world = newWorld();
    await world.review();
    await ask(world);
    return world;
  };
  /** Every write fails in this way, before or after it takes effect; returns how many there were. */
  const failWrites = (world: World, error: Error) => {
    const writes = { count: 0 };
    world.around = (call, moment) => {
      if (call !== 'write state' || moment !== 'before') return;
      writes.count += 1;
      throw error;
    };
    return writes;
  };

  it('writes nothing where there is none', async () => {
    const world = await rehearsed();
    const before = world.stored;
    expect(await end(world, 'eastus')).toBeUndefined();
    expect(world.stored).toBe(before);
  });

  it('is tried again when a review wrote meanwhile, and takes nothing away from it', async () => {
    const world = await rehearsed();
    world.around = async (call, moment) => {
      if (call !== 'write state' || moment !== 'before') return;
      world.around = () => {};
      await world.review();
    };
    expect(await end(world)).toMatchObject({ replica: 'westus' });
    expect(world.state).toMatchObject({ rehearsals: [], reviewedAt: minuteText(1) });
  });

  it('is known although its answer is lost, and the write that is repeated is refused for it', async () => {
    const world = await rehearsed();
    world.around = (call, moment) => {
      if (call === 'write state' && moment === 'after') throw new StateChangedError('a write');
    };
    expect(await end(world)).toMatchObject({ replica: 'westus' });
    expect(world.state).toMatchObject({ rehearsals: [] });
  });

  it('gives up when somebody else always writes first', async () => {
    const world = await rehearsed();
    const writes = failWrites(world, new StateChangedError('a write'));
    await expect(end(world)).rejects.toThrow(StateChangedError);
    expect(writes.count).toBe(8);
  });

  it.each([
    ['it', end],
    ['a request', ask],
    ['a review', (world: World) => world.run()],
  ])('where storage fails, %s fails at once', async (_, act) => {
    const world = await rehearsed();
    const writes = failWrites(world, new StateUnavailableError('a write', 1, {}));
    await expect(act(world)).rejects.toThrow(StateUnavailableError);
    expect(writes.count).toBe(1);
  });
});

/** The calls of a review that changes a replica and publishes. */
const calls = 18;

describe('a review beside a request', () => {
  it.each(['before', 'after'] as const)(
    'loses neither its own work nor the request, whichever of its calls the request comes %s',
    async (when) => {
      const interrupted = new Set<string>();
      for (let at = 0; at < calls; at += 1) {
        const world = newWorld();
        await world.review();
        await ask(world);
        let count = 0;
        world.around = async (call, moment) => {
          if (moment !== when || count++ !== at) return;
          world.around = () => {};
          interrupted.add(call);
          await ask(world, 'westus', { forMs: 2 * hourMs, by: 'bob', reason: null });
        };
        expect((await world.run()).result).toBe('reviewed');
        expect(world.routed()).toEqual(['eastus', 'westeurope']);
        expect(world.state).toMatchObject({
          outbox: [],
          rehearsals: [{ until: minuteText(121), by: 'bob' }],
        });
        expect(world.published.map(({ type }) => type)).toEqual(['evenkeel.replica.flagged']);
        expect(world.state?.replicas.find(({ name }) => name === 'westus')).toMatchObject({
          intent: { outcome: 'done' },
          disabledByUs: true,
        });
      }
      expect([...interrupted]).toEqual(expect.arrayContaining(['write state', 'set routing', 'publish']));
    },
  );

  it('is the first one, and takes the request over', async () => {
    const world = newWorld();
    world.around = async (call, moment) => {
      if (call !== 'write state' || moment !== 'before') return;
      world.around = () => {};
      await ask(world);
    };
    expect((await world.run()).result).toBe('reviewed');
    expect(world.state?.rehearsals).toMatchObject([{ replica: 'westus', by: 'ada' }]);
  });

  it.each<[string, (world: World) => unknown]>([
    ['another first review', (world) => world.run()],
    [
      'something that cannot be read',
      (world) => {
        world.stored = { text: 'garbage', etag: 'other' };
      },
    ],
  ])('is the first one, and stops when %s was written first', async (_, write) => {
    const world = newWorld();
    world.around = async (call, moment) => {
      if (call !== 'write state' || moment !== 'before') return;
      world.around = () => {};
      await write(world);
    };
    expect((await world.run()).result).toBe('lostRace');
  });

  it('stops when the state was deleted meanwhile, and when somebody always writes first', async () => {
    for (const deletes of [true, false]) {
      const world = newWorld();
      await world.review();
      let writes = 0;
      world.around = (call, moment) => {
        if (call !== 'write state' || moment !== 'before') return;
        writes += 1;
        if (deletes) world.stored = undefined;
        else throw new StateChangedError('a write');
      };
      expect((await world.run()).result).toBe('lostRace');
      expect(writes).toBe(deletes ? 1 : 8);
    }
  });

  it('still stops when another review wrote first', async () => {
    const world = newWorld();
    await world.review();
    world.around = async (call, moment) => {
      if (call !== 'write state' || moment !== 'before') return;
      world.around = () => {};
      world.minutes += 1;
      await world.run();
    };
    expect((await world.run()).result).toBe('lostRace');
  });
});
