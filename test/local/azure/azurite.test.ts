import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { describe, expect, it, vi } from 'vitest';
import { type AzuriteOptions, AzuriteStartError, startAzurite } from '../../../local/azure/azurite.ts';

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const portOf = (url: string): number => Number(new URL(url).port);

describe.concurrent('Azurite', () => {
  it('serves blobs, queues and tables on free ports, which its connection string names, until it is stopped', async () => {
    const azurite = await startAzurite();
    const { connectionString, endpoints } = azurite;
    await BlobServiceClient.fromConnectionString(connectionString).createContainer('dead-letters');
    await QueueServiceClient.fromConnectionString(connectionString).createQueue('evenkeel-dns');
    const tables = await fetch(`${endpoints.table}/Tables`);
    const taken: AzuriteOptions = { blobPort: portOf(endpoints.blob) };
    const second = startAzurite(taken);
    await expect(second).rejects.toThrow(AzuriteStartError);
    await expect(second).rejects.toThrow(`port ${taken.blobPort}, wanted for Azurite, is in use`);
    await azurite.stop();
    await azurite.stop();
    expect(connectionString).toContain(`TableEndpoint=${endpoints.table};`);
    // Without a signature, but by the table service.
    expect(tables.status).toBe(403);
    expect(isAlive(azurite.pid)).toBe(false);
  });

  it('does not outlive a parent that is killed', async () => {
    const parent = spawn(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `import { startAzurite } from ${JSON.stringify(fileURLToPath(new URL('../../../local/azure/azurite.ts', import.meta.url)))};
         console.log((await startAzurite()).pid);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const pid = await new Promise<number>((resolve) => {
      createInterface({ input: parent.stdout }).once('line', (line) => resolve(Number(line)));
    });
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 5_000, interval: 10 });
  });
});
