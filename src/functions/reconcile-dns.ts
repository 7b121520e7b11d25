import type { EventGridHandler } from '@azure/functions';
import type { Config } from '../config.ts';
import { type ReconcileReportPorts, reconcileAndReport } from '../dns/report.ts';
import { acceptContainerGroup } from '../events/accept-container-group.ts';
import { lagMs } from '../events/envelope.ts';
import { lineLog } from '../lib/log.ts';

/** Reconciles the A and PTR record sets of the container group that an event names. */
export function reconcileDns(
  config: Config,
  loadPorts: () => Promise<ReconcileReportPorts>,
): EventGridHandler {
  return async (received, context) => {
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
  };
}
