import * as v from 'valibot';
import type { HostProcess } from '../local/host/spawn-host.ts';
import { watchOthers } from './machine.ts';
import { residentMiB } from './process-usage.ts';
import { type BenchAzure, startBenchAzure } from './replication-app.ts';

const registryCount = 50;
const replicaCount = 20;
const latencyMs = 100;

const statusSchema = v.object({
  registries: v.array(
    v.object({
      registry: v.string(),
      reviewedAt: v.nullable(v.string()),
      replicas: v.array(v.object({ evidence: v.object({ reachability: v.object({ kind: v.string() }) }) })),
    }),
  ),
});
type Registries = v.InferOutput<typeof statusSchema>['registries'];

/**
 * Reviews many registries with the deployed build, against a slow Resource Manager and slow regional endpoints: when
 * all of them answer, and when some never do.
 */
export async function replicaReview(): Promise<string[]> {
  const regions = numbered('region', replicaCount);
  const [home = '', ...replicas] = regions;
  const names = numbered('registry', registryCount);
  await using world = await startBenchAzure({ registries: names.map((name) => ({ name, home, replicas })) });
  const { faults } = world.azure;
  await using started = new AsyncDisposableStack();
  let ended = Promise.withResolvers<string>();
  const host = started.adopt(
    await world.startApp({
      onLine: (line) => {
        const outcome = outcomeIn(line);
        if (outcome !== undefined) ended.resolve(outcome);
      },
    }),
    async (one) => void (await one.stop()),
  );
  const review = async (title: string) => {
    ended = Promise.withResolvers();
    return measure(title, world, host, () => ended.promise);
  };
  const hang = (some: readonly string[]) => {
    const paths = some.map((name) => `/${name}/`);
    const { remove } = faults.add({
      match: ({ id }) => paths.some((path) => `${id}/`.includes(path)),
      kind: 'hang',
    });
    return remove;
  };

  const { remove } = faults.add({ match: () => true, kind: 'latency', ms: latencyMs });
  const lines = [
    `${registryCount} registries with ${replicaCount} replicas each, every answer after ${latencyMs} ms`,
    await review('  the first review'),
    await review('  the next'),
  ];
  // Only the first fault that matches takes effect.
  remove();
  for (const count of [1, 15]) {
    const thaw = hang(names.slice(0, count));
    const slow = faults.add({ match: () => true, kind: 'latency', ms: latencyMs });
    lines.push(await review(`  with ${count} that never ${count === 1 ? 'answers' : 'answer'}`));
    slow.remove();
    thaw();
  }
  lines.push(...(await reviewsWithPull(world, names, faults)));
  return lines;
}

/** The same, when reviews also pull the beginning of an image from each replica. */
async function reviewsWithPull(
  world: BenchAzure,
  names: readonly string[],
  faults: BenchAzure['azure']['faults'],
): Promise<string[]> {
  const { registries } = world.azure;
  for (const registry of names) registries.push({ registry, repository: 'team/app', tag: 'v1' });
  await registries.idle();
  let ended = Promise.withResolvers<string>();
  const host = await world.startApp({
    entry: { probe: 'pull', probeImage: 'team/app:v1' },
    onLine: (line) => {
      const outcome = outcomeIn(line);
      if (outcome !== undefined) ended.resolve(outcome);
    },
  });
  const slow = faults.add({ match: () => true, kind: 'latency', ms: latencyMs });
  try {
    const lines: string[] = [];
    for (const title of ['  with pull, the first review', '  with pull, the next']) {
      ended = Promise.withResolvers();
      lines.push(await measure(title, world, host, () => ended.promise));
    }
    return lines;
  } finally {
    slow.remove();
    await host.stop();
  }
}

const outcomeIn = (line: string): string | undefined =>
  /Executed 'Functions\.reviewReplicas' \((\w+),/.exec(line)?.[1]?.toLowerCase();

async function measure(
  title: string,
  { azure }: BenchAzure,
  { url, pid }: HostProcess,
  ended: () => Promise<string>,
): Promise<string> {
  const mark = azure.requests.mark();
  const othersShare = watchOthers([pid]);
  const startedAt = Date.now();
  const answer = await fetch(`${url}/admin/functions/reviewReplicas`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"input":""}',
  });
  if (answer.status !== 202) throw new Error(`reviewReplicas was answered ${answer.status}`);
  const outcome = await ended();
  const seconds = inSeconds(Date.now() - startedAt);
  const others = Math.round(100 * othersShare());
  const calls = azure.requests.since(mark).length;
  const { registries } = v.parse(statusSchema, await (await fetch(`${url}/api/status`)).json());
  return (
    `${title}: ${outcome} in ${seconds} s, ${calls} calls; ${whenOf(registries, startedAt)}; ` +
    `peak ${residentMiB(pid, 'VmHWM')} MiB; other processes had ${others} % of the machine`
  );
}

/** The times at which the registries were decided on. */
function whenOf(registries: Registries, startedAt: number): string {
  const isWell = ({ replicas }: Registries[number]) =>
    replicas.length === replicaCount &&
    replicas.every(({ evidence }) => evidence.reachability.kind === 'alive');
  const [well, silent] = [true, false].map((wanted) =>
    registries
      .filter((one) => isWell(one) === wanted)
      .map(({ reviewedAt }) => Date.parse(reviewedAt ?? '') - startedAt),
  );
  const latest = (times: readonly number[] = []) =>
    times.length === 0 ? '' : ` by ${inSeconds(Math.max(...times))} s`;
  return `${well?.length} decided${latest(well)}, ${silent?.length} not seen in full${latest(silent)}`;
}

const inSeconds = (ms: number): string => (ms / 1000).toFixed(1);

const numbered = (noun: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${noun}${String(index + 1).padStart(2, '0')}`);
