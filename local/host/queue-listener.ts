import { setTimeout as sleep } from 'node:timers/promises';
import type { QueueClient } from '@azure/storage-queue';
import type { QueueSettings } from './host-json.ts';
import { describeError, type HostLog } from './host-log.ts';
import type { Firing, Outcome } from './invoker.ts';
import { decodeMessage, pollingDelayMs, type QueueMessage, queueFiring } from './queue-message.ts';

interface QueueListenerOptions {
  readonly queue: QueueClient;
  /** Where messages go that fail too often. */
  readonly poison: QueueClient;
  readonly settings: QueueSettings;
  /** How long a message stays hidden while its function runs; renewed at half of it. */
  readonly leaseSeconds: number;
  readonly fire: (firing: Firing) => Promise<Outcome>;
  readonly log: HostLog;
}

/**
 * Fires a function for each message of a queue, as the queue extension of the Functions runtime does: up to
 * `batchSize` at once, deleted after success, seen again after a failure, set aside after `maxDequeueCount` of them.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-trigger
 */
export class QueueListener {
  readonly #options: QueueListenerOptions;
  readonly #stopping = new AbortController();
  readonly #inHand = new Set<Promise<void>>();
  readonly #listening: Promise<void>;
  #isStorageAway = false;

  constructor(options: QueueListenerOptions) {
    this.#options = options;
    this.#listening = this.#listen();
  }

  /** Takes no further message, and resolves when the messages in hand are done. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#listening;
    await Promise.all(this.#inHand);
  }

  async #listen(): Promise<void> {
    const { settings } = this.#options;
    const { signal } = this.#stopping;
    let emptyAnswers = 0;
    while (!signal.aborted) {
      const messages = await this.#receive();
      for (const message of messages) this.#take(message);
      if (messages.length === 0) {
        const delay = pollingDelayMs(emptyAnswers++, settings.maxPollingInterval);
        // Rejects when it is told to stop, which is what ends the loop.
        await sleep(delay, undefined, { signal }).catch(() => {});
        continue;
      }
      emptyAnswers = 0;
      while (this.#inHand.size > settings.newBatchThreshold) await Promise.race(this.#inHand);
    }
  }

  /**
   * The next messages. There are none while nobody has made the queue, as the runtime does not make it either, and
   * none when the storage cannot be reached, which is logged once each time that happens.
   */
  async #receive(): Promise<readonly QueueMessage[]> {
    const { queue, settings, leaseSeconds, log } = this.#options;
    const abortSignal = this.#stopping.signal;
    try {
      const { receivedMessageItems } = await queue
        .receiveMessages({
          numberOfMessages: settings.batchSize,
          visibilityTimeout: leaseSeconds,
          abortSignal,
        })
        .catch(noneWhereMissing);
      if (this.#isStorageAway) log.write('information', `The queue '${queue.name}' can be read again.`);
      this.#isStorageAway = false;
      return receivedMessageItems;
    } catch (error) {
      if (!abortSignal.aborted && !this.#isStorageAway) {
        this.#isStorageAway = true;
        log.write(
          'error',
          `The queue '${queue.name}' cannot be read, and will be tried again: ${describeError(error)}`,
        );
      }
      return [];
    }
  }

  #take(message: QueueMessage): void {
    const { queue, log } = this.#options;
    const work = this.#process(message).catch((error: unknown) => {
      // Its lease runs out, and it comes again.
      log.write(
        'warning',
        `A message of the queue '${queue.name}' could not be settled: ${describeError(error)}`,
      );
    });
    this.#inHand.add(work);
    void work.finally(() => this.#inHand.delete(work));
  }

  async #process(message: QueueMessage): Promise<void> {
    const { queue, settings, fire, log } = this.#options;
    // A host that crashes in the middle of a message leaves no trace but the count.
    if (message.dequeueCount > settings.maxDequeueCount) return this.#setAside(message, message.popReceipt);
    const text = decodeMessage(message.messageText, settings.messageEncoding);
    if (text === undefined) {
      // The runtime's own words. It does not try such a message again either.
      log.write(
        'warning',
        `Message decoding has failed! Check MessageEncoding settings. MessageId=${message.messageId}.`,
      );
      return this.#setAside(message, message.popReceipt);
    }
    const lease = this.#keepLease(message);
    const outcome = await fire(queueFiring(queue.name, message, text));
    const popReceipt = await lease.end();
    if (outcome.succeeded) {
      await queue.deleteMessage(message.messageId, popReceipt);
    } else if (message.dequeueCount >= settings.maxDequeueCount) {
      await this.#setAside(message, popReceipt);
    } else {
      const visibleInSeconds = Math.ceil(settings.visibilityTimeout / 1000);
      await queue.updateMessage(message.messageId, popReceipt, message.messageText, visibleInSeconds);
    }
  }

  /** Renews the lease of a message. Each renewal gives a new receipt; the last one is needed to delete the message. */
  #keepLease(message: QueueMessage): { end(): Promise<string> } {
    const { queue, leaseSeconds } = this.#options;
    const ending = new AbortController();
    const renewing = (async () => {
      let { popReceipt } = message;
      while (true) {
        await sleep(leaseSeconds * 500, undefined, { signal: ending.signal }).catch(() => {});
        if (ending.signal.aborted) return popReceipt;
        // A failed renewal is repeated at the next interval; a lost lease shows when the message is deleted.
        const renewed = await queue
          .updateMessage(message.messageId, popReceipt, message.messageText, leaseSeconds)
          .catch(() => undefined);
        popReceipt = renewed?.popReceipt ?? popReceipt;
      }
    })();
    return {
      end() {
        ending.abort();
        return renewing;
      },
    };
  }

  async #setAside(message: QueueMessage, popReceipt: string): Promise<void> {
    const { queue, poison, settings, log } = this.#options;
    // The runtime's own words. The copy lives for seven days, the default of the service.
    log.write(
      'warning',
      `Message has reached MaxDequeueCount of ${settings.maxDequeueCount}. Moving message to queue '${poison.name}'.`,
    );
    await poison.createIfNotExists();
    await poison.sendMessage(message.messageText);
    await queue.deleteMessage(message.messageId, popReceipt);
  }
}

function noneWhereMissing(error: unknown): { readonly receivedMessageItems: readonly QueueMessage[] } {
  if (error instanceof Error && 'code' in error && error.code === 'QueueNotFound') {
    return { receivedMessageItems: [] };
  }
  throw error;
}
