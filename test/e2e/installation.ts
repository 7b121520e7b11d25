import { appendFileSync } from 'node:fs';
import { type LocalAzure, type LocalAzureOptions, startLocalAzure } from '../../local/azure/local-azure.ts';
import { sampleZoneMap } from '../../local/azure/sample.ts';
import type { HostProcess } from '../../local/host/spawn-host.ts';
import { aStorageAccount } from '../support/storage-account.ts';
import { appHost } from './app-host.ts';

/** Where the lines of the whole test run are gathered, to be looked through for what no line may tell. */
const allLines = process.env['EVENKEEL_HOST_LINES'];

/** A date that no year has, and so no pause between runs that reviews would wait for: a test fires the timers itself. */
export const never = '0 0 0 30 2 *';

const executed = /Executed 'Functions\.(reconcileDns|trackIpDrift|receiveRegistryEvent)'/;
const failing = /Exception while executing function/;
/** Within it, a host prints what it has to say. */
const lineTimeoutMs = 30_000;

export type Settings = Readonly<Record<string, string>>;

/** The built app under a Functions host, beside a local Azure. */
export interface Installation {
  readonly azure: LocalAzure;
  readonly host: HostProcess;
  /** Every line that the host has printed. */
  readonly lines: readonly string[];
  /** Delivers an event as Event Grid does; returns the answer's status once the host's lines about it are here. */
  deliver(event: object, functionName?: string): Promise<number>;
  /** Resolves when the host's lines about every event that it answered are here. */
  toldAll(): Promise<void>;
  /** The first line with this text from an index on; waits for it where it is not here yet. */
  line(text: string, from: number): Promise<string>;
  /** Starts the host anew, after a crash; the world stays as it is. */
  restartHost(): Promise<void>;
  /**
   * Starts one more host over the same world, as a second instance of the app; it ends with the installation.
   * @param settings on top of those of the first.
   */
  startHost(settings?: Settings): Promise<HostProcess>;
  close(): Promise<void>;
}

interface InstallationOptions {
  readonly azure?: LocalAzureOptions;
  /** On top of the usual ones; some name what only the started local Azure knows. */
  readonly settings?: Settings | ((azure: LocalAzure) => Settings);
  /** Sends drift observations to the local Azure's data collection rule. */
  readonly withDriftLog?: boolean;
}

export async function install({
  azure: options,
  settings,
  withDriftLog = false,
}: InstallationOptions = {}): Promise<Installation> {
  const hasStorage = options?.storage !== undefined || appHost.needsStorage;
  const storage = hasStorage ? await aStorageAccount() : undefined;
  const azure = await startLocalAzure({ ...options, ...(storage && { storage }) });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const start = (more: Settings = {}) =>
    appHost.start({
      env: {
        ARM_ENDPOINT: azure.armEndpoint,
        DNS_ZONE_MAP: JSON.stringify(sampleZoneMap),
        AzureWebJobsStorage: azure.storage?.connectionString ?? '',
        SIGNAL_TOPIC__topicEndpointUri: azure.topicEndpoint('evenkeel'),
        AUDIT_SCHEDULE: never,
        REVIEW_SCHEDULE: never,
        ...azure.trustedEnvironment,
        ...(withDriftLog ? driftLogSettings(azure.armEndpoint) : {}),
        ...(typeof settings === 'function' ? settings(azure) : settings),
        ...more,
      },
      onLine: (line) => {
        lines.push(line);
        if (executed.test(line)) printed.executed += 1;
        if (failing.test(line)) printed.failed += 1;
        if (allLines !== undefined) appendFileSync(allLines, `${line}\n`);
        for (const look of waiting) look();
      },
    });
  const printed = { executed: 0, failed: 0 };
  let host = await start();
  const others: HostProcess[] = [];
  let answered = 0;
  let failed = 0;
  azure.eventGrid.onAttempt(({ status }) => {
    if (status !== undefined) answered += 1;
  });
  /** What is found once enough lines are here. Answers and lines come by different ways, so either may be first. */
  const until = async <Found>(find: () => Found | undefined, what: string): Promise<Found> => {
    const found = Promise.withResolvers<Found>();
    const look = () => {
      const one = find();
      if (one !== undefined) found.resolve(one);
    };
    const late = setTimeout(() => found.reject(new Error(`waited in vain for ${what}`)), lineTimeoutMs);
    waiting.add(look);
    try {
      look();
      return await found.promise;
    } finally {
      clearTimeout(late);
      waiting.delete(look);
    }
  };
  const toldAll = async () =>
    void (await until(() => printed.executed >= answered || undefined, 'a line about each event'));
  return {
    toldAll,
    line(text, from) {
      let next = from;
      const find = () => {
        while (next < lines.length) {
          const line = lines[next];
          next += 1;
          if (line?.includes(text)) return line;
        }
        return undefined;
      };
      return until(find, `a line with ${text}`);
    },
    azure,
    lines,
    get host() {
      return host;
    },
    async deliver(event, functionName = 'reconcileDns') {
      const url = `${host.url}/runtime/webhooks/EventGrid?functionName=${functionName}`;
      const isCloudEvent = 'specversion' in event;
      const headers = {
        'aeg-event-type': 'Notification',
        'content-type': isCloudEvent ? 'application/cloudevents+json' : 'application/json',
      };
      const body = JSON.stringify(isCloudEvent ? event : [event]);
      const answer = await fetch(url, { method: 'POST', headers, body });
      await answer.arrayBuffer();
      answered += 1;
      if (answer.status >= 500) failed += 1;
      await toldAll();
      await until(() => printed.failed >= failed || undefined, 'a line about each failure');
      return answer.status;
    },
    async restartHost() {
      await host.kill();
      // What it had still to say is lost.
      answered = printed.executed;
      failed = printed.failed;
      host = await start();
    },
    async startHost(more) {
      const other = await start(more);
      others.push(other);
      return other;
    },
    async close() {
      await Promise.all([host, ...others].map((one) => one.stop()));
      await azure.close();
    },
  };
}

const driftLogSettings = (endpoint: string) => ({
  LOGS_INGESTION_ENDPOINT: endpoint,
  LOGS_INGESTION_RULE_ID: 'dcr-1',
  LOGS_INGESTION_STREAM: 'Custom-EvenkeelDrift',
});
