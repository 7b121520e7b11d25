import type { EventGridHandler } from '@azure/functions';
import type { Config } from '../config.ts';
import { trackDrift } from '../dns/drift.ts';
import type { ObservePorts } from '../dns/observe-forward.ts';
import type { DriftLog } from '../dns/ports.ts';
import { acceptContainerGroup } from '../events/accept-container-group.ts';
import { lagMs } from '../events/envelope.ts';
import { deadlineIn, invocationMs } from '../lib/deadline.ts';
import { lineLog, logFailure } from '../lib/log.ts';
import { countOutcome } from '../telemetry/metrics.ts';

/** None of these ports can write to a zone. */
interface TrackPorts extends ObservePorts {
  /** Writes nothing when no data collection rule is set. */
  readonly driftLog: DriftLog;
}

/** Reports how the live address of a container group and its record sets compare. Changes nothing. */
export function trackIpDrift(config: Config, loadPorts: () => Promise<TrackPorts>): EventGridHandler {
  return async (received, context) => {
    const log = lineLog(context);
    const accepted = acceptContainerGroup(received, config.zoneMap, log);
    if (accepted === undefined) return;
    const { event, spoke } = accepted;
    const facts = { containerGroup: event.group.key, eventId: event.eventId };
    const deadline = deadlineIn(invocationMs);
    try {
      const ports = await loadPorts();
      const report = await trackDrift(event.group, spoke, ports, deadline);
      if (report.isNameUnusable) {
        countOutcome('noDnsLabel');
        log.error('container group name is no DNS label', { ...facts, hostName: report.hostname });
        return;
      }
      const now = ports.clock.now();
      const lag = lagMs(event.time, now);
      const { finding, hostname, zone, liveAddress, recordAddress, isPtrUnread } = report;
      const ptr = isPtrUnread ? { ptr: 'unread' } : {};
      log.info('ip drift', {
        finding,
        ...facts,
        hostname,
        zone,
        liveAddress,
        recordAddress,
        lagMs: lag,
        ...ptr,
      });
      await ports.driftLog
        .write({
          TimeGenerated: now.toISOString(),
          Finding: finding,
          ContainerGroup: event.group.key,
          HostName: hostname,
          Zone: zone,
          LiveAddress: liveAddress,
          RecordAddress: recordAddress,
          EventId: event.eventId,
          LagMs: lag,
        })
        // The log line already has these facts, and a repeated event would only log them twice.
        .catch((error: unknown) => void logFailure('ip drift upload', error, facts, log));
    } catch (error) {
      logFailure('ip drift', error, facts, log);
      throw error;
    }
  };
}
