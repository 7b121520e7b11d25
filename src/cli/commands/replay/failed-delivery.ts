import pLimit from 'p-limit';
import { parseRequeueMessage } from '../../../dns/requeue.ts';
import { type DeadLetter, parseDeadLetters, type ReplayableFunction, targetFunction } from './dead-letter.ts';
import type { DeadLetterBlob, DeadLetterStore, PoisonMessage } from './ports.ts';

/** Something that a function never dealt with: a blob of dead letters, or a poison message. */
export interface FailedDelivery {
  readonly source:
    | { readonly kind: 'deadLetter'; readonly blob: string }
    | { readonly kind: 'poison'; readonly id: string };
  readonly functionName: ReplayableFunction | 'resumeDns' | undefined;
  /** What was missed, in one word each. */
  readonly reason: string;
  readonly detail: string;
  /** What it is about: a container group, an image, or nothing readable. */
  readonly subjects: readonly string[];
  readonly failedAt: Date;
  readonly replayedAt: string | undefined;
  /** To be sent again; none where it cannot be. */
  readonly deadLetters: readonly DeadLetter[];
  /** The text of a poison message. */
  readonly text: string | undefined;
}

const concurrency = 8;

/** Those that were given up at `since` or later. */
export async function readDeadLetters(
  store: DeadLetterStore,
  since: Date | undefined,
): Promise<FailedDelivery[]> {
  const limit = pLimit(concurrency);
  const reads: Promise<FailedDelivery>[] = [];
  for await (const blob of store.list()) {
    if (since !== undefined && blob.writtenAt < since) continue;
    reads.push(limit(async () => ofBlob(blob, parseDeadLetters(await store.read(blob.name)))));
  }
  return Promise.all(reads);
}

function ofBlob(
  { name, writtenAt, replayedAt }: DeadLetterBlob,
  letters: readonly DeadLetter[] | undefined,
): FailedDelivery {
  const source = { kind: 'deadLetter', blob: name } as const;
  const common = { source, failedAt: writtenAt, replayedAt, text: undefined };
  const [first] = letters ?? [];
  if (letters === undefined || first === undefined) {
    const unreadable = {
      reason: 'unreadable',
      detail: 'no dead letters of Event Grid',
      subjects: [],
      deadLetters: [],
    };
    return { ...common, ...unreadable, functionName: undefined };
  }
  // Begins with the event subscription, in upper case, whose events all are of its own types.
  const [subscription = ''] = name.split(/\/\d{4}\//);
  return {
    ...common,
    functionName: targetFunction(first.type, subscription),
    reason: first.reason,
    detail: first.outcome,
    subjects: letters.map(({ subject }) => subject),
    deadLetters: letters,
  };
}

export function failedMessage(
  { id, text, insertedOn }: PoisonMessage,
  replayedAt: string | undefined,
): FailedDelivery {
  const deferral = parseRequeueMessage(Buffer.from(text, 'base64').toString());
  return {
    source: { kind: 'poison', id },
    functionName: 'resumeDns',
    reason: 'poison',
    detail: deferral === undefined ? 'it names no container group' : 'failed too often',
    subjects: deferral === undefined ? [] : [deferral.group.key],
    failedAt: insertedOn,
    replayedAt,
    deadLetters: [],
    text,
  };
}
