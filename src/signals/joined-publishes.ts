import type { Signal, SignalPublisher } from './signal.ts';

interface Batch extends PromiseWithResolvers<void> {
  readonly signals: Signal[];
}

/**
 * Publishes at once when nothing is under way. What comes meanwhile waits and is published together, so that a burst
 * costs a few calls to the topic instead of one for each signal.
 *
 * When a call fails, so does what waited for it, untried: behind a topic that is out of order nobody waits twice.
 */
export function joinedPublishes({ publish }: SignalPublisher): SignalPublisher {
  let isUnderWay = false;
  let waiting: Batch | undefined;

  function begin(signals: readonly Signal[]): Promise<void> {
    isUnderWay = true;
    const call = publish(signals);
    const end = (): Batch | undefined => {
      isUnderWay = false;
      const next = waiting;
      waiting = undefined;
      return next;
    };
    call.then(
      () => {
        const next = end();
        next?.resolve(begin(next.signals));
      },
      (error: unknown) => end()?.reject(error),
    );
    return call;
  }

  return {
    publish(signals) {
      if (!isUnderWay) return begin(signals);
      waiting ??= { signals: [], ...Promise.withResolvers<void>() };
      waiting.signals.push(...signals);
      return waiting.promise;
    },
  };
}
