import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { type LocalAzure, startLocalAzure } from '../local/azure/local-azure.ts';
import { sampleNetwork, sampleZoneMap } from '../local/azure/sample.ts';
import { type HostProcess, spawnHost } from '../local/host/spawn-host.ts';
import { type LoadRequest, sendAll } from './http-load.ts';
import { watchOthers } from './machine.ts';
import { cpuMs } from './process-usage.ts';
import { appDirectory } from './replication-app.ts';
import { resourceEvent } from './resource-event.ts';
import { median } from './statistics.ts';

const groupCount = 40;
const concurrency = 8;
/** Each group gets so many events in a round. */
const eventsPerGroup = 15;
const warmUps = 4;
const rounds = 9;
const readMs = 20;

/**
 * Sends events of container groups whose records are right to the built app. Compares their rate, and their latency
 * when each read takes 20 ms, with the same reads by plain `fetch` in a process of its own.
 */
export async function noOpEvents(): Promise<string[]> {
  await using cleanUp = new AsyncDisposableStack();
  const azure = cleanUp.adopt(
    await startLocalAzure({ ...sampleNetwork, quotas: { enabled: false } }),
    async (one) => void (await one.close()),
  );
  const groups = Array.from({ length: groupCount }, (_, index) =>
    azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: `app-${index}` }),
  );
  const host = cleanUp.adopt(await startApp(azure), async (one) => void (await one.stop()));
  const reader = cleanUp.adopt(fork(fileURLToPath(new URL('./raw-reads.ts', import.meta.url))), (one) => {
    one.kill();
  });
  await sendAll(eventsOf(host, groups, 1), 202, concurrency);
  const tasks: string[][] = [];
  for (const group of groups) tasks.push(await readsOf(azure, host, group));
  const sameReads = Array.from({ length: eventsPerGroup }, () => tasks).flat();

  const lines = [
    `${tasks[0]?.length} reads an event; ${concurrency} at a time; the median of ${rounds} rounds`,
  ];
  lines.push(await rates(azure, { host, reader, groups, sameReads }));
  azure.faults.add({ kind: 'latency', ms: readMs, pathPrefix: '/subscriptions' });
  const some = tasks.slice(0, 25);
  const events = await sendAll(eventsOf(host, groups.slice(0, 25), 1), 202, 1);
  const raw = await readAll(reader, some, 1);
  const [app, plain] = [median(events.latenciesMs), median(raw.latenciesMs)];
  lines.push(
    `one at a time with ${readMs} ms a read: ${(app / plain).toFixed(2)} of the reads in a row ` +
      `(${app.toFixed(1)} ms against ${plain.toFixed(1)})`,
  );
  return lines;
}

interface Contest {
  readonly host: HostProcess;
  readonly reader: ChildProcess;
  readonly groups: readonly string[];
  readonly sameReads: readonly (readonly string[])[];
}

async function rates(_: LocalAzure, { host, reader, groups, sameReads }: Contest): Promise<string> {
  const measured: { event: number; raw: number; eventMs: number; rawMs: number; others: number }[] = [];
  for (let round = 0; round < warmUps + rounds; round++) {
    const othersSince = watchOthers([host.pid, reader.pid ?? 0]);
    const [hostBefore, readerBefore] = [cpuMs(host.pid), cpuMs(reader.pid ?? 0)];
    const events = await sendAll(eventsOf(host, groups, eventsPerGroup), 202, concurrency);
    const raw = await readAll(reader, sameReads, concurrency);
    if (round < warmUps) continue;
    measured.push({
      event: events.perSecond,
      raw: sameReads.length / raw.seconds,
      eventMs: (cpuMs(host.pid) - hostBefore) / sameReads.length,
      rawMs: (cpuMs(reader.pid ?? 0) - readerBefore) / sameReads.length,
      others: othersSince(),
    });
  }
  const ratios = measured.map(({ event, raw }) => event / raw);
  const of = (key: keyof (typeof measured)[number]) => median(measured.map((one) => one[key]));
  return (
    `events: ${of('event').toFixed(0)}/s, ${median(ratios).toFixed(2)} of the reads alone ` +
    `(${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}; ${of('raw').toFixed(0)}/s); ` +
    `CPU ${of('eventMs').toFixed(2)} ms in the host against ${of('rawMs').toFixed(2)} ms; ` +
    `${Math.round(100 * of('others'))} % of the machine went elsewhere`
  );
}

const startApp = (azure: LocalAzure) =>
  spawnHost({
    directory: appDirectory,
    env: {
      ARM_ENDPOINT: azure.armEndpoint,
      AzureWebJobsStorage: '',
      DNS_ZONE_MAP: JSON.stringify(sampleZoneMap),
    },
  });

const eventsOf = ({ url }: HostProcess, groups: readonly string[], each: number): LoadRequest[] =>
  Array.from({ length: each }, () =>
    groups.map((group) => ({
      url: `${url}/runtime/webhooks/EventGrid?functionName=reconcileDns`,
      method: 'POST' as const,
      headers: { 'content-type': 'application/json', 'aeg-event-type': 'Notification' },
      body: JSON.stringify([resourceEvent(group)]),
    })),
  ).flat();

/** The URLs that an event of a group has the app read. */
async function readsOf(azure: LocalAzure, host: HostProcess, group: string): Promise<string[]> {
  const mark = azure.requests.mark();
  await sendAll(eventsOf(host, [group], 1), 202, 1);
  return azure.requests.since(mark).map(({ method, id }) => {
    if (method !== 'GET') throw new Error(`an event that changes nothing made the request ${method} ${id}`);
    const version = id.toLowerCase().includes('/privatednszones/') ? '2024-06-01' : '2025-09-01';
    return `${azure.armEndpoint}${id}?api-version=${version}`;
  });
}

const read = v.object({ latenciesMs: v.array(v.number()), seconds: v.number() });

async function readAll(reader: ChildProcess, tasks: readonly (readonly string[])[], atATime: number) {
  const answered = once(reader, 'message');
  reader.send({ tasks, concurrency: atATime });
  const [answer] = await answered;
  return v.parse(read, answer);
}
