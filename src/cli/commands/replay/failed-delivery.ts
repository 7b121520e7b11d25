import pLimit from 'p-limit';
import type { DeadLetterBlob, DeadLetterStore, PoisonMessage } from '../../../azure/storage/dead-letters.ts';
import { parseRequeueMessage } from '../../../dns/requeue.ts';
import { type DeadLetter, type EventFunction, parseDeadLetters, targetFunction } from './dead-letter.ts';

/** What a function never handled: a blob of dead letters, or a poison message. */
export interface FailedDelivery {
  readonly source:
    | { readonly kind: 'deadLetter'; readonly blob: string }
    | { readonly kind: 'poison'; readonly id: string };
  readonly functionName: EventFunction | 'resumeDns' | undefined;
  /** Why the delivery failed, in one word. */
  readonly reason: string;
  readonly detail: string;
  /** The container groups or images that it is about; none where it is unreadable. */
  readonly subjects: readonly string[];
  readonly failedAt: Date;
  readonly replayedAt: string | undefined;
  /** The events to send again; none where they cannot be sent. */
  readonly deadLetters: readonly DeadLetter[];
}

/** Which failed deliveries to send. */
export interface Selection {
  /** Only those of this function. */
  readonly functionName: FailedDelivery['functionName'];
  /** Whether to include those that were sent before. */
  readonly again: boolean;
}

/** Part of the JSON output. */
export type DeliveryState = 'waiting' | 'sent before' | 'not chosen' | 'cannot be sent';

/**
 * | failed delivery                                        | state            |
 * |--------------------------------------------------------|------------------|
 * | unreadable, or for no function                         | `cannot be sent` |
 * | for another function than the selected one             | `not chosen`     |
 * | for `trackIpDrift`, and no function is selected: a late observation is worthless | `not chosen` |
 * | marked as sent, without `again`                        | `sent before`    |
 * | any other                                              | `waiting`        |
 */
export function stateOf(delivery: FailedDelivery, { functionName, again }: Selection): DeliveryState {
  const isSendable =
    delivery.functionName === 'resumeDns' ? delivery.subjects.length > 0 : delivery.deadLetters.length > 0;
  if (delivery.functionName === undefined || !isSendable) return 'cannot be sent';
  const isSelected =
    functionName === undefined
      ? delivery.functionName !== 'trackIpDrift'
      : delivery.functionName === functionName;
  if (!isSelected) return 'not chosen';
  return delivery.replayedAt !== undefined && !again ? 'sent before' : 'waiting';
}

const concurrency = 8;

/** Reads the dead letters that were written at `since` or later. */
export async function readDeadLetters(
  store: DeadLetterStore,
  since: Date | undefined,
): Promise<FailedDelivery[]> {
  const limit = pLimit(concurrency);
  const reads: Promise<FailedDelivery>[] = [];
  for await (const blob of store.list()) {
    if (since !== undefined && blob.writtenAt < since) continue;
    reads.push(limit(async () => failedBlob(blob, parseDeadLetters(await store.read(blob.name)))));
  }
  return Promise.all(reads);
}

function failedBlob(
  { name, writtenAt, replayedAt }: DeadLetterBlob,
  deadLetters: readonly DeadLetter[] = [],
): FailedDelivery {
  const [first] = deadLetters;
  // The name begins with the event subscription in upper case. All its events are of the same function.
  const [subscription = ''] = name.split(/\/\d{4}\//);
  return {
    source: { kind: 'deadLetter', blob: name },
    functionName: first && targetFunction(first.type, subscription),
    reason: first?.reason ?? 'unreadable',
    detail: first?.outcome ?? 'not written by Event Grid',
    subjects: deadLetters.map(({ subject }) => subject),
    failedAt: writtenAt,
    replayedAt,
    deadLetters,
  };
}

export function failedMessage(
  { id, text, insertedOn }: PoisonMessage,
  replayedAt: string | undefined,
): FailedDelivery {
  const message = parseRequeueMessage(text);
  return {
    source: { kind: 'poison', id },
    functionName: 'resumeDns',
    reason: 'poison',
    detail: message === undefined ? 'names no container group' : 'failed too often',
    subjects: message === undefined ? [] : [message.group.key],
    failedAt: insertedOn,
    replayedAt,
    deadLetters: [],
  };
}
