import { fileURLToPath } from 'node:url';
import type { Azurite } from '../local/azure/azurite.ts';
import { type HostProcess, spawnHost } from '../local/host/spawn-host.ts';
import { type LoadRequest, sendAll } from './http-load.ts';
import { entitiesOf, finishedImage, type ImageEntity } from './image-entities.ts';
import { benchImages, webhooksOf } from './pushes.ts';
import { RawTable } from './raw-table.ts';

/** A service that stores what it is sent. */
export interface Contestant {
  readonly name: string;
  /** The process id of its host; `undefined` for storage alone. */
  readonly pid: number | undefined;
  /** The status of a good answer. */
  readonly expected: number;
  /** The requests of a round, which are others in each round. */
  requests(round: number): Promise<LoadRequest[]>;
}

/** The sizes of a round, each of which takes about a second. */
const insertsPerRound = 1_200;
const imagesPerRound = 250;

/** The fixture uses the same name. */
const rawTable = 'BenchRaw';

/** The lower bound of the cost: an insert of an entity as large as that of an image, over plain HTTP. */
export async function bareInserts(storage: Azurite): Promise<Contestant> {
  const table = new RawTable(storage, rawTable);
  await sendAll([table.create()], 204, 1);
  return {
    name: 'bare insert',
    pid: undefined,
    expected: 204,
    requests: async (round) => (await entities('bare', round)).map((entity) => table.insert(entity)),
  };
}

/** A Functions app that makes one operation a request with the SDK, or two, or publishes too, and does nothing else. */
export async function bareFunction(
  storage: Azurite,
  topicEndpoint: string,
): Promise<{ readonly host: HostProcess } & Readonly<Record<'one' | 'two' | 'publishing', Contestant>>> {
  const host = await spawnHost({
    directory: fileURLToPath(new URL('./fixtures/bare-insert', import.meta.url)),
    env: { AzureWebJobsStorage: storage.connectionString, BENCH_TOPIC: topicEndpoint },
  });
  const request = { method: 'POST', headers: { 'content-type': 'application/json' } } as const;
  const contestant = (name: string, route: string, series: string): Contestant => ({
    name,
    pid: host.pid,
    expected: 200,
    requests: async (round) =>
      (await entities(series, round)).map((entity) => ({
        ...request,
        url: `${host.url}/api/${route}`,
        body: JSON.stringify(entity),
      })),
  });
  return {
    host,
    one: contestant('function with one operation', 'insert', 'function'),
    two: contestant('function with two operations', 'insertAndReplace', 'function-two'),
    publishing: contestant(
      'function with two operations that publishes an event for each third request',
      'insertReplaceAndPublish',
      'function-publishing',
    ),
  };
}

/** @param series distinguishes the images of one contestant from those of another. */
export const webhookContestant = (name: string, series: string, { pid, url }: HostProcess): Contestant => ({
  name,
  pid,
  expected: 200,
  requests: async (round) => webhooksOf(url, benchImages(`${series}-${round}`, imagesPerRound)),
});

async function entities(series: string, round: number): Promise<readonly ImageEntity[]> {
  const images = benchImages(`${series}-${round}`, insertsPerRound);
  return (await entitiesOf(images.map((image) => finishedImage(image, Date.now())))).images;
}
