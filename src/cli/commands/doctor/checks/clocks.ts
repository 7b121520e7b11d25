import { type Check, type Finding, Skip } from '../check.ts';

interface ClockFacts {
  /** How far a clock is ahead of this machine's, in ms; `undefined` where it cannot be read. */
  readonly appMs: number | undefined;
  readonly armMs: number | undefined;
}

/** Far above what networks and headers without milliseconds explain, far below the two minutes that evenkeel allows. */
const toleranceMs = 30_000;

/** The clocks of the app, of Azure and of this machine agree. */
export const clocksCheck: Check<ClockFacts> = {
  name: 'clocks',
  title: 'Clocks',
  async read({ status, arm, now, deadline }) {
    const reading = await status();
    const appMs =
      reading.kind === 'answered'
        ? aheadMs(new Date(reading.status.now), reading.askedAt, reading.answeredAt)
        : undefined;
    const askedAt = now();
    const time = await (await arm()).time(deadline);
    // Resource Manager cuts the time to the second.
    const armMs = time && aheadMs(new Date(time.getTime() + 500), askedAt, now());
    if (appMs === undefined && armMs === undefined) return new Skip('no clock can be read');
    return { appMs, armMs };
  },
  evaluate({ appMs, armMs }) {
    const isWrong = (ms: number | undefined) => ms !== undefined && Math.abs(ms) > toleranceMs;
    if (appMs !== undefined && armMs !== undefined && isWrong(appMs - armMs)) {
      return [appFinding(appMs - armMs, "Azure's")];
    }
    if (armMs === undefined && isWrong(appMs)) return [appFinding(appMs ?? 0, "this machine's")];
    return isWrong(armMs) ? [machineFinding(armMs ?? 0)] : [];
  },
};

/** Compared with the middle of the call: the answer was made at some moment of it. */
function aheadMs(theirs: Date, askedAt: Date, answeredAt: Date): number | undefined {
  const ms = theirs.getTime() - (askedAt.getTime() + answeredAt.getTime()) / 2;
  return Number.isNaN(ms) ? undefined : ms;
}

const appFinding = (aheadMs: number, reference: string): Finding => ({
  severity: 'error',
  what: `the app's clock is ${differenceText(aheadMs)} ${reference}`,
  why: 'the ages of ownership metadata, images and reviews are wrong by that much',
  fix: 'restart the app; on a machine of your own, synchronize the clock by NTP',
});

const machineFinding = (azureAheadMs: number): Finding => ({
  severity: 'warning',
  what: `this machine's clock is ${differenceText(-azureAheadMs)} Azure's`,
  why: 'signing in may fail, and "evenkeel reconcile" would write wrong times into ownership metadata',
  fix: 'synchronize the clock of this machine by NTP',
});

const differenceText = (aheadMs: number): string =>
  `${Math.round(Math.abs(aheadMs) / 1000)} s ${aheadMs > 0 ? 'ahead of' : 'behind'}`;
