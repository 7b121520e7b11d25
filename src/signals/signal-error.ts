/** Signals that did not reach the topic; they are published again when the work that led to them is repeated. */
export class SignalError extends Error {
  override readonly name = 'SignalError';
  constructor(count: number, options: ErrorOptions) {
    super(`${count} signal(s) could not be published: check SIGNAL_TOPIC__topicEndpointUri`, options);
  }
}
