import { type Azurite, startAzurite } from '../../local/azure/azurite.ts';
import { once } from '../../src/lib/async.ts';

/** The tests of one worker use fewer accounts. */
const accounts = 64;

const names = () => Array.from({ length: accounts }, (_, index) => `account${index + 1}`);

/** Azurite takes most of a second to start, so the tests of a worker share one. It ends with the worker. */
const shared = once(() => startAzurite({ accounts: ['unused', ...names()] }));
let used = 0;

/** An empty storage account. Stopping it does nothing. */
export async function aStorageAccount(): Promise<Azurite> {
  const azurite = await shared();
  used += 1;
  const account = azurite.accounts[used];
  if (account === undefined) throw new Error(`the tests of one worker use more than ${accounts} accounts`);
  return { ...azurite, ...account, stop: async () => {} };
}
