import { journalTable, journalTableName } from '../src/azure/storage/journal.ts';
import { openTable } from '../src/azure/storage/tables.ts';
import { deadlineIn } from '../src/lib/deadline.ts';
import type { JournalPage } from '../src/status/journal.ts';
import { sendAll } from './http-load.ts';
import { watchOthers } from './machine.ts';
import { cpuMs } from './process-usage.ts';
import { type BenchAzure, startBenchAzure } from './replication-app.ts';
import { median } from './statistics.ts';

const spokeCount = 200;
const registryCount = 50;
const replicaCount = 20;
const pageCount = 1_000;
const groupsPerPage = 20;
const signalsPerPage = 10;
const warmUps = 3;
const rounds = 9;
const requestsPerRound = 5;

/** Requests the status document of a large installation from the built app, and measures what one takes. */
export async function statusDocument(): Promise<string[]> {
  const regions = numbered('region', replicaCount);
  const [home = '', ...replicas] = regions;
  await using world = await startBenchAzure({
    registries: numbered('registry', registryCount).map((name) => ({ name, home, replicas })),
  });
  await fillJournal(world);
  const reviewed = Promise.withResolvers<void>();
  const host = await world.startApp({
    settings: { DNS_ZONE_MAP: JSON.stringify(zoneMap()) },
    onLine: (line) => {
      if (line.includes("Executed 'Functions.reviewReplicas'")) reviewed.resolve();
    },
  });
  try {
    await sendAll([fired(host.url, 'reviewReplicas')], 202, 1);
    await reviewed.promise;
    const request = { url: `${host.url}/api/status`, method: 'GET', headers: {} } as const;
    const measured: { ms: number; cpu: number; others: number }[] = [];
    for (let round = 0; round < warmUps + rounds; round++) {
      const [before, othersSince] = [cpuMs(host.pid), watchOthers([host.pid, world.storage.pid])];
      const { latenciesMs } = await sendAll(Array(requestsPerRound).fill(request), 200, 1);
      const cpu = (cpuMs(host.pid) - before) / requestsPerRound;
      if (round >= warmUps) measured.push({ ms: median(latenciesMs), cpu, others: othersSince() });
    }
    const bytes = (await (await fetch(request.url)).arrayBuffer()).byteLength;
    const of = (key: keyof (typeof measured)[number]) => median(measured.map((one) => one[key]));
    return [
      `${spokeCount} spokes, ${registryCount} registries of ${replicaCount} replicas, ${pageCount} pages of the journal; ` +
        `${Math.round(bytes / 1024)} KiB`,
      `CPU ${of('cpu').toFixed(0)} ms a document, the median of ${rounds} rounds; answered after ${of('ms').toFixed(0)} ms; ` +
        `${Math.round(100 * of('others'))} % of the machine went elsewhere`,
    ];
  } finally {
    await host.stop();
  }
}

const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name}${index}`);

const zoneMap = () =>
  Object.fromEntries(
    numbered('rg-spoke-', spokeCount).map((key) => [
      key,
      { forwardZone: `${key}.internal.contoso.com`, reverseZones: [], zoneResourceGroup: 'rg-hub-dns' },
    ]),
  );

const fired = (hostUrl: string, functionName: string) =>
  ({
    url: `${hostUrl}/admin/functions/${functionName}`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"input":""}',
  }) as const;

async function fillJournal({ storage }: BenchAzure): Promise<void> {
  const connection = { kind: 'connectionString', connectionString: storage.connectionString } as const;
  const journal = journalTable(openTable(journalTableName, connection, undefined), () => new Date());
  const left = numbered('page', pageCount).entries();
  const worker = async () => {
    for (const [index, id] of left) await journal.write(id, pageOf(index), deadlineIn(20_000));
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

function pageOf(index: number): JournalPage {
  const at = new Date().toISOString();
  const ofSpoke = (group: number) =>
    `/subscriptions/s/resourcegroups/rg-spoke-${index % spokeCount}/providers/microsoft.containerinstance/containergroups/app-${group}`;
  return {
    repairs: { [at.slice(0, 10)]: { event: 5, audit: 1 } },
    spokes: {},
    groups: Object.fromEntries(Array.from({ length: groupsPerPage }, (_, group) => [ofSpoke(group), { at }])),
    signals: Array.from({ length: signalsPerPage }, (_, signal) => ({
      id: `${index}-${signal}`,
      type: 'evenkeel.registry.replicated',
      subject: `team/app:v${signal}`,
      at,
    })),
  };
}
