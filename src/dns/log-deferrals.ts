import type { Log } from '../log.ts';
import type { Deferrals } from './ports.ts';

/** Without a queue, a line says what should be looked at again, and when; the next event of the group does it too. */
export const logDeferrals = (log: Log): Deferrals => ({
  defer: async (group, addresses, delayMs) =>
    log.warn('re-check not queued', { containerGroup: group.key, addresses, dueInMs: delayMs }),
});
