import { describe, expect, it } from 'vitest';
import { StateChangedError } from '../../src/lib/errors.ts';
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
