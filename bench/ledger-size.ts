import type { HostProcess } from '../local/host/spawn-host.ts';
import type { BenchSizes } from './arguments.ts';
import { type Filled, fillLedger, heapForMiB, sampleOf } from './fill-ledger.ts';
import { LoadClient, type LoadRequest } from './http-load.ts';
import { entitiesOf, finishedImage } from './image-entities.ts';
import { cpuMs } from './process-usage.ts';
import { type BenchImage, benchImages, benchRegistry, webhooksOf } from './pushes.ts';
import { RawTable } from './raw-table.ts';
import { type BenchAzure, startBenchAzure } from './replication-app.ts';
import { median } from './statistics.ts';

const rounds = 5;
/** Of each kind and round. */
const sampleSize = 60;
/** Images of which webhooks come in a round; three each. */
const pushedPerRound = 20;

/**
 * Webhooks and questions one after the other, over a ledger with many images and over an empty one. Beside them, what
 * the storage itself takes for one insert and one read in the same table: the simulated storage slows down, too.
 */
export async function ledgerSize({ images, fillSeconds }: BenchSizes): Promise<string[]> {
  await using open = new AsyncDisposableStack();
  using client = new LoadClient();
  const ledgers = [
    open.use(await startLedger(0, fillSeconds, client)),
    open.use(await startLedger(images, fillSeconds, client)),
  ] as const;
  const [empty, large] = ledgers;
  for (let round = 0; round <= rounds; round++) await play(ledgers, round, client);
  return [
    `${large.filled.images} of ${images} images, written in ${large.filled.seconds.toFixed(0)} s`,
    ...kinds.map((kind) => compare(kind, empty.latencies[kind], large.latencies[kind])),
    compare('webhook, CPU host', empty.webhookCpuMs, large.webhookCpuMs),
  ];
}

function compare(name: string, overNone: readonly number[], overAll: readonly number[]): string {
  const [few, many] = [median(overNone), median(overAll)];
  const ratio = (many / few).toFixed(2);
  return `${name.padEnd(18)} ${few.toFixed(2)} ms over none, ${many.toFixed(2)} ms over all (${ratio})`;
}

interface Ledger extends AsyncDisposable {
  readonly world: BenchAzure;
  readonly host: HostProcess;
  /** In the ledger, and replicated. */
  readonly known: readonly BenchImage[];
  readonly filled: Filled;
  /** Tells the ledgers' images apart. */
  readonly series: string;
  /** In ms. */
  readonly latencies: PerKind<number[]>;
  /** CPU time that a webhook took in the host, by rounds: what is not the storage's. */
  readonly webhookCpuMs: number[];
}

async function startLedger(images: number, maxSeconds: number, client: LoadClient): Promise<Ledger> {
  await using started = new AsyncDisposableStack();
  const world = started.use(await startBenchAzure({ maxHeapMiB: heapForMiB(images) }));
  const host = started.adopt(await world.startApp(), async (one) => void (await one.stop()));
  const series = `over-${images}`;
  // They create the tables, too.
  const pushed = benchImages(series, sampleSize);
  await client.run(webhooksOf(host.url, pushed), 200, 8);
  const filled = await fillLedger(world.storage, images, maxSeconds);
  const known = images === 0 ? pushed : sampleOf(filled, images, sampleSize);
  const toClose = started.move();
  return {
    ...{ world, host, known, filled, series },
    webhookCpuMs: [],
    latencies: {
      'bare insert': [],
      'bare read': [],
      webhook: [],
      'question by digest': [],
      'question by tag': [],
    },
    [Symbol.asyncDispose]: () => toClose.disposeAsync(),
  };
}

/** All kinds of requests, for the ledgers in turn. */
async function play(ledgers: readonly Ledger[], round: number, client: LoadClient): Promise<void> {
  const turns = await Promise.all(
    ledgers.map(async (ledger) => ({ ledger, kinds: await kindsOf(ledger, round) })),
  );
  for (const kind of kinds) {
    for (const { ledger, kinds: of } of turns) {
      const before = cpuMs(ledger.host.pid);
      const { latenciesMs } = await client.run(of[kind], kind === 'bare insert' ? 204 : 200, 1);
      // Everything warms up in the first.
      if (round === 0) continue;
      ledger.latencies[kind].push(...latenciesMs);
      if (kind === 'webhook')
        ledger.webhookCpuMs.push((cpuMs(ledger.host.pid) - before) / latenciesMs.length);
    }
  }
}

const kinds = ['bare insert', 'bare read', 'webhook', 'question by digest', 'question by tag'] as const;
type PerKind<T> = Record<(typeof kinds)[number], T>;

async function kindsOf(
  { world, host, known, series }: Ledger,
  round: number,
): Promise<PerKind<LoadRequest[]>> {
  const table = new RawTable(world.storage, 'EvenkeelImages');
  const fresh = benchImages(`${series}-raw-${round}`, sampleSize);
  const inserted = await entitiesOf(fresh.map((image) => finishedImage(image, Date.now())));
  const stored = await entitiesOf(known.map((image) => finishedImage(image, Date.now())));
  return {
    'bare insert': inserted.images.map((entity) => table.insert(entity)),
    'bare read': stored.images.map(({ partitionKey, rowKey }) => table.get(partitionKey, rowKey)),
    webhook: webhooksOf(host.url, benchImages(`${series}-${round}`, pushedPerRound)),
    'question by digest': known.map(({ repository, digest }) => question(host, repository, digest)),
    'question by tag': known.map(({ repository, tag }) => question(host, repository, tag)),
  };
}

function question({ url }: HostProcess, repository: string, reference: string): LoadRequest {
  const query = new URLSearchParams({ registry: benchRegistry.name, repository, reference });
  return { url: `${url}/api/replication?${query}`, method: 'GET', headers: {} };
}
