/** What a log line may carry beside its constant message. Never event claims, tokens or secrets. */
export type LogFields = Readonly<Record<string, unknown>>;

/** A constant message that can be searched for, and the facts of this occurrence as fields. */
export interface Log {
  info(message: string, fields: LogFields): void;
  warn(message: string, fields: LogFields): void;
  error(message: string, fields: LogFields): void;
}

/** The part of an `InvocationContext` that lines are written to. */
interface LineWriter {
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
}

/** One line an entry, `message {json}`, so that both a person and a query can read it. */
export function lineLog(writer: LineWriter): Log {
  const line = (message: string, fields: LogFields) => `${message} ${JSON.stringify(fields)}`;
  return {
    info: (message, fields) => writer.info(line(message, fields)),
    warn: (message, fields) => writer.warn(line(message, fields)),
    error: (message, fields) => writer.error(line(message, fields)),
  };
}

/**
 * One line for an invocation that fails. An error that says `isNotReady` tells of no fault: what it waits for takes its
 * time, and the event comes again.
 * @returns the reason, as {@link failureReason} names it.
 */
export function logFailure(job: string, error: unknown, facts: LogFields, log: Log): string {
  const reason = failureReason(error);
  const { message, cause } = asError(error);
  if (reason === notReady) {
    log.info(`${job} has to wait`, { ...facts, reason, detail: message });
    return reason;
  }
  const why = cause instanceof Error ? { cause: cause.message } : {};
  log.error(`${job} failed`, { ...facts, reason, detail: message, ...why });
  return reason;
}

const notReady = 'notReady';

/** The error's name, or `notReady`. */
export const failureReason = (error: unknown): string =>
  error instanceof Error && 'isNotReady' in error && error.isNotReady === true
    ? notReady
    : asError(error).name;

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
