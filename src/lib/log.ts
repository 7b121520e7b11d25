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
 * Logs one line for an invocation that fails. An error with `isNotReady` is no fault: what the invocation waits for
 * takes its time, and the event is delivered again.
 * @returns the reason: the name of the error, or `notReady`.
 */
export function logFailure(job: string, error: unknown, facts: LogFields, log: Log): string {
  if (error instanceof Error && 'isNotReady' in error && error.isNotReady === true) {
    log.info(`${job} has to wait`, { ...facts, reason: 'notReady', detail: error.message });
    return 'notReady';
  }
  const { name, message, cause } = error instanceof Error ? error : new Error(String(error));
  const why = cause instanceof Error ? { cause: cause.message } : {};
  log.error(`${job} failed`, { ...facts, reason: name, detail: message, ...why });
  return name;
}
