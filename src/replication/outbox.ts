import type { Deadline } from '../lib/deadline.ts';
import type { Log } from '../lib/log.ts';
import type { SignalPublisher } from '../signals/signal.ts';
import type { Image } from './image.ts';
import type { StoredImage } from './ledger.ts';
import { type ImageStore, updateWithRetry } from './store.ts';

/** Publishes the signals of verdicts, which images carry until they are published. */
export interface Outbox {
  /** @returns the image with the signals that this outbox will publish; an image is stored only as it is returned. */
  keep(image: Image): Image;
  /**
   * Publishes what the image carries, and removes it from the stored image. Signals that the topic does not take stay:
   * whoever flushes next tries again, under the same ids.
   * @returns the image as it is stored then.
   */
  flush(stored: StoredImage, deadline: Deadline, log: Log): Promise<StoredImage>;
  /** Ends the pause after a failure, so that the next flush tries again. */
  resume(): void;
}

/** Publishes nothing: without a topic, verdicts are only logged and stored. */
export const logOnlyOutbox: Outbox = {
  keep: (image) => ({ ...image, outbox: [] }),
  flush: async (stored) => stored,
  resume: () => {},
};

interface OutboxOptions {
  readonly store: ImageStore;
  readonly publisher: SignalPublisher;
  readonly now: () => Date;
  /** How long nothing is tried after a failure: webhooks must not queue up behind a topic that is out of order. */
  readonly pauseMs: number;
  /** Receives the age of the oldest of some signals when they were published. */
  readonly onPublished: (ageMs: number) => void;
}

export function topicOutbox({ store, publisher, now, pauseMs, onPublished }: OutboxOptions): Outbox {
  let pausedUntilMs = 0;
  return {
    keep: (image) => image,
    async flush(stored, deadline, log) {
      const { outbox: pending, id } = stored.image;
      if (pending.length === 0 || now().getTime() < pausedUntilMs) return stored;
      try {
        await publisher.publish(pending);
      } catch (error) {
        pausedUntilMs = now().getTime() + pauseMs;
        const detail = error instanceof Error ? error.message : String(error);
        log.warn('signal held back', { ...id, signals: pending.length, reason: detail });
        return stored;
      }
      const times = pending.map(({ data }) => Date.parse(String(data['at'])));
      onPublished(Math.max(0, now().getTime() - Math.min(...times)));
      const ids = new Set(pending.map((signal) => signal.id));
      // When this update is lost, the signals are published once more, under the same ids.
      return (await updateWithRetry(store, stored, withoutPublished(ids), deadline)) ?? stored;
    },
    resume() {
      pausedUntilMs = 0;
    },
  };
}

const withoutPublished =
  (ids: ReadonlySet<string>) =>
  (image: Image): Image => {
    const left = image.outbox.filter(({ id }) => !ids.has(id));
    return left.length === image.outbox.length ? image : { ...image, outbox: left };
  };
