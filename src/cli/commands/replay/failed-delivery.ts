import pLimit from 'p-limit';
import { parseRequeueMessage } from '../../../dns/requeue.ts';
import { functionThatMissed, type Letter, parseLetters, type ReplayableFunction } from './dead-letter.ts';
import type { LetterBlob, LetterStore, PoisonMessage } from './ports.ts';

/** Something that a function never dealt with: a blob of dead letters, or a poison message. */
export interface Missed {
  readonly source:
    | { readonly kind: 'deadLetter'; readonly blob: string }
    | { readonly kind: 'poison'; readonly id: string };
  readonly functionName: ReplayableFunction | 'resumeDns' | undefined;
  /** What was missed, in one word each. */
  readonly reason: string;
  readonly detail: string;
  /** What it is about: a container group, an image, or nothing readable. */
  readonly subjects: readonly string[];
  readonly missedAt: Date;
  readonly replayedAt: string | undefined;
  /** To be sent again; none where it cannot be. */
  readonly letters: readonly Letter[];
  /** The text of a poison message. */
  readonly text: string | undefined;
}

const concurrency = 8;

/** Those that were given up at `since` or later. */
export async function missedEvents(store: LetterStore, since: Date | undefined): Promise<Missed[]> {
  const limit = pLimit(concurrency);
  const reads: Promise<Missed>[] = [];
  for await (const blob of store.list()) {
    if (since !== undefined && blob.writtenAt < since) continue;
    reads.push(limit(async () => ofBlob(blob, parseLetters(await store.read(blob.name)))));
  }
  return Promise.all(reads);
}

function ofBlob({ name, writtenAt, replayedAt }: LetterBlob, letters: readonly Letter[] | undefined): Missed {
  const source = { kind: 'deadLetter', blob: name } as const;
  const common = { source, missedAt: writtenAt, replayedAt, text: undefined };
  const [first] = letters ?? [];
  if (letters === undefined || first === undefined) {
    const unreadable = {
      reason: 'unreadable',
      detail: 'no dead letters of Event Grid',
      subjects: [],
      letters: [],
    };
    return { ...common, ...unreadable, functionName: undefined };
  }
  // Begins with the event subscription, in upper case, whose events all are of its own types.
  const [subscription = ''] = name.split(/\/\d{4}\//);
  return {
    ...common,
    functionName: functionThatMissed(first.type, subscription),
    reason: first.reason,
    detail: first.outcome,
    subjects: letters.map(({ subject }) => subject),
    letters,
  };
}

export function missedMessage(
  { id, text, insertedOn }: PoisonMessage,
  replayedAt: string | undefined,
): Missed {
  const deferral = parseRequeueMessage(Buffer.from(text, 'base64').toString());
  return {
    source: { kind: 'poison', id },
    functionName: 'resumeDns',
    reason: 'poison',
    detail: deferral === undefined ? 'it names no container group' : 'failed too often',
    subjects: deferral === undefined ? [] : [deferral.group.key],
    missedAt: insertedOn,
    replayedAt,
    letters: [],
    text,
  };
}
