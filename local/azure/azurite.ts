import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface AzuriteOptions {
  /** 0, the default of all three, is any free port. */
  readonly blobPort?: number;
  readonly queuePort?: number;
  readonly tablePort?: number;
  /** Heap limit of its process, where the default of Node.js is too small. */
  readonly maxHeapMiB?: number;
  /** Names of its accounts; the one that every emulator has is the default. */
  readonly accounts?: readonly [string, ...string[]];
}

/** One storage account. What it holds, others do not see. */
interface StorageAccount {
  /** Connection string with the actual ports, and the key that every emulator has. */
  readonly connectionString: string;
  /** Base URLs with the account's name, without a slash at their ends. */
  readonly endpoints: Readonly<Record<AzuriteService, string>>;
}

/** Storage in the memory of a process of its own, which ends with this one. It is its own first account. */
export interface Azurite extends StorageAccount {
  readonly accounts: readonly StorageAccount[];
  readonly pid: number;
  /** Safe to call again. */
  stop(): Promise<void>;
}

type AzuriteService = 'blob' | 'queue' | 'table';

export class AzuriteStartError extends Error {
  override readonly name = 'AzuriteStartError';
}

/** https://learn.microsoft.com/azure/storage/common/storage-connect-azurite#well-known-storage-account-and-key */
const usualAccount = 'devstoreaccount1';
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

const listening = /^Azurite (Blob|Queue|Table) service is successfully listening at (http:\S+)$/;
/** Time from SIGTERM to SIGKILL. Nothing is lost then: everything is in memory. */
const stopTimeoutMs = 2_000;

/** Resolves when blob, queue and table storage accept requests; rejects with `AzuriteStartError`. */
export async function startAzurite(options: AzuriteOptions = {}): Promise<Azurite> {
  const { accounts: names = [usualAccount] } = options;
  const child = spawn(
    process.execPath,
    [
      ...(options.maxHeapMiB === undefined ? [] : [`--max-old-space-size=${options.maxHeapMiB}`]),
      fileURLToPath(new URL('./azurite-process.ts', import.meta.url)),
      '--inMemoryPersistence',
      '--disableTelemetry',
      '--skipApiVersionCheck',
      '--silent',
      '--blobPort',
      String(options.blobPort ?? 0),
      '--queuePort',
      String(options.queuePort ?? 0),
      '--tablePort',
      String(options.tablePort ?? 0),
    ],
    // Ctrl-C reaches a whole process group. This process decides when its storage stops.
    {
      cwd: tmpdir(),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
      env: { ...process.env, AZURITE_ACCOUNTS: names.map((name) => `${name}:${accountKey}`).join(';') },
    },
  );
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const endpoints = new Map<string, string>();
  const ready = Promise.withResolvers<void>();
  const complaints: string[] = [];
  const { stdout, stderr } = child;
  if (stdout !== null)
    createInterface({ input: stdout }).on('line', (line) => {
      const [, service, url] = listening.exec(line) ?? [];
      if (service === undefined || url === undefined) return;
      endpoints.set(service.toLowerCase(), url);
      if (endpoints.size === 3) ready.resolve();
    });
  if (stderr !== null) createInterface({ input: stderr }).on('line', (line) => complaints.push(line));
  child.once('error', (cause) => ready.reject(new AzuriteStartError('Azurite did not start', { cause })));
  child.once('close', (code, signal) => ready.reject(startError(complaints, code ?? signal)));

  await ready.promise;
  const [first, ...others] = names;
  const accounts = [
    accountAt(first, endpoints),
    ...others.map((name) => accountAt(name, endpoints)),
  ] as const;
  return {
    ...accounts[0],
    accounts,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      const deadline = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
      await closed;
      clearTimeout(deadline);
    },
  };
}

function accountAt(name: string, urls: ReadonlyMap<string, string>): StorageAccount {
  const endpointOf = (service: AzuriteService) => `${urls.get(service) ?? ''}/${name}`;
  const endpoints = { blob: endpointOf('blob'), queue: endpointOf('queue'), table: endpointOf('table') };
  return {
    endpoints,
    connectionString: [
      'DefaultEndpointsProtocol=http',
      `AccountName=${name}`,
      `AccountKey=${accountKey}`,
      `BlobEndpoint=${endpoints.blob}`,
      `QueueEndpoint=${endpoints.queue}`,
      `TableEndpoint=${endpoints.table}`,
      '',
    ].join(';'),
  };
}

function startError(complaints: readonly string[], end: number | NodeJS.Signals | null): AzuriteStartError {
  const inUse = /EADDRINUSE.*:(\d+)/.exec(complaints.join('\n'))?.[1];
  if (inUse !== undefined) return new AzuriteStartError(`port ${inUse}, wanted for Azurite, is in use`);
  const complaint = complaints.find((line) => line.includes('rror')) ?? complaints[0] ?? 'without a word';
  return new AzuriteStartError(`Azurite ended (${end}): ${complaint}`);
}
