import QuickLRU from 'quick-lru';
import { inTime, serializeByKey } from '../lib/async.ts';
import type { Deadline } from '../lib/deadline.ts';
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Signal, SignalPublisher } from '../signals/signal.ts';
import { type Image, imageKey } from './image.ts';
import type { StoredImage } from './ledger.ts';
import { publishPauses } from './publish-pauses.ts';
import { type ImageStore, updateWithRetry } from './store.ts';

/** Publishes the signals of verdicts, which images carry until they are published. */
export interface Outbox {
  /** @returns the image with the signals that this outbox will publish; an image is stored only as it is returned. */
  keep(image: Image): Image;
  /**
   * Publishes what the image carries, and removes it from the stored image. Signals that the topic does not take stay:
   * whoever flushes next tries again, under the same ids. Never throws.
   * @returns the image as it is stored then.
   */
  flush(stored: StoredImage, deadline: Deadline, log: Log): Promise<StoredImage>;
  /** Ends the pauses after single failures, so that the next flush tries again. */
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
  /** Receives the age of the oldest of some signals when they were published. */
  readonly onPublished: (ageMs: number) => void;
}

/** A failure that comes as often as this is not that of a single signal. */
const maxFailuresAlone = 2;

export function topicOutbox({ store, publisher, now, onPublished }: OutboxOptions): Outbox {
  const pauses = publishPauses();
  const serialize = serializeByKey();
  // A caller's image may be from before another flush removed them.
  const removed = new QuickLRU<string, true>({ maxSize: 2_000, maxAge: 60_000 });

  async function flush(stored: StoredImage, deadline: Deadline, log: Log): Promise<StoredImage> {
    const { id } = stored.image;
    const pending = stored.image.outbox.filter((signal) => !removed.has(signal.id));
    const key = imageKey(id);
    if (pending.length === 0 || deadline.remainingMs() <= 0) return stored;
    if (!pauses.mayTry(key, now().getTime())) return stored;
    const { published, failure } = await publish(pending, deadline);
    if (failure === undefined) pauses.succeeded(key);
    else {
      pauses.failed(key, now().getTime());
      const signals = pending.length - published.length;
      log.warn('signal held back', { ...id, signals, reason: describeError(failure) });
    }
    if (published.length === 0) return stored;
    const times = published.map(({ data }) => Date.parse(String(data['at'])));
    onPublished(Math.max(0, now().getTime() - Math.min(...times)));
    const ids = new Set(published.map((signal) => signal.id));
    try {
      const updated = await updateWithRetry(store, stored, withoutPublished(ids), deadline);
      for (const signalId of ids) removed.set(signalId, true);
      return updated ?? stored;
    } catch (error) {
      // They are published once more, under the same ids. What the image says is stored in any case.
      log.warn('signal not marked', { ...id, signals: published.length, reason: describeError(error) });
      return stored;
    }
  }

  /** Publishes signals together, or those that can be when one of them is refused. */
  async function publish(
    pending: readonly Signal[],
    deadline: Deadline,
  ): Promise<{ readonly published: readonly Signal[]; readonly failure: unknown }> {
    const send = (signals: readonly Signal[]) =>
      inTime(deadline.remainingMs(), () => publisher.publish(signals));
    let failure: unknown;
    try {
      await send(pending);
      return { published: pending, failure };
    } catch (error) {
      failure = error;
    }
    const published: Signal[] = [];
    let failures = 0;
    for (const signal of pending.length === 1 ? [] : pending) {
      try {
        await send([signal]);
        published.push(signal);
      } catch {
        failures += 1;
        if (failures >= maxFailuresAlone) break;
      }
    }
    return { published, failure: published.length === pending.length ? undefined : failure };
  }

  return {
    keep: (image) => image,
    flush(stored, deadline, log) {
      if (stored.image.outbox.length === 0) return Promise.resolve(stored);
      const key = imageKey(stored.image.id);
      return serialize(key, () => flush(stored, deadline, log));
    },
    resume: pauses.resume,
  };
}

const withoutPublished =
  (ids: ReadonlySet<string>) =>
  (image: Image): Image => {
    const left = image.outbox.filter(({ id }) => !ids.has(id));
    return left.length === image.outbox.length ? image : { ...image, outbox: left };
  };
