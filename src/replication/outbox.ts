import type { Log } from '../log.ts';
import type { SignalPublisher } from '../signals/signal.ts';
import { StateChangedError } from '../state-errors.ts';
import type { ImageStore } from './image-store.ts';
import type { StoredImage } from './ports.ts';

/** Publishes the verdicts that images carry, and marks them as published. */
export interface Outbox {
  /**
   * Leaves the verdicts where they are when the topic does not take them: whoever comes by next tries again, under
   * the same ids. Never throws for that.
   */
  flush(stored: StoredImage, log: Log): Promise<void>;
}

interface OutboxOptions {
  readonly store: ImageStore;
  readonly publisher: SignalPublisher;
  readonly now: () => Date;
  /** After a failure, so long nothing is tried; webhooks must not queue up behind a topic that is out of order. */
  readonly pauseMs: number;
}

const maxRounds = 10;

export function outbox({ store, publisher, now, pauseMs }: OutboxOptions): Outbox {
  let pausedUntilMs = 0;
  return {
    async flush(stored, log) {
      const { outbox: pending, id } = stored.image;
      if (pending.length === 0 || now().getTime() < pausedUntilMs) return;
      try {
        await publisher.publish(pending);
      } catch (error) {
        pausedUntilMs = now().getTime() + pauseMs;
        const detail = error instanceof Error ? error.message : String(error);
        log.warn('signal held back', { ...id, signals: pending.length, reason: detail });
        return;
      }
      await markPublished(store, stored, new Set(pending.map((signal) => signal.id)));
    },
  };
}

/** A mark that is lost has the signals published once more, under the same ids. */
async function markPublished(
  store: ImageStore,
  published: StoredImage,
  ids: ReadonlySet<string>,
): Promise<void> {
  let stored: StoredImage | undefined = published;
  for (let round = 0; round < maxRounds && stored !== undefined; round += 1) {
    const { image }: StoredImage = stored;
    const left = image.outbox.filter(({ id }) => !ids.has(id));
    if (left.length === image.outbox.length) return;
    try {
      await store.write(stored, { ...image, outbox: left });
      return;
    } catch (error) {
      if (!(error instanceof StateChangedError)) throw error;
      stored = await store.read(image.id);
    }
  }
}
