/** An invocation lives for so long; then it does nothing any more, as after a crash. */
export const lifeMs = 25_000;

/** What passes at once while invocations run. An invocation outlives one such step, by a second. */
export const tickMs = 24_000;

/** The most by which the clocks of two instances may differ. */
export const clockAllowanceMs = 35_000;
