import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { deadlineIn } from '../../../src/lib/deadline.ts';
import { isNoted, methods } from './adapters.ts';
import { everyCall } from './every-call.ts';

const src = join(import.meta.dirname, '../../../src');
const azure = join(src, 'azure');

/** What of the modules that others use is no call to Azure, or is called for by what stands in the table. */
const otherExports: Readonly<Record<string, string>> = {
  azureClients: 'makes the adapters',
  azureCredential: 'gets tokens for the clients: what they do while none comes is tested for each of them',
  changeAll: 'calls the table that it is given',
  copyTimesTable: 'a part of ledgerTables',
  deleteAll: 'calls the table that it is given',
  blobService: 'makes a client; reportBlob and the adapters of replays call it',
  finishedImagesTable: 'a part of ledgerTables',
  imagesTable: 'a part of ledgerTables',
  ledgerOver: 'a part of ledgerTables',
  queueService: 'makes a client; requeueQueue and poisonQueue call it',
  routeOf: 'asks DNS, by a function that it is given: login-server-route.test.ts',
  sendTo: 'a part of requeueQueue and poisonQueue',
  sharingTokens: 'asks the credential that it is given',
  signInError: 'makes an error',
  storageCallWithin: 'limits the time of a call',
  toReplica: 'reads an answer',
};

const files = globSync('**/*.{ts,tsx}', { cwd: src })
  .filter((file) => !file.endsWith('.d.ts'))
  .sort();
const textOf = (file: string): string => readFileSync(join(src, file), 'utf8');

/** What else can wait for another side, and where a test has that side hang. */
const otherWaits: Readonly<Record<string, string>> = {
  'azure/http-client.ts': 'azure/time-limits.test.ts',
  'cli/http-request.ts': 'cli/time-limits.test.ts',
  'composition/registries.ts': 'azure/login-server-route.test.ts',
  'dns/audit/sweep-thread.ts': 'dns/audit/sweep-thread.test.ts',
  'page/fetch-status.ts': 'page/fetch-status.test.ts',
  'sweep-worker.ts': 'dns/audit/sweep-thread.test.ts',
  'telemetry/azure-monitor-exporters.ts': 'telemetry/open-telemetry.test.ts',
  'telemetry/otlp-exporters.ts': 'telemetry/open-telemetry.test.ts',
};
const waits = [
  // `isIP` and its like only look at a text.
  /^import (?!type|\{ isIP\w* \})[^;]*? from 'node:net'/m,
  /(^import (?!type)[^;]*? from|\bimport\() ?'(node:(https?|http2|tls|dgram|dns|child_process|worker_threads|cluster)|undici)\b/m,
  /(^import (?!type)[^;]*? from|\bimport\() ?'@(opentelemetry|azure)\/[\w-]*exporter/m,
  /(?<![\w.])(fetch|new (WebSocket|EventSource|XMLHttpRequest))\(/,
];

/** The modules of `src/azure` that are loaded by others of `src`, or by what makes the clients. */
const entries = new Set(
  files
    .filter((file) => !file.startsWith('azure/') || file === 'azure/clients.ts')
    .flatMap((file) =>
      [...textOf(file).matchAll(/(?:^import (?!type)[^;]*?from |\bimport\()'(\.[^']+)'/gm)].map(
        ([, path = '']) => join(src, dirname(file), path),
      ),
    )
    .filter((path) => path.startsWith(`${azure}/`)),
);

it('every function that a module of src/azure offers is called by a row, or is named with a reason', async () => {
  const exported = await Promise.all([...entries].map(async (path) => Object.entries(await import(path))));
  const left = exported
    .flat()
    .filter(([name, value]) => typeof value === 'function' && !isNoted(name, value))
    .map(([name]) => name);
  expect(left.length + methods.size).toBeGreaterThan(30);
  expect([...new Set(left)].sort()).toEqual(Object.keys(otherExports).sort());
});

it('every module that can wait for another side is an adapter, or is named with a test', () => {
  const waiting = files.filter((file) => waits.some((wait) => wait.test(textOf(file))));
  expect(waiting).toEqual(Object.keys(otherWaits));
  const tests = Object.values(otherWaits).map((test) => join(src, '../test', test));
  expect(tests.filter((test) => !existsSync(test))).toEqual([]);
});

it('every method of an adapter is called by a row', () => {
  const closedPort = 'http://127.0.0.1:1';
  for (const { make } of Object.values(everyCall).flat())
    void make(closedPort, deadlineIn(0)).catch(() => {});
  expect([...methods].filter(([, made]) => made !== 'called')).toEqual([]);
});
