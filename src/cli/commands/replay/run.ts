import type { DeadLetterStore, PoisonQueue, ReplayNotes } from '../../../azure/storage/dead-letters.ts';
import { type Config, parseConfig } from '../../../config.ts';
import { SettingError, settingValue, textOf } from '../../../settings/setting.ts';
import type { NamedConnection, StorageConnection } from '../../../settings/storage-connection.ts';
import { type AppAccess, findApp } from '../../app-client.ts';
import { readSettings } from '../../app-settings.ts';
import { azureClientsOf } from '../../azure.ts';
import type { CliContext } from '../../context.ts';
import type { SharedOptions } from '../../options.ts';
import { printResult } from '../../output/print-result.ts';
import { parseSince } from '../../time-arguments.ts';
import {
  type FailedDelivery,
  failedMessage,
  readDeadLetters,
  type Selection,
  stateOf,
} from './failed-delivery.ts';
import { type Replay, replayDocument, replayLines } from './replay-output.ts';
import { replayDeadLetters, replayPoisonMessages } from './send-again.ts';

interface ReplayOptions extends Pick<SharedOptions, 'app' | 'settings' | 'json'> {
  readonly container?: string | undefined;
  readonly since?: string | undefined;
  readonly function?: NonNullable<FailedDelivery['functionName']> | undefined;
  readonly again?: true | undefined;
  readonly send?: true | undefined;
}

/**
 * `evenkeel replay`: shows the deliveries that failed for good, and sends them again.
 * @returns the exit code: 0 nothing waits, or everything was sent; 1 something was not accepted; 3 something waits.
 * @throws {ArgumentError | SettingError} and the errors of storage.
 */
export async function runReplay(options: ReplayOptions, context: CliContext): Promise<number> {
  const { env, clock } = context;
  const since = options.since === undefined ? undefined : parseSince(options.since, clock.now());
  const selection: Selection = { functionName: options.function, again: options.again === true };
  // The app is found before anything is read, so that a missing key or address is reported at once.
  const app = options.send && options.function !== 'resumeDns' ? eventsApp(options.app, context) : undefined;
  const container = options.container ?? textOf(env, 'EVENKEEL_DEAD_LETTER_CONTAINER') ?? 'dead-letters';
  const stores = await openStores(parseConfig(await readSettings(options.settings, context)), container);

  const { deliveries, unseenMessages } = await findDeliveries(stores, since);
  const waiting = deliveries.filter((delivery) => stateOf(delivery, selection) === 'waiting');
  const sent = options.send ? await send(waiting, stores, app, { ...selection, since }, context) : undefined;
  const isRefused = sent?.some(({ failure }) => failure !== undefined) === true;
  const exitCode = sent === undefined ? (waiting.length > 0 ? 3 : 0) : isRefused ? 1 : 0;
  const replay: Replay = {
    deliveries,
    waiting: waiting.length,
    unseenMessages,
    selection,
    sent,
    exitCode,
  };
  printResult(context, options, { json: replayDocument(replay), lines: (pc) => replayLines(replay, pc) });
  return exitCode;
}

/** The Event Grid endpoint takes another key than the functions do. The master key of the host opens both. */
function eventsApp(option: string | undefined, { env }: CliContext): AppAccess {
  const key = textOf(env, 'EVENKEEL_EVENTS_KEY') ?? env['EVENKEEL_KEY'];
  return findApp(option, { ...env, EVENKEEL_KEY: key });
}

interface Stores {
  readonly deadLetters: DeadLetterStore;
  readonly queue: PoisonQueue;
  readonly notes: ReplayNotes;
}

async function openStores(config: Config, container: string): Promise<Stores> {
  const blob = connectionOf(config.reports);
  const queue = connectionOf(config.deferral);
  const azure = azureClientsOf(config);
  const [{ deadLetterBlobs, replayNotes, poisonQueue }, blobCredential, queueCredential] = await Promise.all([
    import('../../../azure/storage/dead-letters.ts'),
    azure.credentialFor(blob),
    azure.credentialFor(queue),
  ]);
  return {
    deadLetters: deadLetterBlobs(blob, blobCredential, container),
    notes: replayNotes(blob, blobCredential),
    queue: poisonQueue(queue, queueCredential),
  };
}

function connectionOf(named: NamedConnection | undefined): StorageConnection {
  if (named === undefined) {
    throw new SettingError('AzureWebJobsStorage: expected the storage of the app, found nothing');
  }
  return settingValue(named.connection);
}

async function findDeliveries({ deadLetters, queue, notes }: Stores, since: Date | undefined) {
  const [events, { messages, count }] = await Promise.all([
    readDeadLetters(deadLetters, since),
    queue.peek(),
  ]);
  const noted = messages.length === 0 ? new Map<string, string>() : await notes.list();
  const recent = messages.filter(({ insertedOn }) => since === undefined || insertedOn >= since);
  return {
    deliveries: [...events, ...recent.map((message) => failedMessage(message, noted.get(message.id)))],
    unseenMessages: Math.max(0, count - messages.length),
  };
}

/** @param app `undefined` when only messages of the queue are sent. */
async function send(
  waiting: readonly FailedDelivery[],
  { deadLetters, queue, notes }: Stores,
  app: AppAccess | undefined,
  selection: Selection & { readonly since: Date | undefined },
  context: CliContext,
) {
  const events = waiting.filter(({ source }) => source.kind === 'deadLetter');
  const sentEvents = app === undefined ? [] : await replayDeadLetters(events, deadLetters, app, context);
  const includesQueue = selection.functionName === undefined || selection.functionName === 'resumeDns';
  const sentMessages = includesQueue ? await replayPoisonMessages(queue, notes, selection, context) : [];
  return [...sentEvents, ...sentMessages];
}
