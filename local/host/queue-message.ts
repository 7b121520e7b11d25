import type { TypedData } from './core-types.ts';
import type { QueueSettings } from './host-json.ts';
import type { Firing } from './invoker.ts';

/** A message as Queue storage hands it out. */
export interface QueueMessage {
  readonly messageId: string;
  readonly popReceipt: string;
  readonly messageText: string;
  /** 1 at its first delivery. */
  readonly dequeueCount: number;
  readonly insertedOn: Date;
  readonly expiresOn: Date;
  readonly nextVisibleOn: Date;
}

/** The text that a sender meant, or undefined when it is not encoded as host.json says. */
export function decodeMessage(text: string, encoding: QueueSettings['messageEncoding']): string | undefined {
  if (encoding === 'none') return text;
  // Node.js skips what is not base64, and would decode any text to something.
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  return Buffer.from(text, 'base64').toString('utf8');
}

/** Milliseconds before the queue is asked again, after so many empty answers in a row. */
export const pollingDelayMs = (emptyAnswers: number, maxMs: number): number =>
  Math.min(100 * 2 ** Math.min(emptyAnswers, 30), maxMs);

export function queueFiring(queueName: string, message: QueueMessage, text: string): Firing {
  const { messageId, dequeueCount, insertedOn } = message;
  return {
    reason: `New queue message detected on '${queueName}'.`,
    details: `MessageId: ${messageId}, DequeueCount: ${dequeueCount}, InsertionTime: ${insertedOn.toISOString()}`,
    input: { string: text },
    triggerMetadata: {
      QueueTrigger: { string: text },
      Id: json(messageId),
      DequeueCount: json(dequeueCount),
      InsertionTime: json(insertedOn),
      ExpirationTime: json(message.expiresOn),
      NextVisibleTime: json(message.nextVisibleOn),
      PopReceipt: json(message.popReceipt),
    },
  };
}

const json = (value: unknown): TypedData => ({ json: JSON.stringify(value) });
