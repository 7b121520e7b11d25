import { randomUUID } from 'node:crypto';
import packageJson from '../../package.json' with { type: 'json' };
import { type AzureClients, azureClients } from '../azure/clients.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../lib/clock.ts';
import type { Deadline } from '../lib/deadline.ts';
import type { SignalPublisher } from '../signals/signal.ts';
import { type Journal, mergeJournalPages } from '../status/journal.ts';
import { type JournalKeeper, journalKeeper } from '../status/journal-keeper.ts';

/** What all functions share. */
export interface Shared {
  /** The version of evenkeel. */
  readonly version: string;
  readonly clock: Clock;
  readonly azure: AzureClients;
  readonly journal: JournalKeeper;
  /** The journal of all processes. */
  readonly readJournal: (deadline: Deadline) => Promise<Journal>;
  /** Also where its setting is bad: signals then wait until it is mended. */
  readonly hasTopic: boolean;
  readonly signals: SignalPublisher;
}

export function composeShared(config: Config): Shared {
  const clock: Clock = {
    now: () => new Date(),
    sleep: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
  };
  const azure = azureClients(config);

  const journal = journalKeeper(azure.journalStore, clock.now, randomUUID);
  // Each signal follows a log line that tells the same, so without a topic there is nothing to add.
  const toTopic: SignalPublisher = { publish: async (batch) => (await azure.signalTopic())?.publish(batch) };
  const hasTopic = !config.signalTopic.ok || config.signalTopic.value !== undefined;
  const signals = hasTopic ? journal.recordingPublisher(toTopic) : toTopic;
  const readJournal = async (deadline: Deadline): Promise<Journal> => {
    const { id, page } = journal.page();
    const others = (await (await azure.journalStore())?.readOthers(id, deadline)) ?? [];
    return mergeJournalPages([...others, page], clock.now());
  };
  return { version: packageJson.version, clock, azure, journal, readJournal, hasTopic, signals };
}
