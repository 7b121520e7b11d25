import pLimit from 'p-limit';
import type { DeadLetterStore, PoisonQueue, ReplayNotes } from '../../../azure/storage/dead-letters.ts';
import { encodeRequeueMessage, parseRequeueMessage } from '../../../dns/requeue.ts';
import { type AppAccess, AppCallError, callApp } from '../../app-client.ts';
import type { CliContext } from '../../context.ts';
import type { DeadLetter, EventFunction } from './dead-letter.ts';
import { type FailedDelivery, failedMessage, type Selection, stateOf } from './failed-delivery.ts';

export interface ReplayResult {
  readonly delivery: FailedDelivery;
  /** Why it was not accepted; `undefined` when it was accepted and marked as sent. */
  readonly failure: string | undefined;
}

/** A burst of what failed before must not make other events fail. */
const concurrency = 4;
const deliveryTimeoutMs = 40_000;

/**
 * Sends each event to the function that it was for. A blob is marked once all of its events were accepted.
 * @param app its key has to be one that the Event Grid endpoint accepts: the system key `eventgrid_extension`.
 */
export async function replayDeadLetters(
  deliveries: readonly FailedDelivery[],
  store: DeadLetterStore,
  app: AppAccess,
  context: CliContext,
): Promise<ReplayResult[]> {
  const limit = pLimit(concurrency);
  return Promise.all(
    deliveries.map((delivery) =>
      limit(async (): Promise<ReplayResult> => {
        const { source, deadLetters, functionName } = delivery;
        if (source.kind !== 'deadLetter' || functionName === undefined || functionName === 'resumeDns') {
          return { delivery, failure: 'no function accepts it' };
        }
        for (const deadLetter of deadLetters) {
          const failure = await deliver(deadLetter, functionName, app, context);
          context.interrupted.throwIfAborted();
          if (failure !== undefined) return { delivery, failure };
        }
        await store.mark(source.blob, context.clock.now().toISOString());
        return { delivery, failure: undefined };
      }),
    ),
  );
}

/**
 * Delivers an event to a function as Event Grid does.
 * @returns why it was not accepted, or `undefined` when it was.
 */
async function deliver(
  { event, isCloudEvent }: DeadLetter,
  functionName: EventFunction,
  app: AppAccess,
  context: CliContext,
): Promise<string | undefined> {
  const url = new URL(`${app.url}/runtime/webhooks/EventGrid`);
  url.searchParams.set('functionName', functionName);
  try {
    const { status } = await callApp(context, app, url, {
      method: 'POST',
      headers: {
        'aeg-event-type': 'Notification',
        'content-type': isCloudEvent ? 'application/cloudevents+json' : 'application/json',
      },
      body: JSON.stringify(isCloudEvent ? event : [event]),
      timeoutMs: deliveryTimeoutMs,
    });
    if (status >= 200 && status <= 204) return undefined;
    if (status === 401 || status === 403) {
      return `the app answered ${status}: set EVENKEEL_EVENTS_KEY to its system key eventgrid_extension`;
    }
    return `the app answered ${status}${status === 500 ? ': the function failed; see its log' : ''}`;
  } catch (error) {
    if (error instanceof AppCallError) return error.message;
    throw error;
  }
}

/** Goes through the whole poison queue once. Every message stays in it. */
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
      const delivery = failedMessage(message, noted.get(message.id));
      const isOld = selection.since !== undefined && message.insertedOn < selection.since;
      if (isOld || stateOf(delivery, selection) !== 'waiting') continue;
      const content = parseRequeueMessage(message.text);
      if (content === undefined) continue;
      // A new start: a message that keeps its failures would be given up at the next one.
      await queue.send(encodeRequeueMessage({ ...content, failures: undefined }));
      await notes.write(message.id, clock.now().toISOString());
      replayed.push({ delivery, failure: undefined });
    }
  }
}
