import { createHash } from 'node:crypto';

/** An outgoing CloudEvent. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md */
export interface Signal {
  /** The same fact always has the same id, so that a consumer can drop repeats. */
  readonly id: string;
  readonly type: `evenkeel.${string}`;
  /** The ARM id of the container group or registry that the signal is about. */
  readonly source: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Publishes signals at least once: after a failure, they are published again. */
export interface SignalPublisher {
  /** @throws {SignalError} when some signals did not reach the topic. */
  publish(signals: readonly Signal[]): Promise<void>;
}

/** The id of a signal, which depends on these alone: `facts` must distinguish one occurrence from the next. */
export const signalId = (type: string, facts: readonly string[]): string =>
  createHash('sha256')
    .update(JSON.stringify([type, ...facts]))
    .digest('hex')
    .slice(0, 32);

/** Signals did not reach the topic. They are published again when the work that led to them is repeated. */
export class SignalError extends Error {
  override readonly name = 'SignalError';
  constructor(count: number, options: ErrorOptions) {
    super(`${count} signal(s) could not be published: check SIGNAL_TOPIC__topicEndpointUri`, options);
  }
}
