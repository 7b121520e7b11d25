/**
 * The sweep of `auditDns`, on a thread of its own whose heap is bounded.
 *
 * A sweep goes through tens of thousands of record sets. On the main thread the garbage of that would stay with the
 * process; a thread gives all of it back when it ends, and one that needs too much fails alone.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { azureClients } from './azure/clients.ts';
import { parseConfig } from './config.ts';
import { parseAuditReport } from './dns/audit/report.ts';
import { sweep } from './dns/audit/sweep.ts';
import { deadlineIn } from './lib/deadline.ts';
import { settingValue } from './settings/setting.ts';

const config = parseConfig(process.env);
const { containerGroups, recordSets, subscriptions } = azureClients(config);
const [groups, { lister }, subscriptionLister] = await Promise.all([
  containerGroups(),
  recordSets(),
  subscriptions(),
]);
const { before, timeoutMs } = workerData;
const report = await sweep(
  {
    zones: settingValue(config.zoneMap),
    foreignRecords: settingValue(config.foreignRecords),
    subscriptions: settingValue(config.auditSubscriptions),
    before: parseAuditReport(before),
  },
  {
    containerGroups: groups.reader,
    groupLister: groups.lister,
    recordSetLister: lister,
    subscriptionLister,
    clock: { now: () => new Date() },
  },
  deadlineIn(Number(timeoutMs)),
);
parentPort?.postMessage(report);
