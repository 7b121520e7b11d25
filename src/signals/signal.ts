import { createHash } from 'node:crypto';

/** An outgoing CloudEvent. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md */
export interface Signal {
  /** The same fact always has the same id, so that a consumer can drop repeats. */
  readonly id: string;
  readonly type: `evenkeel.${string}`;
  /** The ARM id of the container group or registry that it is about. */
  readonly source: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Signals are published at least once: a publisher that fails has them published again. */
export interface SignalPublisher {
  publish(signals: readonly Signal[]): Promise<void>;
}

/** An id that depends on what is told and on nothing else; `facts` have to tell one occurrence from the next. */
export const signalId = (type: string, facts: readonly string[]): string =>
  createHash('sha256')
    .update(JSON.stringify([type, ...facts]))
    .digest('hex')
    .slice(0, 32);

/** Signals that did not reach the topic; they are published again when the work that led to them is repeated. */
export class SignalError extends Error {
  override readonly name = 'SignalError';
  constructor(count: number, options: ErrorOptions) {
    super(`${count} signal(s) could not be published: check SIGNAL_TOPIC__topicEndpointUri`, options);
  }
}
