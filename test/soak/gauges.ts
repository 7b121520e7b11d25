import { readdirSync } from 'node:fs';
import { TableClient, TableServiceClient } from '@azure/data-tables';
import { QueueServiceClient } from '@azure/storage-queue';
import { residentMiB } from '../../bench/process-usage.ts';
import { queueName } from '../../src/dns/queue-name.ts';
import type { Allowance, Series } from './growth.ts';
import { heapAfterCollectionMiB } from './heap.ts';
import type { Load } from './load.ts';
import type { SoakWorld } from './world.ts';

/** What is watched, in the order of the summary. */
export interface Gauges {
  /** Measures everything once. */
  sample(): Promise<void>;
  readonly series: readonly Series[];
  /** The last value of each. */
  latest(): ReadonlyMap<string, number>;
}

/** Entries of images that faults kept from being written are among them. */
const openImages = 'EvenkeelOpenImages';
/** The entities of the journal follow the processes of a day, which is longer than a run: one page for each start. */
const journal = 'EvenkeelJournal';

export interface RunLengths {
  readonly retentionMs: number;
  /** A quarter of the settled time. */
  readonly quarterMs: number;
}

/** In a long run a small leak shows, in a short one only a large one. */
function allowances({ retentionMs, quarterMs }: RunLengths) {
  const isLong = quarterMs >= 3 * retentionMs;
  const memory = 'caches and compiled code still fill a little';
  return {
    rss: isLong
      ? { share: 0.15, absolute: 24, because: `${memory}, and the allocator keeps pages` }
      : { share: 0.25, absolute: 48, because: `${memory}; a short run is mostly that` },
    heap: isLong
      ? { share: 0.1, absolute: 6, because: `${memory}; work in flight differs` }
      : { share: 0.25, absolute: 20, because: `${memory}; a short run is mostly that` },
    files: isLong
      ? { share: 0.25, absolute: 32, because: 'connections to Azure, storage and clients come and go' }
      : { share: 0.5, absolute: 64, because: 'each fault makes new connections, and they stay for a while' },
    queue: { share: 0.5, absolute: 25, because: 'quotas and faults defer some changes' },
    table: isLong
      ? { share: 0.25, absolute: 20, because: 'what is kept is emptied once in a retention time' }
      : {
          share: 1,
          absolute: 30,
          because: 'what is kept is emptied once in a retention time: it swings to double',
        },
    open: {
      share: isLong ? 0.5 : 1,
      absolute: 60,
      because: 'an entry whose image was not written stays for 15 minutes, so this settles late',
    },
    lag: { share: 1, absolute: 5_000, because: 'faults fall by chance, and the machine is shared' },
  } satisfies Record<string, Allowance>;
}

export function gauges(world: SoakWorld, load: Load, lengths: RunLengths, now: () => number): Gauges {
  const connection = world.azure.storage?.connectionString ?? '';
  const insecure = { allowInsecureConnection: true };
  const tables = TableServiceClient.fromConnectionString(connection, insecure);
  const queues = QueueServiceClient.fromConnectionString(connection);
  const allowed = allowances(lengths);
  const series = new Map<
    string,
    { readonly unit: string; readonly allowance: Allowance; samples: Series['samples'] }
  >();

  function add(name: string, unit: string, allowance: Allowance, value: number): void {
    const one = series.get(name) ?? { unit, allowance, samples: [] };
    one.samples = [...one.samples, { atMs: now(), value }];
    series.set(name, one);
  }

  async function entities(name: string): Promise<number> {
    const client = TableClient.fromConnectionString(connection, name, insecure);
    const query = { queryOptions: { select: ['RowKey'] } };
    let count = 0;
    for await (const page of client.listEntities(query).byPage({ maxPageSize: 1_000 })) count += page.length;
    return count;
  }

  async function sampleTables(): Promise<void> {
    for await (const { name = '' } of tables.listTables()) {
      const count = await entities(name);
      if (name === journal)
        add(
          `${name}, beyond one for each start`,
          'entities',
          allowed.table,
          Math.max(0, count - world.starts),
        );
      else add(name, 'entities', name === openImages ? allowed.open : allowed.table, count);
    }
  }

  async function sampleQueues(): Promise<void> {
    // The app makes its queue with the first message.
    const counts = new Map([[queueName, 0]]);
    for await (const { name } of queues.listQueues()) {
      const { approximateMessagesCount = 0 } = await queues.getQueueClient(name).getProperties();
      counts.set(name, approximateMessagesCount);
    }
    for (const [name, count] of counts) add(`queue ${name}`, 'messages', allowed.queue, count);
  }

  return {
    async sample() {
      add('heap after collection', 'MiB', allowed.heap, await heapAfterCollectionMiB(world.steadyInspector));
      const { pid } = world.steady;
      if (process.platform === 'linux') {
        add('resident memory', 'MiB', allowed.rss, residentMiB(pid));
        add('open files', 'files', allowed.files, readdirSync(`/proc/${pid}/fd`).length);
      }
      await sampleTables();
      await sampleQueues();
      const { record, signal } = load.takeLags();
      for (const value of record) add('change to record', 'ms', allowed.lag, value);
      for (const value of signal) add('everywhere to signal', 'ms', allowed.lag, value);
    },
    get series() {
      return [...series].map(([name, one]) => ({ name, ...one }));
    },
    latest: () =>
      new Map([...series].map(([name, { samples }]) => [name, samples.at(-1)?.value ?? Number.NaN])),
  };
}
