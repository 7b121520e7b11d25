import { createServer } from 'node:http';
import { type Azurite, startAzurite } from '../../local/azure/azurite.ts';

/** The tests of one run use fewer accounts. */
const accounts = 256;

interface StorageAccountServer {
  /** Answers each request with an account that nobody had before. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the accounts of one Azurite, which starts with the first request. */
export async function serveStorageAccounts(): Promise<StorageAccountServer> {
  let azurite: Promise<Azurite> | undefined;
  let used = 0;
  const next = async () => {
    used += 1;
    const wanted = used;
    const names = Array.from({ length: accounts }, (_, index) => `account${index + 1}`);
    azurite ??= startAzurite({ accounts: ['unused', ...names] });
    const { accounts: all, pid } = await azurite;
    const account = all[wanted];
    if (account === undefined) throw new Error(`the tests of one run use more than ${accounts} accounts`);
    return { ...account, pid };
  };
  const server = createServer((_, answer) => {
    next().then(
      (account) => answer.end(JSON.stringify(account)),
      (error: unknown) => answer.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await azurite?.then((one) => one.stop());
    },
  };
}
