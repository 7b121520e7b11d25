import type { HostProcess } from '../local/host/spawn-host.ts';
import type { BenchSizes } from './arguments.ts';
import { type Filled, fillLedger, heapForMiB, sampleOf } from './fill-ledger.ts';
import { type LoadRequest, sendAll } from './http-load.ts';
import { entitiesOf, finishedImage } from './image-entities.ts';
import { cpuMs } from './process-usage.ts';
import { type BenchImage, benchImages, benchRegistry, webhooksOf } from './pushes.ts';
import { RawTable } from './raw-table.ts';
import { type BenchAzure, startBenchAzure } from './replication-app.ts';
import { median } from './statistics.ts';

const rounds = 5;
/** The number of requests of each kind in a round. */
const sampleSize = 60;
/** The number of images whose webhooks are sent in a round, three for each image. */
const pushedPerRound = 20;

/**
 * Sends webhooks and questions one after the other, to a ledger with many images and to an empty one. Measures beside
 * them what the storage alone needs for one call in the same table: Azurite keeps sorted arrays, which slow down every
 * insert and, even more, every update. Most webhooks are one update; a new image takes two inserts, a read and a write.
 */
export async function ledgerSize({ images, fillSeconds }: BenchSizes): Promise<string[]> {
  await using open = new AsyncDisposableStack();
  const ledgers = [
    open.use(await startLedger(0, fillSeconds)),
    open.use(await startLedger(images, fillSeconds)),
  ] as const;
  const [empty, large] = ledgers;
  for (let round = 0; round <= rounds; round++) await play(ledgers, round);
  return [
    `${large.filled.images} of ${images} images, written in ${large.filled.seconds.toFixed(0)} s`,
    ...Array.from(large.latencies, ([kind, latencies]) =>
      compare(kind, empty.latencies.get(kind) ?? [], latencies),
    ),
    compare('webhook, CPU host', empty.webhookCpuMs, large.webhookCpuMs),
    compare('webhook - update', ownShare(empty), ownShare(large)),
  ];
}

/** The time of a webhook beyond that of the one update that most of them are for the storage. */
const ownShare = ({ latencies }: Ledger): readonly number[] => {
  const [webhook, update] = ['webhook', 'bare update'].map((kind) => median(latencies.get(kind) ?? []));
  return [(webhook ?? Number.NaN) - (update ?? Number.NaN)];
};

function compare(name: string, overNone: readonly number[], overAll: readonly number[]): string {
  const [few, many] = [median(overNone), median(overAll)];
  const ratio = (many / few).toFixed(2);
  return `${name.padEnd(18)} ${few.toFixed(2)} ms over none, ${many.toFixed(2)} ms over all (${ratio})`;
}

interface Ledger extends AsyncDisposable {
  readonly world: BenchAzure;
  readonly host: HostProcess;
  /** Replicated images in the ledger. */
  readonly known: readonly BenchImage[];
  readonly filled: Filled;
  /** Distinguishes the images of the ledgers. */
  readonly series: string;
  /** The latencies in ms, by kind of request. */
  readonly latencies: Map<string, number[]>;
  /** The CPU time of a webhook in the host alone, by round. */
  readonly webhookCpuMs: number[];
}

async function startLedger(images: number, maxSeconds: number): Promise<Ledger> {
  await using started = new AsyncDisposableStack();
  const world = started.use(await startBenchAzure({ maxHeapMiB: heapForMiB(images) }));
  const host = started.adopt(await world.startApp(), async (one) => void (await one.stop()));
  const series = `over-${images}`;
  // They also create the tables.
  const pushed = benchImages(series, sampleSize);
  await sendAll(webhooksOf(host.url, pushed), 200, 8);
  const filled = await fillLedger(world.storage, images, maxSeconds);
  const known = images === 0 ? pushed : sampleOf(filled, images, sampleSize);
  const toClose = started.move();
  return {
    world,
    host,
    known,
    filled,
    series,
    webhookCpuMs: [],
    latencies: new Map(),
    [Symbol.asyncDispose]: () => toClose.disposeAsync(),
  };
}

/** Requests of one kind. */
interface Sample {
  readonly kind: string;
  /** The status of a good answer. */
  readonly expected: number;
  readonly requests: readonly LoadRequest[];
}

/** All kinds of requests, for the ledgers in turn. */
async function play(ledgers: readonly Ledger[], round: number): Promise<void> {
  const samples = await Promise.all(ledgers.map(async (ledger) => samplesOf(ledger, round)));
  const turns = (samples[0] ?? []).flatMap((_, index) =>
    ledgers.flatMap((ledger, which) => {
      const sample = samples[which]?.[index];
      return sample === undefined ? [] : [{ ledger, sample }];
    }),
  );
  for (const { ledger, sample } of turns) {
    const { kind, expected, requests } = sample;
    const before = cpuMs(ledger.host.pid);
    const { latenciesMs } = await sendAll(requests, expected, 1);
    const cpu = (cpuMs(ledger.host.pid) - before) / requests.length;
    // Everything warms up in the first.
    if (round === 0) continue;
    ledger.latencies.set(kind, [...(ledger.latencies.get(kind) ?? []), ...latenciesMs]);
    if (kind === 'webhook') ledger.webhookCpuMs.push(cpu);
  }
}

async function samplesOf({ world, host, known, series }: Ledger, round: number): Promise<Sample[]> {
  const table = new RawTable(world.storage, 'EvenkeelImages');
  const entities = async (images: readonly BenchImage[]) =>
    (await entitiesOf(images.map((image) => finishedImage(image, Date.now())))).images;
  const fresh = await entities(benchImages(`${series}-raw-${round}`, sampleSize));
  const stored = await entities(known);
  const asked = (kind: string, reference: (image: BenchImage) => string): Sample => ({
    kind,
    expected: 200,
    requests: known.map((image) => question(host, image.repository, reference(image))),
  });
  return [
    { kind: 'bare insert', expected: 204, requests: fresh.map((entity) => table.insert(entity)) },
    { kind: 'bare update', expected: 204, requests: stored.map((entity) => table.update(entity)) },
    {
      kind: 'bare read',
      expected: 200,
      requests: stored.map(({ partitionKey, rowKey }) => table.get(partitionKey, rowKey)),
    },
    {
      kind: 'webhook',
      expected: 200,
      requests: webhooksOf(host.url, benchImages(`${series}-${round}`, pushedPerRound)),
    },
    asked('question by digest', ({ digest }) => digest),
    asked('question by tag', ({ tag }) => tag),
  ];
}

function question({ url }: HostProcess, repository: string, reference: string): LoadRequest {
  const query = new URLSearchParams({ registry: benchRegistry.name, repository, reference });
  return { url: `${url}/api/replication?${query}`, method: 'GET', headers: {} };
}
