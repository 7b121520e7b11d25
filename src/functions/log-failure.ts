import { LiveStateUnknownError } from '../dns/errors.ts';
import type { Log, LogFields } from '../lib/log.ts';

/**
 * One line for an invocation that fails. A group that is still being created is no fault: its event comes again.
 * @returns the reason.
 */
export function logFailure(job: string, error: unknown, facts: LogFields, log: Log): string {
  if (error instanceof LiveStateUnknownError && error.isNotReady) {
    log.info(`${job} has to wait`, { ...facts, reason: 'notReady', detail: error.message });
    return 'notReady';
  }
  const { name, message, cause } = error instanceof Error ? error : new Error(String(error));
  const why = cause instanceof Error ? { cause: cause.message } : {};
  log.error(`${job} failed`, { ...facts, reason: name, detail: message, ...why });
  return name;
}
