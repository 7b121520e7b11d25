import type { Config } from '../config.ts';
import { coalescedReads } from '../dns/coalesced-reads.ts';
import type { DriftLog } from '../dns/ports.ts';
import { createRateLimiter } from '../dns/rate-limiter.ts';
import type { ReconcileReportPorts } from '../dns/report.ts';
import { auditDns } from '../functions/audit-dns.ts';
import { reconcileDns } from '../functions/reconcile-dns.ts';
import { resumeDns } from '../functions/resume-dns.ts';
import { trackIpDrift } from '../functions/track-ip-drift.ts';
import type { DnsFunctions } from '../functions/triggers.ts';
import { once } from '../lib/async.ts';
import type { Shared } from './shared.ts';

/** What the functions of DNS do. Nothing is requested yet. */
export function composeDns(
  config: Config,
  { azure, clock, journal, readJournal, signals }: Shared,
  sweepScript: URL,
): DnsFunctions {
  const reconcilePorts = once(async (): Promise<ReconcileReportPorts> => {
    const [groups, { reader, writer, lister }] = await Promise.all([
      azure.containerGroups(),
      azure.recordSets(),
    ]);
    return {
      containerGroups: groups.reader,
      recordSets: { ...coalescedReads(reader, lister), ...writer },
      requeueQueue: azure.requeueQueue,
      signals,
      journal,
      clock,
      rateLimiter: createRateLimiter(() => performance.now()),
      random: Math.random,
    };
  });

  return {
    reconcileDns: reconcileDns(config, reconcilePorts),
    resumeDns: resumeDns(config, reconcilePorts, {
      requeueQueue: azure.requeueQueue,
      clock,
      random: Math.random,
    }),
    auditDns: auditDns(config, async () => {
      // As the other settings of the sweep: a bad one is named before its thread starts.
      await azure.arm();
      const { sweepOnThread } = await import('../dns/audit/sweep-thread.ts');
      return {
        sweep: (before, timeoutMs) => sweepOnThread(sweepScript, before, timeoutMs),
        reports: await azure.auditReports(),
        signals,
        reconciledAt: async (deadline) => (await readJournal(deadline)).reconciledAt,
      };
    }),
    trackIpDrift: trackIpDrift(config, async () => {
      const [groups, { reader }] = await Promise.all([azure.containerGroups(), azure.recordSets()]);
      // A bad setting of it is named with the first upload.
      const driftLog: DriftLog = { write: async (row) => (await azure.driftLog())?.write(row) };
      return { containerGroups: groups.reader, recordSets: reader, driftLog, clock };
    }),
  };
}
