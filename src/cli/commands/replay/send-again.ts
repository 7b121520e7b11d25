import pLimit from 'p-limit';
import type { AppAccess } from '../../app-client.ts';
import type { CliContext } from '../../context.ts';
import { type Selection, stateOf } from './due.ts';
import { type FailedDelivery, failedMessage } from './failed-delivery.ts';
import type { DeadLetterStore, PoisonQueue, ReplayNotes } from './ports.ts';
import { sendAgain } from './send.ts';

/** What became of something that was sent again. */
export interface ReplayResult {
  readonly missed: FailedDelivery;
  /** Why it was not taken; `undefined`: it was, and is marked as sent. */
  readonly failure: string | undefined;
}

/** A burst of what failed before must not make what works now fail too. */
const concurrency = 4;

/** Each event goes to the function that missed it; its blob is marked once all of its letters were taken. */
export async function replayDeadLetters(
  due: readonly FailedDelivery[],
  store: DeadLetterStore,
  app: AppAccess,
  context: CliContext,
): Promise<ReplayResult[]> {
  const limit = pLimit(concurrency);
  return Promise.all(
    due.map((missed) =>
      limit(async (): Promise<ReplayResult> => {
        const { source, deadLetters: letters, functionName } = missed;
        if (source.kind !== 'deadLetter' || functionName === undefined || functionName === 'resumeDns') {
          return { missed, failure: 'no function takes it' };
        }
        for (const letter of letters) {
          const failure = await sendAgain(letter, functionName, app, context);
          context.interrupted.throwIfAborted();
          if (failure !== undefined) return { missed, failure };
        }
        await store.mark(source.blob, context.clock.now().toISOString());
        return { missed, failure: undefined };
      }),
    ),
  );
}

/** Goes through the whole poison queue once; every message stays in it. */
export async function replayPoisonMessages(
  queue: PoisonQueue,
  notes: ReplayNotes,
  selection: Selection & { readonly since: Date | undefined },
  { clock, interrupted }: Pick<CliContext, 'clock' | 'interrupted'>,
): Promise<ReplayResult[]> {
  const noted = await notes.list();
  const seen = new Set<string>();
  const replayed: ReplayResult[] = [];
  for (;;) {
    interrupted.throwIfAborted();
    const messages = (await queue.take()).filter(({ id }) => !seen.has(id));
    if (messages.length === 0) return replayed;
    for (const message of messages) {
      seen.add(message.id);
      const missed = failedMessage(message, noted.get(message.id));
      const isOld = selection.since !== undefined && message.insertedOn < selection.since;
      if (isOld || stateOf(missed, selection) !== 'waiting') continue;
      await queue.send(message.text);
      await notes.write(message.id, clock.now().toISOString());
      replayed.push({ missed, failure: undefined });
    }
  }
}
