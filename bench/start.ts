import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { type LocalAzure, startLocalAzure } from '../local/azure/local-azure.ts';
import { sampleNetwork, sampleWebhookSecret, sampleZoneMap } from '../local/azure/sample.ts';
import { spawnHost } from '../local/host/spawn-host.ts';
import { sendAll } from './http-load.ts';
import { watchOthers } from './machine.ts';
import { cpuMs, residentMiB } from './process-usage.ts';
import { appDirectory } from './replication-app.ts';
import { resourceEvent } from './resource-event.ts';
import { median } from './statistics.ts';

const rounds = 9;

interface App {
  readonly name: string;
  readonly directory: string;
  readonly main: string;
  /** The function that gets the first event. */
  readonly functionName: string;
}

const hello: App = {
  name: 'hello-world app',
  directory: fileURLToPath(new URL('./fixtures/hello', import.meta.url)),
  main: 'main.js',
  functionName: 'helloEvent',
};
const evenkeel: App = {
  name: 'evenkeel',
  directory: appDirectory,
  main: 'dist/main.js',
  functionName: 'reconcileDns',
};

/**
 * Starts the built app and a hello-world app with the same kinds of triggers, in turns. The first event is one of a
 * container group whose records are right, which takes evenkeel three reads; the other app does nothing.
 */
export async function start(): Promise<string[]> {
  const azure = await startLocalAzure({ ...sampleNetwork, quotas: { enabled: false } });
  const othersSince = watchOthers([]);
  try {
    const group = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
    const measure = (app: App) => ({
      host: () => startHosted(app, azure, group),
      alone: () => startAlone(app),
    });
    const contestants = [measure(hello), measure(evenkeel)];
    // The first start of each fills the compile cache of the local host, and creates the records.
    for (const { host } of contestants) await host();
    const hosted: Hosted[][] = [[], []];
    const alone: Alone[][] = [[], []];
    for (let round = 0; round < rounds; round++) {
      for (const [index, { host, alone: byNode }] of contestants.entries()) {
        hosted[index]?.push(await host());
        alone[index]?.push(await byNode());
      }
    }
    const others = Math.round(100 * othersSince());
    return [
      `the median of ${rounds} starts of each; ${others} % of the machine went elsewhere, to the apps as well`,
      compare('local host: start', hosted, ({ startMs }) => startMs, 'ms'),
      compare('local host: CPU until then', hosted, ({ startCpuMs }) => startCpuMs, 'ms'),
      compare('local host: first event', hosted, ({ eventMs }) => eventMs, 'ms'),
      compare('local host: start and first event', hosted, ({ startMs, eventMs }) => startMs + eventMs, 'ms'),
      compare('local host: CPU of both', hosted, ({ allCpuMs }) => allCpuMs, 'ms'),
      compare('local host: memory', hosted, ({ memoryMiB }) => memoryMiB, 'MiB'),
      compare('node alone: import', alone, ({ importMs }) => importMs, 'ms'),
      compare('node alone: whole process', alone, ({ wholeMs }) => wholeMs, 'ms'),
      compare('node alone: CPU', alone, ({ allCpuMs }) => allCpuMs, 'ms'),
      compare('node alone: memory', alone, ({ memoryMiB }) => memoryMiB, 'MiB'),
    ];
  } finally {
    await azure.close();
  }
}

interface Hosted {
  readonly startMs: number;
  readonly startCpuMs: number;
  readonly eventMs: number;
  readonly allCpuMs: number;
  readonly memoryMiB: number;
}

async function startHosted(
  { directory, functionName }: App,
  azure: LocalAzure,
  group: string,
): Promise<Hosted> {
  const startedAt = performance.now();
  const host = await spawnHost({
    directory,
    env: {
      ARM_ENDPOINT: azure.armEndpoint,
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
      DNS_ZONE_MAP: JSON.stringify(sampleZoneMap),
      REGISTRY_WEBHOOK_SECRET: sampleWebhookSecret,
    },
  });
  try {
    const startMs = performance.now() - startedAt;
    const startCpuMs = cpuMs(host.pid);
    const event = {
      url: `${host.url}/runtime/webhooks/EventGrid?functionName=${functionName}`,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'aeg-event-type': 'Notification' },
      body: JSON.stringify([resourceEvent(group)]),
    } as const;
    const { latenciesMs } = await sendAll([event], 202, 1);
    const [eventMs = Number.NaN] = latenciesMs;
    return { startMs, startCpuMs, eventMs, allCpuMs: cpuMs(host.pid), memoryMiB: residentMiB(host.pid) };
  } finally {
    // The compile cache is written when a process ends by itself.
    await host.stop();
  }
}

interface Alone {
  readonly importMs: number;
  readonly wholeMs: number;
  readonly allCpuMs: number;
  readonly memoryMiB: number;
}

/** Without a host the app registers nothing, and without a compile cache everything is compiled, as on a new machine. */
async function startAlone({ directory, main }: App): Promise<Alone> {
  const script = [
    'const at = performance.now();',
    `await import(${JSON.stringify(new URL(main, `file://${directory}/`).href)});`,
    'const importMs = performance.now() - at;',
    'const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();',
    'console.log(JSON.stringify([importMs, (userCPUTime + systemCPUTime) / 1000, maxRSS / 1024]));',
    'process.exit();',
  ].join('\n');
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await once(child, 'close');
  const wholeMs = performance.now() - startedAt;
  // @azure/functions prints a warning first, because there is no host.
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  const [importMs, allCpuMs, memoryMiB] = v.parse(
    v.tuple([v.number(), v.number(), v.number()]),
    JSON.parse(last),
  );
  return { importMs, wholeMs, allCpuMs, memoryMiB };
}

function compare<T>(
  title: string,
  [ofHello = [], ofEvenkeel = []]: readonly (readonly T[])[],
  figureOf: (measured: T) => number,
  unit: string,
): string {
  const [a, b] = [median(ofHello.map(figureOf)), median(ofEvenkeel.map(figureOf))];
  return `${title}: ${(b / a).toFixed(2)} of the ${hello.name} (${b.toFixed(0)} ${unit} against ${a.toFixed(0)})`;
}
