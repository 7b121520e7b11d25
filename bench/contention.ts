import pLimit from 'p-limit';
import type { HostProcess } from '../local/host/spawn-host.ts';
import { benchRegions, webhook } from './pushes.ts';
import { startBenchAzure } from './replication-app.ts';
import { percentile } from './statistics.ts';

/** Instances of the app, and different notifications of one image that they get at the same moment. */
const cases = [
  { instances: 8, notices: 180 },
  { instances: 50, notices: 50 },
];
const rounds = 3;
/** Hosts that start at the same time. */
const starting = 4;

/** Sends notifications of one image to many instances at the same moment. None may be refused. */
export async function contention(): Promise<string[]> {
  await using world = await startBenchAzure();
  await using hosts = new AsyncDisposableStack();
  const limit = pLimit(starting);
  const most = Math.max(...cases.map(({ instances }) => instances));
  const started = await Promise.all(
    Array.from({ length: most }, () =>
      limit(async () => hosts.adopt(await world.startApp(), async (one) => void (await one.stop()))),
    ),
  );
  await warmUp(started);
  const lines: string[] = [];
  for (const { instances, notices } of cases) {
    for (let round = 0; round < rounds; round += 1) {
      const sent = await sendAtOnce(started.slice(0, instances), notices, `${instances}-${round}`);
      lines.push(`${instances} instances, ${notices} notifications of one image: ${sent}`);
    }
  }
  return lines;
}

const digestOf = (name: string): string =>
  `sha256:${Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64)}`;

/** Loads the adapters of each instance, and creates the tables. */
async function warmUp(hosts: readonly HostProcess[]): Promise<void> {
  for (const { url } of hosts) {
    const [region = ''] = benchRegions;
    await post(webhook(url, region, { repository: 'team/warm', digest: digestOf('warm'), tag: 'v1' }));
  }
}

async function sendAtOnce(hosts: readonly HostProcess[], notices: number, name: string): Promise<string> {
  const image = { repository: `team/contended-${name}`, digest: digestOf(name) };
  const requests = Array.from({ length: notices }, (_, index) => {
    const region = benchRegions[index % benchRegions.length] ?? '';
    const tag = `v${Math.floor(index / benchRegions.length)}`;
    return webhook(hosts[index % hosts.length]?.url ?? '', region, { ...image, tag });
  });
  const startedAt = performance.now();
  const answers = await Promise.all(requests.map(post));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const refused = answers.filter(({ status }) => status !== 200).length;
  const latenciesMs = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  const [p50, p95] = [50, 95].map((percent) => (percentile(latenciesMs, percent) / 1000).toFixed(2));
  return `${refused} refused, all answered in ${seconds} s, p50 ${p50} s, p95 ${p95} s`;
}

async function post({ url, method, headers, body = '' }: ReturnType<typeof webhook>) {
  const sentAt = performance.now();
  const answer = await fetch(url, { method, headers: { ...headers }, body });
  await answer.arrayBuffer();
  return { status: answer.status, ms: performance.now() - sentAt };
}
