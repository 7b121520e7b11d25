import { app } from '@azure/functions';
import type { Config } from '../config.ts';
import { deadlineIn } from '../deadline.ts';
import { describeChange, type Outcome } from '../dns/outcome.ts';
import { type ReconcilePorts, reconcile } from '../dns/reconcile.ts';
import { recordSetId } from '../dns/record-set.ts';
import { type Log, type LogFields, lineLog } from '../log.ts';
import { settingValue } from '../setting.ts';
import { acceptContainerGroup, lagMs } from './accept-container-group.ts';
import { invocationMs } from './invocation-time.ts';
import { logFailure } from './log-failure.ts';

/** The authoritative writer of a container group's A and PTR record sets. */
export function bindReconcileDns(config: Config, loadPorts: (log: Log) => Promise<ReconcilePorts>): void {
  app.eventGrid('reconcileDns', {
    handler: async (received, context) => {
      const log = lineLog(context);
      const accepted = acceptContainerGroup(received, config.zoneMap, log);
      if (accepted === undefined) return;
      const { event, spoke, zones } = accepted;
      const { group, hints, eventId, attribution } = event;
      const facts = { containerGroup: group.key, zone: spoke.forwardZone.name, eventId, attribution };
      const deadline = deadlineIn(invocationMs);
      try {
        const foreignRecords = settingValue(config.foreignRecords);
        const ports = await loadPorts(log);
        const outcome = await reconcile({ group, spoke, zones, foreignRecords, hints }, ports, deadline);
        logOutcome(outcome, { ...facts, lagMs: lagMs(event.time, ports.clock.now()) }, log);
      } catch (error) {
        logFailure('dns reconciling', error, facts, log);
        throw error;
      }
    },
  });
}

function logOutcome(outcome: Outcome, facts: LogFields, log: Log): void {
  for (const { reason, recordSet } of outcome.obstacles) {
    log.warn('record set left alone', { ...facts, reason, recordSet: recordSetId(recordSet.key) });
  }
  if (outcome.uncoveredAddress !== undefined) {
    log.warn('address outside every reverse zone', { ...facts, address: outcome.uncoveredAddress });
  }
  const { result, changes, rounds } = outcome;
  log.info('dns reconciled', { ...facts, result, changes: changes.map(describeChange), rounds });
}
