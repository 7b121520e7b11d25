import { describe, expect, it } from 'vitest';
import { tagName } from '../../src/routing/ownership-tag.ts';
import { alive, failing, replicaIn } from './fixtures.ts';
import { World } from './world.ts';

const regions = ['eastus', 'westus', 'uksouth'];

/** westus is about to be switched off: it has been bad twice. */
async function beforeSwitchingOff(): Promise<World> {
  const world = new World(regions);
  world.reachability.set('westus', failing);
  await world.review(2);
  return world;
}

/** westus is about to be switched on again: evenkeel switched it off, it is healthy again, and its hold-down is over. */
async function beforeSwitchingOn(): Promise<World> {
  const world = await beforeSwitchingOff();
  await world.review();
  world.reachability.set('westus', alive);
  await world.review(9);
  return world;
}

/** A run whose process ends at one of its calls, before or after the call takes effect: nothing follows. */
async function crashAt(
  world: World,
  call: number | string,
  moment: 'before' | 'after',
): Promise<'crashed' | 'ended'> {
  const crashed = Promise.withResolvers<'crashed'>();
  const never = new Promise<void>(() => {});
  let calls = 0;
  let isDead = false;
  world.around = (name, now) => {
    if (now === 'before') calls += 1;
    const isHere = typeof call === 'string' ? name === call : calls >= call;
    if (now === moment && isHere) isDead = true;
    if (!isDead) return;
    crashed.resolve('crashed');
    return never;
  };
  const result = await Promise.race([world.run().then(() => 'ended' as const), crashed.promise]);
  world.around = () => {};
  return result;
}

const switches = [
  ['off', beforeSwitchingOff, { routing: 'disabled', disabledByUs: true }, 'flagged'],
  ['on', beforeSwitchingOn, { routing: 'enabled', disabledByUs: false }, 'cleared'],
] as const;
const moments = ['before', 'after'] as const;

describe.each(switches)('a run that crashes while it switches a replica %s', (_, prepare, end, signalled) => {
  it.each(moments)('%s any of its calls is completed by the next runs', async (moment) => {
    let result: 'crashed' | 'ended' = 'crashed';
    let call = 0;
    while (result === 'crashed') {
      call += 1;
      const world = await prepare();
      const patches = world.patches.length;
      result = await crashAt(world, call, moment);
      world.minutes += 1;
      await world.review(4);
      const westus = replicaIn(world.state, 'westus');
      expect(westus, `crash at call ${call}`).toMatchObject({
        ...end,
        reversals: 0,
        intent: { outcome: 'done' },
      });
      expect(world.patches.length - patches, `crash at call ${call}`).toBe(1);
      expect(tagName in (world.replicas.get('westus')?.tags ?? {})).toBe(end.disabledByUs);
      // What was published twice has the same id.
      const ids = world.published.filter(({ type }) => type.endsWith(signalled)).map(({ id }) => id);
      expect(new Set(ids).size, `crash at call ${call}`).toBe(1);
    }
    expect(call).toBeGreaterThan(12);
  });
});

/** Small and well distributed; https://en.wikipedia.org/wiki/Xorshift */
function randomFrom(seed: number): () => number {
  let state = seed * 2_654_435_761 + 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Runs at the same time, whose calls take effect in an order that the seed decides. */
async function overlap(world: World, runs: number, seed: number): Promise<string[]> {
  const random = randomFrom(seed);
  const waiting: (() => void)[] = [];
  world.around = (_, moment) =>
    moment === 'before' ? new Promise<void>((resolve) => waiting.push(resolve)) : undefined;
  let isOver = false;
  const all = Promise.all(Array.from({ length: runs }, () => world.run())).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    waiting.splice(Math.floor(random() * waiting.length), 1)[0]?.();
  }
  world.around = () => {};
  world.minutes += 1;
  return (await all).map(({ result }) => result);
}

describe.each(switches)('runs that overlap while a replica is to be switched %s', (_, prepare, end) => {
  it('act once, whatever the order of their calls', async () => {
    const results = new Set<string>();
    for (let seed = 1; seed <= 60; seed++) {
      const world = await prepare();
      const patches = world.patches.length;
      for (const result of await overlap(world, 2 + (seed % 2), seed)) results.add(result);
      expect(world.patches.length - patches, `seed ${seed}`).toBe(1);
      await world.review(2);
      expect(replicaIn(world.state, 'westus'), `seed ${seed}`).toMatchObject({ ...end, reversals: 0 });
      expect(world.patches.length - patches, `seed ${seed}`).toBe(1);
    }
    expect([...results].toSorted()).toEqual(['lostRace', 'reviewed']);
  });
});

describe('a change that a run sends long after its deadline', () => {
  it('is recognized as ours when it takes effect, although it was given up', async () => {
    const world = await beforeSwitchingOff();
    await crashAt(world, 'set routing', 'before');
    const { intent } = replicaIn(world.state, 'westus');
    if (intent === undefined) throw new Error('nothing was planned');
    world.minutes += 1;
    const { rules } = world;
    world.rules = { ...rules, mode: 'flag' };
    await world.review();
    expect(replicaIn(world.state, 'westus')).toMatchObject({ intent: { outcome: 'notSent' } });
    world.rules = rules;
    world.reachability.set('westus', alive);
    world.apply({ name: 'westus', enabled: false, tags: { [tagName]: `disabled@${intent.at}` } });
    await world.review();
    expect(replicaIn(world.state, 'westus')).toMatchObject({
      disabledByUs: true,
      intent: { outcome: 'done' },
    });
    // It costs what it would have cost in time.
    expect(world.state?.recentChanges).toEqual([intent.at]);
    await world.review(10);
    expect(world.routed()).toEqual(regions);
  });
});
