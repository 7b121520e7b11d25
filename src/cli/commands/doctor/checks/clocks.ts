import { type Check, Skip } from '../check.ts';
import type { Finding } from '../finding.ts';

interface ClockFacts {
  /** How far a clock is ahead of ours, in ms; `undefined` where it cannot be read. */
  readonly appMs: number | undefined;
  readonly armMs: number | undefined;
}

/** Far above what networks and headers without milliseconds explain, far below what evenkeel allows for (two minutes). */
const toleranceMs = 30_000;

/** Which of three clocks is wrong: of the app, of Azure, and of this machine. */
export const clocksCheck: Check<ClockFacts> = {
  name: 'clocks',
  title: 'Clocks',
  async read({ status, arm, now, deadline }) {
    const reading = await status();
    const app =
      reading.kind === 'answered'
        ? aheadMs(new Date(reading.status.now), reading.askedAt, reading.answeredAt)
        : undefined;
    const askedAt = now();
    const time = await (await arm()).time(deadline);
    // It was cut to the second.
    const azure = time && aheadMs(new Date(time.getTime() + 500), askedAt, now());
    if (app === undefined && azure === undefined) return new Skip('no clock can be read');
    return { appMs: app, armMs: azure };
  },
  judge({ appMs, armMs }) {
    const isOff = (ms: number | undefined) => ms !== undefined && Math.abs(ms) > toleranceMs;
    if (appMs !== undefined && armMs !== undefined && isOff(appMs - armMs)) {
      return [appFinding(appMs - armMs, "Azure's")];
    }
    if (armMs === undefined && isOff(appMs)) return [appFinding(appMs ?? 0, "this machine's")];
    return isOff(armMs) ? [ownFinding(armMs ?? 0)] : [];
  },
};

/** Against the middle of the call; the answer was made at some moment of it. */
function aheadMs(theirs: Date, askedAt: Date, answeredAt: Date): number | undefined {
  const ms = theirs.getTime() - (askedAt.getTime() + answeredAt.getTime()) / 2;
  return Number.isNaN(ms) ? undefined : ms;
}

const appFinding = (aheadMs: number, of: string): Finding => ({
  severity: 'error',
  what: `the app's clock is ${distance(aheadMs)} ${of}`,
  why: 'the ages of marks on records, of images and of reviews are wrong by that',
  fix: 'restart the app; where it hosts itself, have its machine keep time by NTP',
});

const ownFinding = (azureAheadMs: number): Finding => ({
  severity: 'warning',
  what: `this machine's clock is ${distance(-azureAheadMs)} Azure's`,
  why: 'sign-in may fail, and "evenkeel reconcile" would write marks with wrong times',
  fix: 'have this machine keep time by NTP',
});

const distance = (aheadMs: number): string =>
  `${Math.round(Math.abs(aheadMs) / 1000)} s ${aheadMs > 0 ? 'ahead of' : 'behind'}`;
