import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RegisteredFunction } from '../../../local/host/function-app.ts';
import type { Firing, Outcome } from '../../../local/host/invoker.ts';
import { startTimers, type Timers } from '../../../local/host/timers.ts';

const succeeded: Outcome = { succeeded: true, response: {} };

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-21T10:00:00.000Z') });
});
let timers: Timers | undefined;
afterEach(() => {
  timers?.stop();
  vi.useRealTimers();
});

function aTimer(schedule: string, options: { runOnStartup?: boolean } = {}): RegisteredFunction {
  const trigger = { type: 'timerTrigger', direction: 'in', schedule, ...options } as const;
  const metadata = { name: 'tick', bindings: { timer: trigger } };
  return { name: 'tick', metadata, trigger, triggerName: 'timer', callback: () => {} };
}

function start(
  target: RegisteredFunction,
  { env = {}, run = async () => {} }: { env?: NodeJS.ProcessEnv; run?: () => Promise<void> } = {},
): { firings: Firing[]; times: string[]; lines: string[] } {
  const firings: Firing[] = [];
  const times: string[] = [];
  const lines: string[] = [];
  timers = startTimers({
    functions: [target],
    env,
    now: () => new Date(),
    log: { write: (_level, message) => lines.push(message) },
    invoker: {
      async fire(_target, firing) {
        firings.push(firing);
        times.push(new Date().toISOString().slice(11, 19));
        await run();
        return succeeded;
      },
    },
  });
  return { firings, times, lines };
}

const statusOf = (firing: Firing | undefined): unknown =>
  firing === undefined || firing.input instanceof Error ? null : JSON.parse(firing.input.json ?? 'null');

describe('a timer', () => {
  it.each([
    ['*/20 * * * * *', ['10:00:20', '10:00:40', '10:01:00']],
    ['30 * * * * *', ['10:00:30', '10:01:30', '10:02:30']],
    ['0 */15 * * * *', ['10:15:00', '10:30:00', '10:45:00']],
    ['*/5 * * * *', ['10:05:00', '10:10:00', '10:15:00']],
    ['0 0 11 * * SAT,SUN', ['11:00:00']],
    ['00:00:45', ['10:00:45', '10:01:30', '10:02:15']],
    ['1.00:00:00', ['10:00:00']],
  ])('on %s fires at %j', async (schedule, expected) => {
    const { times } = start(aTimer(schedule));
    while (times.length < expected.length) await vi.advanceTimersToNextTimerAsync();
    expect(times).toEqual(expected);
  });

  it.each([
    ['a Monday that is no first of the month', '2026-11-29T23:59:50Z', []],
    ['a first of the month that is no Monday', '2026-11-30T23:59:50Z', []],
    ['a first of the month on a Monday', '2027-01-31T23:59:50Z', ['00:00:00']],
  ])('asks for both the day of the month and the day of the week: %s', async (_day, now, expected) => {
    vi.setSystemTime(new Date(now));
    const { times } = start(aTimer('0 0 0 1 * MON'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(times).toEqual(expected);
  });

  it('takes its schedule from a setting', async () => {
    const { times } = start(aTimer('%WHEN%'), { env: { WHEN: '*/10 * * * * *' } });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(times).toEqual(['10:00:10']);
  });

  it('never runs twice at once: it misses the turns that come while it runs', async () => {
    const ending = Promise.withResolvers<void>();
    const { times } = start(aTimer('*/10 * * * * *'), { run: () => ending.promise });
    await vi.advanceTimersByTimeAsync(35_000);
    expect(times).toEqual(['10:00:10']);
    ending.resolve();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(times).toEqual(['10:00:10', '10:00:40']);
  });

  it('runs at the start too when it is told to', () => {
    expect(start(aTimer('0 0 0 * * *', { runOnStartup: true })).times).toEqual(['10:00:00']);
  });

  it.each(['*/10 * * * * *', '00:00:10'])('fires no more on %s once it is stopped', async (schedule) => {
    const { times } = start(aTimer(schedule));
    timers?.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(times).toEqual([]);
  });

  it('tells its function of the last turn and the next', async () => {
    const { firings } = start(aTimer('*/10 * * * * *'));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(statusOf(firings[1])).toEqual({
      Schedule: { AdjustForDST: true },
      ScheduleStatus: {
        Last: '2026-11-21T10:00:10.000Z',
        Next: '2026-11-21T10:00:30.000Z',
        LastUpdated: '2026-11-21T10:00:10.000Z',
      },
      IsPastDue: false,
    });
  });

  it('is past due when it wakes after a whole turn was slept through', async () => {
    const { firings } = start(aTimer('*/10 * * * * *'));
    // A machine that sleeps: its clock moves on, and no timer fires meanwhile.
    vi.setSystemTime(new Date('2026-11-21T10:00:25.000Z'));
    await vi.advanceTimersToNextTimerAsync();
    expect(statusOf(firings[0])).toMatchObject({ IsPastDue: true });
  });
});

describe('a schedule', () => {
  it.each([
    ['soon', '"soon" is no NCRONTAB expression'],
    ['0 0 0 L * *', '"0 0 0 L * *" is no NCRONTAB expression'],
    ['@daily', '"@daily" is no NCRONTAB expression'],
    ['00:00:00', '"00:00:00" is no time between two runs'],
    ['61 * * * * *', '"61 * * * * *" is no NCRONTAB expression'],
    ['%NOT_SET%', '%NOT_SET% names a setting that is not there'],
  ])('like %s costs its function, with one line', (schedule, reason) => {
    const { lines } = start(aTimer(schedule, { runOnStartup: true }));
    expect(lines).toEqual([expect.stringContaining(reason)]);
    expect(lines[0]).toContain("'tick' has no timer");
  });
});
