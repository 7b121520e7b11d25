import { EventEmitter } from 'node:events';
import { type ImageId, imageKey } from './image.ts';

/** Wakes those who wait in this process when it changes an image. Changes by other processes are found by reading. */
export interface ImageChanges {
  notify(id: ImageId): void;
  /** Resolves at the next change of any image of the repository, or when the signal aborts. */
  next(registry: string, repository: string, signal: AbortSignal): Promise<void>;
}

export function imageChanges(): ImageChanges {
  const emitter = new EventEmitter().setMaxListeners(0);
  const eventOf = (registry: string, repository: string) => imageKey({ registry, repository, digest: '' });
  return {
    notify: ({ registry, repository }) => void emitter.emit(eventOf(registry, repository)),
    next: (registry, repository, signal) =>
      new Promise((resolve) => {
        const event = eventOf(registry, repository);
        const done = () => {
          emitter.off(event, done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        if (signal.aborted) return resolve();
        emitter.once(event, done);
        signal.addEventListener('abort', done);
      }),
  };
}
