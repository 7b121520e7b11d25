import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import type { HostProcess, SpawnHostOptions } from '../../local/host/spawn-host.ts';

interface CoreToolsOptions extends Pick<SpawnHostOptions, 'directory' | 'env' | 'onLine'> {
  /** The program, such as `func`. */
  readonly program: string;
  /** How long a start may take: the first one downloads the extension bundle. */
  readonly startLimitMs?: number;
  /** How long running functions may go on after `stop`. */
  readonly stopLimitMs?: number;
}

class CoreToolsStartError extends Error {
  override readonly name = 'CoreToolsStartError';
}

const pollMs = 100;
const rememberedLines = 20;
/** The words of Core Tools for a port that somebody took between the choice and the start. */
const portTaken = /Port \d+ is unavailable/;

/**
 * Starts an app by `func start` of Azure Functions Core Tools, and resolves when its functions are served.
 * https://learn.microsoft.com/azure/azure-functions/functions-core-tools-reference#func-start
 *
 * Rejects with `CoreToolsStartError`, which holds the last lines, when it ends before that or takes too long.
 */
export async function startCoreTools(options: CoreToolsOptions): Promise<HostProcess> {
  for (;;) {
    try {
      return await startOnce(options, await freePort());
    } catch (error) {
      if (!(error instanceof CoreToolsStartError && portTaken.test(error.message))) throw error;
    }
  }
}

async function startOnce(options: CoreToolsOptions, port: number): Promise<HostProcess> {
  const { directory, program, startLimitMs = 300_000, stopLimitMs = 30_000 } = options;
  const child = spawn(program, ['start', '--port', String(port)], {
    cwd: directory,
    env: {
      ...process.env,
      FUNCTIONS_WORKER_RUNTIME: 'node',
      FUNCTIONS_CORE_TOOLS_TELEMETRY_OPTOUT: '1',
      // The host starts its worker anew when a file below node_modules changes, and other tests write caches there.
      AzureFunctionsJobHost__fileWatchingEnabled: 'false',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // The host has a worker process, which dies with the group.
    detached: true,
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const killGroup = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Nobody of the group is left.
    }
  };
  process.once('exit', killGroup);

  const lastLines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (printed) => {
      const line = stripVTControlCharacters(printed);
      lastLines.push(line);
      if (lastLines.length > rememberedLines) lastLines.shift();
      options.onLine?.(line);
    });
  }

  // "close" comes after the last line, "exit" may come before it.
  const ended = new AbortController();
  const closed = new Promise<void>((resolve) =>
    child.once('close', () => {
      process.off('exit', killGroup);
      ended.abort();
      resolve();
    }),
  );
  const started = Promise.withResolvers<never>();
  // Where it cannot be started at all, "close" does not come.
  child.once('error', started.reject);

  const url = `http://127.0.0.1:${port}`;
  const limit = AbortSignal.timeout(startLimitMs);
  const isServed = await Promise.race([
    started.promise,
    untilServed(url, AbortSignal.any([limit, ended.signal])),
  ]);
  if (!isServed) {
    const wasKilled = !ended.signal.aborted;
    killGroup();
    await closed;
    const what = wasKilled ? `serves nothing after ${startLimitMs} ms` : 'ended';
    throw new CoreToolsStartError(`${program} start ${what}, after:\n${lastLines.join('\n')}`);
  }
  return {
    url,
    pid: child.pid ?? 0,
    exited,
    async kill() {
      killGroup();
      await closed;
    },
    async stop() {
      // As Ctrl-C does. The host tells its worker by itself.
      child.kill('SIGINT');
      await Promise.race([closed, pause(stopLimitMs, undefined, { ref: false })]);
      killGroup();
      await closed;
      return exited;
    },
  };
}

/** Asks for the state of the host until it is `Running`; false when the signal comes first. */
async function untilServed(url: string, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    try {
      const answer = await fetch(`${url}/admin/host/status`, { signal });
      if (/"state":\s*"Running"/.test(await answer.text())) return true;
    } catch {
      // It does not listen yet.
    }
    await pause(pollMs, undefined, { signal }).catch(() => {});
  }
  return false;
}

/** Core Tools takes 0 for its default port. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
