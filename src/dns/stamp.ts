import { type Metadata, metadataValue } from './record-set.ts';

/** Record set metadata: when evenkeel wrote an A record set, ISO 8601 in UTC. */
export const stampKey = 'evenkeelStamp';

/** An invocation's longest life, with room for clocks that differ: until then it may still write. */
export const inFlightMs = 120_000;

/** The longest life of an invocation that may write a PTR record set after it read the stamp. */
const invocationMs = 25_000;
/** The most by which the clocks of two instances may differ. */
const clockAllowanceMs = 35_000;
/** A stamp that is younger still makes a removal ask for a re-check when a PTR is written at the invocation's end. */
const freshMs = inFlightMs - invocationMs - clockAllowanceMs;

/** When evenkeel last wrote an A record set; `undefined` when nothing readable says so. */
export function stampOf(metadata: Metadata): Date | undefined {
  const stamp = new Date(metadataValue(metadata, stampKey) ?? Number.NaN);
  return Number.isNaN(stamp.getTime()) ? undefined : stamp;
}

/**
 * Whether a PTR record set may be written without stamping A anew. A PTR that can never be written would otherwise
 * rewrite A at each event.
 *
 * | age of the stamp, in s | fresh |
 * |------------------------|-------|
 * | unreadable             | no    |
 * | more than 60           | no    |
 * | -35 to 60              | yes   |
 * | less than -35          | no: no clock is that wrong |
 */
export function isStampFresh(metadata: Metadata, now: Date): boolean {
  const stamp = stampOf(metadata);
  if (stamp === undefined) return false;
  const ageMs = now.getTime() - stamp.getTime();
  return ageMs <= freshMs && ageMs >= -clockAllowanceMs;
}

/** Whether some invocation may still be about to write a PTR record set for this A; an unreadable stamp may be young. */
export function mayBeInFlight(metadata: Metadata, now: Date): boolean {
  const stamp = stampOf(metadata);
  return stamp === undefined || now.getTime() - stamp.getTime() < inFlightMs;
}
