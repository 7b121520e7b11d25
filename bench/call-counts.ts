import { type LocalAzure, startLocalAzure } from '../local/azure/local-azure.ts';
import { subscribeWebhooks } from '../local/azure/registries/subscribe-webhooks.ts';
import { sampleHub, sampleSubscriptionId, sampleWebhookSecret } from '../local/azure/sample.ts';
import { subscribeApp } from '../local/azure/subscribe-app.ts';
import { type HostProcess, spawnHost } from '../local/host/spawn-host.ts';
import { appDirectory } from './replication-app.ts';
import { meterTables, type TableMeter } from './table-meter.ts';

interface Size {
  readonly spokes: number;
  readonly groupsOfSpoke: number;
  readonly registries: number;
  readonly replicas: number;
  readonly images: number;
}

/** Two sizes, so that what each number grows with shows. */
const sizes: readonly Size[] = [
  { spokes: 4, groupsOfSpoke: 10, registries: 2, replicas: 4, images: 10 },
  { spokes: 12, groupsOfSpoke: 25, registries: 6, replicas: 20, images: 10 },
];

/** A date that no year has. */
const never = '0 0 0 30 2 *';

/**
 * Counts what each change of a container group, sweep, review and push asks of Azure and of table storage, with the
 * built app at two sizes. Quotas are off: nothing is repeated. docs/scale.md goes by it.
 */
export async function callCounts(): Promise<string[]> {
  const lines: string[] = [];
  for (const size of sizes) lines.push(...(await countsOf(size)));
  return lines;
}

async function countsOf(size: Size): Promise<string[]> {
  await using cleanUp = new AsyncDisposableStack();
  const azure = await startLocalAzure(azureOf(size));
  cleanUp.defer(() => azure.close());
  if (azure.storage === undefined) throw new TypeError('the local Azure was started with storage');
  const tables = await meterTables(azure.storage);
  cleanUp.defer(() => tables.close());
  const runs = new Runs();
  const host = await startApp(azure, tables, size, runs);
  cleanUp.defer(async () => void (await host.stop()));
  const names = numbered('registry', size.registries);
  const ids = names.map((name) => azure.registries.id(name));
  await subscribeApp(azure.eventGrid, { host: host.url, topic: 'evenkeel', registryEvents: ids });
  for (const registry of names) subscribeWebhooks(azure.registries, { host: host.url, registry });

  const counted = meterOf(azure, tables, runs);
  const fire = async (name: string) => {
    const ended = runs.next(name);
    await fetch(`${host.url}/admin/functions/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"input":""}',
    });
    await ended;
  };
  const groups = Array.from({ length: size.spokes }, (_, spoke) =>
    numbered('app', size.groupsOfSpoke).map((name) => ({ resourceGroup: `rg-spoke-${spoke}`, name })),
  ).flat();
  const idle = () => azure.eventGrid.idle();
  const some = groups.slice(0, 20);
  const idOf = ({ resourceGroup, name }: (typeof groups)[number]) =>
    azure.containerGroups.id(resourceGroup, name);

  const lines = [
    `${size.spokes} spokes of ${size.groupsOfSpoke} container groups with a forward and a reverse zone each, ` +
      `${size.registries} registries in ${size.replicas} regions`,
  ];
  const measure = async (title: string, divisor: number, happen: () => Promise<void>) => {
    counted();
    await happen();
    lines.push(`  ${title}: ${counted(divisor)}`);
  };
  await measure('a creation of a container group', groups.length, async () => {
    for (const group of groups) azure.containerGroups.create(group);
    await idle();
  });
  await measure('a restart with another address', some.length, async () => {
    for (const group of some) azure.containerGroups.restart(idOf(group));
    await idle();
  });
  await measure('a sweep', 1, () => fire('auditDns'));
  await measure('a move without an event: the sweep, and 20 repairs', 1, async () => {
    for (const group of some) azure.containerGroups.move(idOf(group));
    await fire('auditDns');
    await idle();
  });
  await measure('a deletion', some.length, async () => {
    for (const group of some) azure.containerGroups.delete(idOf(group));
    await idle();
  });
  await measure('the first review', 1, () => fire('reviewReplicas'));
  await measure('a review with nothing open', 1, () => fire('reviewReplicas'));
  const [registry = ''] = names;
  await measure(`a push to ${size.replicas} regions`, size.images, async () => {
    for (const tag of numbered('v', size.images)) {
      azure.registries.push({ registry, repository: 'team/app', tag });
      await azure.registries.idle();
      await idle();
    }
  });
  await measure(`a review after ${size.images} images`, 1, () => fire('reviewReplicas'));
  await measure('the next', 1, () => fire('reviewReplicas'));
  return lines;
}

const azureOf = ({ spokes, registries, replicas }: Size) => {
  const regions = numbered('region', replicas);
  const [home = '', ...others] = regions;
  const each = Array.from({ length: spokes }, (_, index) => index);
  return {
    storage: {},
    quotas: { enabled: false },
    subnets: each.map((index) => ({ resourceGroup: `rg-spoke-${index}`, prefix: `10.1.${index}.0/24` })),
    zones: each.flatMap((index) => [
      { name: `spoke-${index}.internal.contoso.com` },
      { name: `${index}.1.10.in-addr.arpa` },
    ]),
    registries: numbered('registry', registries).map((name) => ({ name, home, replicas: others })),
  };
};

function startApp(azure: LocalAzure, tables: TableMeter, { spokes }: Size, runs: Runs): Promise<HostProcess> {
  const zoneMap = Object.fromEntries(
    Array.from({ length: spokes }, (_, index) => [
      `${sampleSubscriptionId}/rg-spoke-${index}`,
      {
        forwardZone: `spoke-${index}.internal.contoso.com`,
        reverseZones: [`${index}.1.10.in-addr.arpa`],
        zoneSubscriptionId: sampleSubscriptionId,
        zoneResourceGroup: sampleHub,
      },
    ]),
  );
  return spawnHost({
    directory: appDirectory,
    env: {
      ARM_ENDPOINT: azure.armEndpoint,
      DNS_ZONE_MAP: JSON.stringify(zoneMap),
      REGISTRIES: JSON.stringify(azure.registries.setting()),
      REGISTRY_WEBHOOK_SECRET: sampleWebhookSecret,
      AzureWebJobsStorage: azure.storage?.connectionString ?? '',
      STATE: tables.connectionString,
      SIGNAL_TOPIC__topicEndpointUri: azure.topicEndpoint('evenkeel'),
      AUDIT_SCHEDULE: never,
      REVIEW_SCHEDULE: never,
    },
    onLine: (line) => runs.take(line),
  });
}

/** The runs of functions that the host has told of. */
class Runs {
  readonly counts = new Map<string, number>();
  private readonly waiting = new Map<string, () => void>();

  take(line: string): void {
    const name = /^.*Executed 'Functions\.(\w+)'/.exec(line)?.[1];
    if (name === undefined) return;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    this.waiting.get(name)?.();
  }

  next(name: string): Promise<void> {
    return new Promise((resolve) => this.waiting.set(name, resolve));
  }
}

/** Describes what was asked since the last call, divided by what it is counted for. */
function meterOf(azure: LocalAzure, tables: TableMeter, runs: Runs): (divisor?: number) => string {
  let mark = azure.requests.mark();
  return (divisor = 1) => {
    const requests = Map.groupBy(azure.requests.since(mark), ({ operation }) => operation);
    mark = azure.requests.mark();
    const calls = [...requests].map(([name, some]) => [name, some.length] as const);
    const stored = [...tables.take()].map(([name, count]) => [name.replace(/Evenkeel/, ''), count] as const);
    const executions = [...runs.counts];
    runs.counts.clear();
    const told = (title: string, counts: readonly (readonly [string, number])[]) => {
      const all = counts.reduce((sum, [, count]) => sum + count, 0);
      const each = counts.map(([name, count]) => `${name} ${rounded(count / divisor)}`).sort();
      return `${rounded(all / divisor)} ${title}${each.length === 0 ? '' : ` (${each.join(', ')})`}`;
    };
    return [told('calls', calls), told('table requests', stored), told('executions', executions)].join('; ');
  };
}

const rounded = (value: number): string => String(Number(value.toFixed(2)));

const numbered = (noun: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${noun}${String(index + 1).padStart(2, '0')}`);
