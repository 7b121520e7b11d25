/** The facts that a log line carries beside its message. They never include event claims, tokens or secrets. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Each entry has a constant message, which can be searched for, and the facts of the occurrence as fields. */
export interface Log {
  info(message: string, fields: LogFields): void;
  warn(message: string, fields: LogFields): void;
  error(message: string, fields: LogFields): void;
}

/** The part of an `InvocationContext` that writes log lines. */
interface LineWriter {
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
}

/** Writes each entry as one line, `message {json}`, which both people and queries can read. */
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
