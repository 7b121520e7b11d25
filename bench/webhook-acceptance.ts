import type { HostProcess } from '../local/host/spawn-host.ts';
import { bareFunction, bareInserts, type Contestant, webhookContestant } from './contestants.ts';
import { type LoadResult, sendAll } from './http-load.ts';
import { watchOthers } from './machine.ts';
import { cpuMs } from './process-usage.ts';
import { type BenchAzure, startBenchAzure } from './replication-app.ts';
import { median, percentile } from './statistics.ts';
import { countTableRequests } from './table-requests.ts';

const concurrency = 16;
/** The compiler optimizes for some seconds under load; an app in production has been running for longer. */
const warmUps = 4;
const rounds = 10;

/**
 * Sends native webhooks of images in three regions to the built app. Compares their rate with that of the same storage
 * without the app, in the same minute: bare inserts, and a Functions app that makes one plain operation a request, or
 * two, as a webhook does, or publishes as well, as it does with a topic.
 */
export async function webhookAcceptance(): Promise<string[]> {
  await using world = await startBenchAzure();
  const played = await playRounds(world);
  const [floor = [], , fair = [], publishing = []] = played.values();
  return [
    `${concurrency} at a time; the median of ${rounds} rounds, in which all take turns, after ${warmUps} to warm up`,
    ...Array.from(played, ([{ name }, results]) => describe(name, results, floor, fair, publishing)),
    ...(await countTableRequests(world, { withTopic: false })),
    ...(await countTableRequests(world, { withTopic: true })),
  ];
}

interface Round extends LoadResult {
  /** The CPU time of a request in the host; 0 without one. */
  readonly hostMs: number;
  readonly storageMs: number;
  /** The share of the machine that other processes used meanwhile. */
  readonly othersShare: number;
}

async function playRounds({
  azure,
  storage,
  startApp,
}: BenchAzure): Promise<ReadonlyMap<Contestant, Round[]>> {
  await using hosts = new AsyncDisposableStack();
  const kept = (host: HostProcess) => hosts.adopt(host, async (one) => void (await one.stop()));
  const bare = await bareFunction(storage, azure.topicEndpoint('evenkeel'));
  kept(bare.host);
  const contestants = [
    await bareInserts(storage),
    bare.one,
    bare.two,
    bare.publishing,
    webhookContestant('webhook, no topic', 'quiet', kept(await startApp())),
    webhookContestant('webhook, topic', 'topic', kept(await startApp({ withTopic: true }))),
  ];
  const played = new Map(contestants.map((one): [Contestant, Round[]] => [one, []]));
  for (let round = 0; round < warmUps + rounds; round++) {
    for (const contestant of contestants) {
      const result = await play(contestant, round, storage.pid);
      if (round >= warmUps) played.get(contestant)?.push(result);
    }
  }
  return played;
}

async function play(
  { pid, expected, requests }: Contestant,
  round: number,
  storagePid: number,
): Promise<Round> {
  const batch = await requests(round);
  const spent = () => ({ host: pid === undefined ? 0 : cpuMs(pid), storage: cpuMs(storagePid) });
  const othersSince = watchOthers([storagePid, ...(pid === undefined ? [] : [pid])]);
  const before = spent();
  const result = await sendAll(batch, expected, concurrency);
  const after = spent();
  const hostMs = (after.host - before.host) / batch.length;
  const storageMs = (after.storage - before.storage) / batch.length;
  return { ...result, hostMs, storageMs, othersShare: othersSince() };
}

function describe(
  name: string,
  results: readonly Round[],
  floor: readonly Round[],
  fair: readonly Round[],
  publishing: readonly Round[],
): string {
  const rate = Math.round(median(results.map(({ perSecond }) => perSecond)));
  const ratiosOf = (others: readonly Round[]) =>
    results.map(({ perSecond }, round) => perSecond / (others[round]?.perSecond ?? Number.NaN));
  const ratios = ratiosOf(floor);
  const [fairRatio, publishingRatio] = [fair, publishing].map((one) => median(ratiosOf(one)).toFixed(2));
  const latencies = results.flatMap(({ latenciesMs }) => latenciesMs);
  const [p50, p95] = [50, 95].map((percent) => percentile(latencies, percent).toFixed(1));
  const [host, storage] = [
    median(results.map(({ hostMs }) => hostMs)),
    median(results.map(({ storageMs }) => storageMs)),
  ].map((ms) => ms.toFixed(2));
  const others = Math.round(100 * median(results.map(({ othersShare }) => othersShare)));
  const least = Math.min(...ratios).toFixed(2);
  const most = Math.max(...ratios).toFixed(2);
  return (
    `${name}: ${rate}/s, ${median(ratios).toFixed(2)} of bare inserts (${least} to ${most}), ` +
    `${fairRatio} of the function with two operations, ${publishingRatio} of that which publishes; ` +
    `p50 ${p50} ms, p95 ${p95} ms; CPU ${host} ms host, ${storage} ms storage; ` +
    `${others} % of the machine went elsewhere`
  );
}
