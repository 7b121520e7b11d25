import type { TestProject } from 'vitest/node';
import { serveStorageAccounts } from './support/storage-account-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where tests get an empty storage account. */
    readonly storageAccounts: string;
  }
}

/** Azurite takes half a second of CPU time to start, so all workers share one, which starts when the first asks. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await serveStorageAccounts();
  project.provide('storageAccounts', server.url);
  return () => server.close();
}
