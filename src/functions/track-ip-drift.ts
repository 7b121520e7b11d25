import { app } from '@azure/functions';
import type { Config } from '../config.ts';
import { deadlineIn } from '../deadline.ts';
import type { ObservePorts } from '../dns/observe.ts';
import { trackDrift } from '../dns/track-drift.ts';
import { lineLog } from '../log.ts';
import { acceptContainerGroup, lagMs } from './accept-container-group.ts';
import { invocationMs } from './invocation-time.ts';
import { logFailure } from './log-failure.ts';

/** The read-only observer: says how a container group and its records compare, and changes nothing. */
export function bindTrackIpDrift(config: Config, loadPorts: () => Promise<ObservePorts>): void {
  app.eventGrid('trackIpDrift', {
    handler: async (received, context) => {
      const log = lineLog(context);
      const accepted = acceptContainerGroup(received, config.zoneMap, log);
      if (accepted === undefined) return;
      const { event, spoke } = accepted;
      const facts = { containerGroup: event.group.key, eventId: event.eventId };
      const deadline = deadlineIn(invocationMs);
      try {
        const ports = await loadPorts();
        const { finding, ...report } = await trackDrift(event.group, spoke, ports, deadline);
        log.info('ip drift', { finding, ...facts, ...report, lagMs: lagMs(event.time, ports.clock.now()) });
      } catch (error) {
        logFailure('ip drift', error, facts, log);
        throw error;
      }
    },
  });
}
