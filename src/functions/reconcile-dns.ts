import { app } from '@azure/functions';
import type { Config } from '../config.ts';
import { type ReconcileReportPorts, reconcileAndReport } from '../dns/report.ts';
import { acceptContainerGroup, lagMs } from '../events/accept-container-group.ts';
import { lineLog } from '../lib/log.ts';

/** The authoritative writer of a container group's A and PTR record sets. */
export function bindReconcileDns(config: Config, loadPorts: () => Promise<ReconcileReportPorts>): void {
  app.eventGrid('reconcileDns', {
    handler: async (received, context) => {
      const log = lineLog(context);
      const accepted = acceptContainerGroup(received, config.zoneMap, log);
      if (accepted === undefined) return;
      const { event, spoke, zones } = accepted;
      const { eventId, group, hints, recordSets, trigger } = event;
      const facts = { eventId, lagMs: lagMs(event.time, new Date()) };
      await reconcileAndReport(
        { group, spoke, zones, hints, recordSets, trigger },
        config,
        facts,
        loadPorts,
        log,
      );
    },
  });
}
