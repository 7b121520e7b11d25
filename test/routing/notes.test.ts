import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { boundedHearsay, notesOf, throttledTimes } from '../../src/routing/notes.ts';
import { alive, minute, minuteText, throttled } from './fixtures.ts';
import { World } from './world.ts';

describe('the notes of a replica', () => {
  const unhealthy = { state: 'Unavailable', summary: 'we are looking into it', since: minuteText(0) };

  it.each([
    ['nothing', {}, {}, []],
    [
      'what Azure says of the registry, since when and why',
      {},
      { availability: unhealthy },
      [`Azure Resource Health calls the registry Unavailable since ${minuteText(0)}: we are looking into it`],
    ],
    [
      'that Azure sees nothing, which explains a fault on our side',
      {},
      { availability: { ...unhealthy, state: 'Available' } },
      ['Azure Resource Health calls the registry Available'],
    ],
    ['not that Azure does not know', {}, { availability: { state: 'Unknown' } }, []],
    [
      'throttling',
      { throttledAt: [minuteText(1), minuteText(2)] },
      {},
      [`it throttled evenkeel (429) in 2 reviews of the last hour, the last at ${minuteText(2)}`],
    ],
    [
      'where the login server leads',
      {},
      { route: ['x.trafficmanager.net', 'r1.westus.cloudapp.azure.com'] },
      ['the global login server leads evenkeel to r1.westus.cloudapp.azure.com'],
    ],
  ])('tell %s', (_, replica, registry, expected) => {
    expect(notesOf(replica, registry)).toEqual(expected);
  });

  it('count the throttled reviews of an hour, also those whose pull was throttled, and no more than are needed', () => {
    const pull = { kind: 'throttled', retryAfterMs: 1 } as const;
    let times: string[] | undefined;
    for (let at = 0; at < 30; at += 1)
      times = throttledTimes(times, { reachability: alive, pull }, minute(at));
    expect(times).toHaveLength(20);
    expect(notesOf({ throttledAt: times }, {})[0]).toContain('20 or more reviews');
    expect(throttledTimes(times, { reachability: alive }, minute(80))).toHaveLength(9);
    expect(throttledTimes(times, { reachability: alive }, minute(95))).toBeUndefined();
    expect(throttledTimes(undefined, { reachability: throttled }, minute(0))).toEqual([minuteText(0)]);
  });
});

describe('what others tell of a registry', () => {
  const regions = ['eastus', 'westus', 'uksouth'];

  it('is clipped as it is stored, and left out where it was not told', () => {
    expect(boundedHearsay({})).toEqual({ availability: undefined, route: undefined });
    const since = minuteText(0);
    const long = 'x'.repeat(999);
    const told = boundedHearsay({
      availability: { state: long, summary: long, since },
      route: [long, 'short'],
    });
    expect(told.availability).toMatchObject({ since });
    expect([told.availability?.state, told.availability?.summary, ...(told.route ?? [])]).toEqual(
      [40, 400, 253].map((length) => `${'x'.repeat(length - 1)}…`).concat('short'),
    );
  });

  it('is stored and told with a flag, and raises none', async () => {
    const world = new World(regions);
    world.availability = { state: 'Unavailable', summary: undefined, since: undefined };
    world.route = ['r1.westus.cloudapp.azure.com'];
    await world.review(10);
    expect(world.state?.replicas.filter(({ verdict }) => verdict.flagged)).toEqual([]);
    expect(world.state).toMatchObject({ availability: { state: 'Unavailable' }, route: world.route });
    world.reachability.set('westus', { kind: 'failing', reason: '503', latencyMs: 1 });
    await world.review(3);
    expect(world.published[0]).toMatchObject({
      type: 'evenkeel.replica.flagged',
      data: {
        notes: [
          'Azure Resource Health calls the registry Unavailable',
          'the global login server leads evenkeel to r1.westus.cloudapp.azure.com',
        ],
      },
    });
  });

  it('is waited for as long as the review has, and four seconds at most', async () => {
    for (const [runMs, expected] of [
      [40_000, 4_000],
      [2_000, 2_000],
    ] as const) {
      const world = new World(regions);
      const left: number[] = [];
      world.ports.hearsay.availability = async (_, deadline) => void left.push(deadline.remainingMs());
      await world.runAlone(runMs);
      expect(left).toHaveLength(1);
      expect(left[0]).toBeLessThanOrEqual(expected);
    }
  });

  it('is not asked for under a login server that is not known', async () => {
    const world = new World(regions);
    world.ports.loginServers.of = async () => undefined;
    const asked: string[] = [];
    world.around = (call) => void asked.push(call);
    await world.runAlone();
    expect(asked).toContain('availability');
    expect(asked).not.toContain('route');
  });

  it('holds up no review, and is missing where it does not come', async () => {
    const world = new World(regions);
    world.ports.hearsay.availability = () => Promise.reject(new Error('refused'));
    world.ports.hearsay.route = () => new Promise(() => {});
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const run = world.runAlone(2_000);
    await vi.advanceTimersByTimeAsync(2_000);
    const { state } = await run;
    expect(state.replicas).toHaveLength(3);
    expect(state.availability).toBeUndefined();
    expect(state.route).toBeUndefined();
  });
});
