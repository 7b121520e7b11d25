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
