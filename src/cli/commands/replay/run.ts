import * as v from 'valibot';
import { azureClients } from '../../../azure/clients.ts';
import { type Config, parseConfig } from '../../../config.ts';
import { SettingError, settingValue, textOf } from '../../../settings/setting.ts';
import type { NamedConnection, StorageConnection } from '../../../settings/storage-connection.ts';
import { type AppAccess, findApp } from '../../app-client.ts';
import { readSettings } from '../../app-settings.ts';
import type { CliContext } from '../../context.ts';
import { paletteOf } from '../../output/colors.ts';
import { replayableFunctions } from './dead-letter.ts';
import { type Selection, stateOf } from './due.ts';
import { type FailedDelivery, failedMessage, readDeadLetters } from './failed-delivery.ts';
import type { DeadLetterStore, PoisonQueue, ReplayNotes } from './ports.ts';
import { deliveryLines } from './replay-lines.ts';
import { type ReplayResult, replayDeadLetters, replayPoisonMessages } from './send-again.ts';
import { parseSince } from './since.ts';

const optionsSchema = v.object({
  app: v.optional(v.string()),
  settings: v.optional(v.string()),
  container: v.optional(v.string()),
  since: v.optional(v.string()),
  function: v.optional(v.picklist([...replayableFunctions, 'resumeDns'])),
  again: v.optional(v.boolean(), false),
  send: v.optional(v.boolean(), false),
  json: v.optional(v.boolean(), false),
});

interface Stores {
  readonly letters: DeadLetterStore;
  readonly queue: PoisonQueue;
  readonly notes: ReplayNotes;
}

/**
 * `evenkeel replay`: what no function ever dealt with, and sending it again.
 * @returns the exit code: 0 nothing waits, or all that did was sent, 1 something was not taken, 3 something waits.
 * @throws {ArgumentError | SettingError} and the errors of storage.
 */
export async function runReplay(rawOptions: unknown, context: CliContext): Promise<number> {
  const options = v.parse(optionsSchema, rawOptions);
  const since = options.since === undefined ? undefined : parseSince(options.since, context.clock.now());
  const selection: Selection = { functionName: options.function, again: options.again };
  // Found before anything is read, so that a missing key or address is told at once.
  const app = options.send && options.function !== 'resumeDns' ? eventsApp(options.app, context) : undefined;
  const container =
    options.container ?? textOf(context.env, 'EVENKEEL_DEAD_LETTER_CONTAINER') ?? 'dead-letters';
  const stores = await openStores(parseConfig(await readSettings(options.settings, context)), container);

  const { missed, unseen } = await findMissed(stores, since);
  const isWaiting = (one: FailedDelivery) => stateOf(one, selection) === 'waiting';
  const waiting = missed.filter(isWaiting);
  let replayed: ReplayResult[] = [];
  if (options.send) {
    const letters = waiting.filter(({ source }) => source.kind === 'deadLetter');
    const sent = app === undefined ? [] : await replayDeadLetters(letters, stores.letters, app, context);
    const messages =
      options.function === undefined || options.function === 'resumeDns'
        ? await replayPoisonMessages(stores.queue, stores.notes, { ...selection, since }, context)
        : [];
    replayed = [...sent, ...messages];
  }
  const failed = replayed.filter(({ failure }) => failure !== undefined).length;
  const exitCode = options.send ? (failed > 0 ? 1 : 0) : waiting.length > 0 ? 3 : 0;
  tell({ missed, unseen, replayed, waiting: waiting.length, selection, exitCode }, options, context);
  return exitCode;
}

/** The endpoint of Event Grid wants another key than the functions do; the host's master key opens both. */
function eventsApp(option: string | undefined, { env }: CliContext): AppAccess {
  return findApp(option, { ...env, EVENKEEL_KEY: textOf(env, 'EVENKEEL_EVENTS_KEY') ?? env['EVENKEEL_KEY'] });
}

async function openStores(config: Config, container: string): Promise<Stores> {
  const [blob, queue] = [connectionOf(config.reports), connectionOf(config.deferral)];
  const { credential } = azureClients(config);
  const credentialFor = async (connection: StorageConnection) =>
    connection.kind === 'identity' && !connection.endpoint.isInsecure ? credential() : undefined;
  const [{ deadLetterBlobs, replayNotes }, { poisonQueue }, forBlob, forQueue] = await Promise.all([
    import('../../../azure/storage/dead-letters.ts'),
    import('../../../azure/storage/dead-letters.ts'),
    credentialFor(blob),
    credentialFor(queue),
  ]);
  return {
    letters: deadLetterBlobs(blob, forBlob, container),
    notes: replayNotes(blob, forBlob),
    queue: poisonQueue(queue, forQueue),
  };
}

function connectionOf(named: NamedConnection | undefined): StorageConnection {
  if (named === undefined)
    throw new SettingError('AzureWebJobsStorage: expected the storage of the app, found nothing');
  return settingValue(named.connection);
}

async function findMissed({ letters, queue, notes }: Stores, since: Date | undefined) {
  const [events, { messages, count }] = await Promise.all([readDeadLetters(letters, since), queue.peek()]);
  const noted = messages.length === 0 ? new Map<string, string>() : await notes.list();
  const recent = messages.filter(({ insertedOn }) => since === undefined || insertedOn >= since);
  return {
    missed: [...events, ...recent.map((message) => failedMessage(message, noted.get(message.id)))],
    /** Messages that cannot be seen without taking others. */
    unseen: Math.max(0, count - messages.length),
  };
}

interface Told {
  readonly missed: readonly FailedDelivery[];
  readonly unseen: number;
  readonly replayed: readonly ReplayResult[];
  readonly waiting: number;
  readonly selection: Selection;
  readonly exitCode: number;
}

function tell(
  told: Told,
  { send, json }: v.InferOutput<typeof optionsSchema>,
  { stdout, env }: CliContext,
): void {
  const { missed, unseen, replayed, waiting, selection, exitCode } = told;
  if (json) {
    const document = {
      missed: missed.map(({ deadLetters: letters, failedAt: missedAt, text: _, ...one }) => ({
        ...{ ...one, missedAt, functionName: one.functionName ?? null, replayedAt: one.replayedAt ?? null },
        ...{
          events: letters.length,
          state: stateOf({ ...one, failedAt: missedAt, deadLetters: letters, text: undefined }, selection),
        },
      })),
      unseenMessages: unseen,
      sent: replayed.map((one) => ({ source: one.missed.source, failure: one.failure ?? null })),
      exitCode,
    };
    stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
    return;
  }
  const pc = paletteOf(stdout, env);
  const failures = replayed.filter(({ failure }) => failure !== undefined);
  const hint =
    unseen === 0
      ? []
      : [`… and about ${unseen} more poison messages, which --send goes through all the same`];
  const reasons = Map.groupBy(failures, ({ failure }) => failure);
  const lines = [
    ...deliveryLines(missed, selection, pc),
    ...hint,
    ...[...reasons].map(([reason, group]) => `${pc.red('✖')} ${group.length} not taken: ${reason}`),
    send
      ? `${failures.length === 0 ? pc.green('✔') : pc.red('✖')} ${replayed.length - failures.length} sent again, ${failures.length} not taken; nothing was deleted`
      : waiting === 0
        ? `${pc.green('✔')} nothing waits to be sent again`
        : `${pc.yellow('!')} ${waiting} to be sent again: evenkeel replay --send`,
  ];
  stdout.write(`${lines.join('\n')}\n`);
}
