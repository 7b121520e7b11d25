import * as v from 'valibot';
import { inject } from 'vitest';
import type { Azurite } from '../../local/azure/azurite.ts';

const accountSchema = v.object({
  connectionString: v.string(),
  endpoints: v.object({ blob: v.string(), queue: v.string(), table: v.string() }),
  pid: v.number(),
});

/** An empty storage account, in the Azurite that all tests of a run share. Stopping it does nothing. */
export async function aStorageAccount(): Promise<Azurite> {
  const answer = await fetch(inject('storageAccounts'));
  if (!answer.ok) throw new Error(await answer.text());
  const account = v.parse(accountSchema, await answer.json());
  return { ...account, accounts: [account], stop: async () => {} };
}
