import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface QueueStorage {
  readonly connectionString: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** The queue service of Azurite, in memory. */
export async function startQueueStorage(port = 0): Promise<QueueStorage> {
  const directory = await mkdtemp(join(tmpdir(), 'queue-storage-'));
  const program = createRequire(import.meta.url).resolve('azurite/dist/src/queue/main.js');
  const options = ['--inMemoryPersistence', '--disableTelemetry', '--skipApiVersionCheck', '--silent'];
  const child = spawn(process.execPath, [program, '--queuePort', String(port), ...options], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    void ended.then(() => reject(new Error('Azurite ended before it was ready')));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /listens on (http:\S+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  // The account of the emulator, the same everywhere:
  // https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
  const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
  const name = 'devstoreaccount1';
  return {
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${name};AccountKey=${key};QueueEndpoint=${url}/${name};`,
    port: Number(new URL(url).port),
    async stop() {
      child.kill('SIGKILL');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
