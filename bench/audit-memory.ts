import { fileURLToPath } from 'node:url';
import { startLocalAzure } from '../local/azure/local-azure.ts';
import { spawnHost } from '../local/host/spawn-host.ts';
import { residentMiB } from './process-usage.ts';

const groupCount = 10_000;
const forwardZone = 'spoke-a.internal.contoso.com';
const reverseZone = '10.in-addr.arpa';
/** The record sets of both zones. Those without a group belong to others, as in zones that many teams share. */
const setCount = 25_000;
const sweeps = 3;

/**
 * Sweeps 10,000 groups and 25,000 record sets in two zones three times, with the deployed build in one host process.
 * Measures the memory of the process and the number of calls.
 */
export async function auditMemory(): Promise<string[]> {
  const azure = await startLocalAzure({
    quotas: { enabled: false },
    containerGroupBehaviour: { pageSize: 500 },
    subnets: [{ resourceGroup: 'rg-spoke-a', prefix: '10.0.0.0/12' }],
  });
  try {
    for (let index = 0; index < setCount / 2; index++) {
      const address = `10.${1 + Math.floor(index / 62_500)}.${Math.floor(index / 250) % 250}.${(index % 250) + 4}`;
      const name = `app-${index}`;
      const id = azure.containerGroups.id('rg-spoke-a', name);
      if (index < groupCount) azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name, address });
      const metadata = index < groupCount ? { evenkeelOwner: id.toLowerCase() } : {};
      azure.zones.put(forwardZone, 'A', name, { values: [address], metadata });
      const reverse = address.split('.').slice(1).toReversed().join('.');
      azure.zones.put(reverseZone, 'PTR', reverse, { values: [`${name}.${forwardZone}.`], metadata });
    }
    let finished = Promise.withResolvers<string>();
    const host = await spawnHost({
      directory: fileURLToPath(new URL('..', import.meta.url)),
      env: {
        ARM_ENDPOINT: azure.armEndpoint,
        DNS_ZONE_MAP: JSON.stringify({
          'rg-spoke-a': { forwardZone, reverseZones: [reverseZone], zoneResourceGroup: 'rg-hub-dns' },
        }),
        AzureWebJobsStorage: '',
      },
      onLine: (line) => {
        if (/dns audit(ed| failed)/.test(line)) finished.resolve(line);
      },
    });
    try {
      const lines = [`before the first sweep: ${residentMiB(host.pid)} MiB resident`];
      for (let sweep = 1; sweep <= sweeps; sweep++) {
        finished = Promise.withResolvers<string>();
        const mark = azure.requests.mark();
        const startedAt = performance.now();
        const answer = await fetch(`${host.url}/admin/functions/auditDns`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{"input":""}',
        });
        if (answer.status !== 202) throw new Error(`auditDns was answered ${answer.status}`);
        const line = await finished.promise;
        const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
        const calls = azure.requests.since(mark).length;
        lines.push(
          `sweep ${sweep}: ${seconds} s, ${calls} calls, ${residentMiB(host.pid)} MiB resident, peak ${residentMiB(host.pid, 'VmHWM')} MiB; ${line.slice(line.indexOf('{'))}`,
        );
      }
      return lines;
    } finally {
      await host.stop();
    }
  } finally {
    await azure.close();
  }
}
