import QuickLRU from 'quick-lru';

/**
 * Decides whether to try to publish again after a failure.
 *
 * | failures                                          | then                                                     |
 * |---------------------------------------------------|----------------------------------------------------------|
 * | of one image                                      | it waits 10 s, 20 s, and so on up to an hour; no other waits |
 * | of three attempts in a row, whosesoever they are  | the topic is down: all wait 10 s, and then one is tried  |
 * | and that one fails too                            | all wait twice as long, up to a minute                   |
 * | none any more                                     | nobody waits                                             |
 */
interface PublishPauses {
  /** Whether an image's signals may be tried now. */
  mayTry(image: string, nowMs: number): boolean;
  failed(image: string, nowMs: number): void;
  succeeded(image: string): void;
  /** A review tries all the same, except what failed more than once. */
  resume(): void;
}

const firstPauseMs = 10_000;
const longestImagePauseMs = 60 * 60 * 1000;
const longestTopicPauseMs = 60_000;
/** So many failures in a row are not the fault of what was sent. */
const failuresOfTopic = 3;
/** Images whose signals fail at the same time; those that are forgotten are tried sooner than they need to be. */
const keptImages = 5_000;

interface Pause {
  readonly failures: number;
  readonly untilMs: number;
}

export function publishPauses(): PublishPauses {
  const images = new QuickLRU<string, Pause>({ maxSize: keptImages });
  let inARow = 0;
  let topicUntilMs = 0;
  const topicPauseMs = () => Math.min(firstPauseMs * 2 ** (inARow - failuresOfTopic), longestTopicPauseMs);
  return {
    mayTry(image, nowMs) {
      if (nowMs < (images.get(image)?.untilMs ?? 0)) return false;
      if (inARow < failuresOfTopic) return true;
      if (nowMs < topicUntilMs) return false;
      // The others wait for what becomes of this one.
      topicUntilMs = nowMs + topicPauseMs();
      return true;
    },
    failed(image, nowMs) {
      inARow += 1;
      topicUntilMs = nowMs + topicPauseMs();
      const failures = (images.get(image)?.failures ?? 0) + 1;
      const pauseMs = Math.min(firstPauseMs * 2 ** (failures - 1), longestImagePauseMs);
      images.set(image, { failures, untilMs: nowMs + pauseMs });
    },
    succeeded(image) {
      inARow = 0;
      images.delete(image);
    },
    resume() {
      inARow = 0;
      for (const [image, pause] of [...images]) {
        if (pause.failures === 1) images.set(image, { ...pause, untilMs: 0 });
      }
    },
  };
}
