import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startLocalAzure } from '../local/azure/local-azure.ts';
import { spawnHost } from '../local/host/spawn-host.ts';
import { watchOthers } from './machine.ts';
import { endedChildrenCpuMs } from './process-usage.ts';
import { appDirectory } from './replication-app.ts';
import { median } from './statistics.ts';

const rounds = 21;

/** Starts the built command and `node -e 0` in turns. `status` asks an app on the same machine. */
export async function commandStart(): Promise<string[]> {
  await using cleanUp = new AsyncDisposableStack();
  const azure = cleanUp.adopt(await startLocalAzure(), async (one) => void (await one.close()));
  const host = cleanUp.adopt(
    await spawnHost({
      directory: appDirectory,
      env: { ARM_ENDPOINT: azure.armEndpoint, AzureWebJobsStorage: '' },
    }),
    async (one) => void (await one.stop()),
  );
  const command = fileURLToPath(new URL('../bin/evenkeel.js', import.meta.url));
  const contestants = [
    { name: 'node -e 0', args: ['-e', '0'], runs: [] as Run[] },
    // What Node.js itself takes to ask, which no command that asks the app can be faster than.
    { name: 'node that asks the same', args: ['-e', asking(`${host.url}/api/status`)], runs: [] as Run[] },
    { name: 'evenkeel --help', args: [command, '--help'], runs: [] as Run[] },
    { name: 'evenkeel status', args: [command, 'status', '--app', host.url], runs: [] as Run[] },
  ] as const;
  for (const { args } of contestants) await run(args);
  const othersSince = watchOthers([]);
  for (let round = 0; round < rounds; round++)
    for (const { args, runs } of contestants) runs.push(await run(args));
  const others = Math.round(100 * othersSince());
  const [floor, ...commands] = contestants.map(({ name, runs }) => ({
    name,
    ms: median(runs.map((one) => one.ms)),
    // The clock of CPU time is too coarse for a single run.
    cpuMs: runs.reduce((sum, one) => sum + one.cpuMs, 0) / runs.length,
  }));
  if (floor === undefined) throw new TypeError('there is no floor');
  return [
    `${rounds} runs of each; ${others} % of the machine went elsewhere, to the runs as well`,
    ...commands.map(
      ({ name, ms, cpuMs }) =>
        `${name}: ${(ms / floor.ms).toFixed(2)} of ${floor.name} (median ${ms.toFixed(0)} ms against ${floor.ms.toFixed(0)}); ` +
        `CPU ${(cpuMs / floor.cpuMs).toFixed(2)} (mean ${cpuMs.toFixed(0)} ms against ${floor.cpuMs.toFixed(0)})`,
    ),
  ];
}

const asking = (url: string): string =>
  `require('node:http').get(${JSON.stringify(url)}, (answer) => answer.resume())`;

interface Run {
  readonly ms: number;
  readonly cpuMs: number;
}

/** Runs a process to its end. Whatever the command finds, it must not have failed. */
async function run(args: readonly string[]): Promise<Run> {
  const cpuBefore = endedChildrenCpuMs();
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'close');
  if (code === 1) throw new Error(`node ${args.join(' ')} failed`);
  return { ms: performance.now() - startedAt, cpuMs: endedChildrenCpuMs() - cpuBefore };
}
