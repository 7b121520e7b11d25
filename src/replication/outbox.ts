import type { Log } from '../lib/log.ts';
import type { SignalPublisher } from '../signals/signal.ts';
import type { Image } from './image.ts';
import type { StoredImage } from './ledger.ts';
import { type ImageStore, updateWithRetry } from './store.ts';

/** Publishes the verdicts that images carry, and marks them as published. */
export interface Outbox {
  /**
   * Leaves the verdicts where they are when the topic does not take them: whoever comes by next tries again, under
   * the same ids.
   * @returns the image as it is then.
   */
  flush(stored: StoredImage, log: Log): Promise<StoredImage>;
  /** Has the next flush try, whatever failed a moment ago. */
  resume(): void;
}

interface OutboxOptions {
  readonly store: ImageStore;
  readonly publisher: SignalPublisher;
  readonly now: () => Date;
  /** After a failure, so long nothing is tried; webhooks must not queue up behind a topic that is out of order. */
  readonly pauseMs: number;
  /** Hears how old the oldest of some signals was when they were published. */
  readonly onPublished: (ageMs: number) => void;
}

export function topicOutbox({ store, publisher, now, pauseMs, onPublished }: OutboxOptions): Outbox {
  let pausedUntilMs = 0;
  return {
    async flush(stored, log) {
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
      return (await updateWithRetry(store, stored, withoutPublished(ids))) ?? stored;
    },
    resume() {
      pausedUntilMs = 0;
    },
  };
}

/** A mark that is lost has the signals published once more, under the same ids. */
const withoutPublished =
  (ids: ReadonlySet<string>) =>
  (image: Image): Image => {
    const left = image.outbox.filter(({ id }) => !ids.has(id));
    return left.length === image.outbox.length ? image : { ...image, outbox: left };
  };
