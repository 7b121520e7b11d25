import type { EventGridHandler } from '@azure/functions';
import { lagMs } from '../events/envelope.ts';
import { notificationOf, reportFacts } from '../events/image-report.ts';
import { parseRegistryEvent } from '../events/registry-event.ts';
import { type Deadline, deadlineIn, invocationMs } from '../lib/deadline.ts';
import { type Log, type LogFields, lineLog, logFailure } from '../lib/log.ts';
import type { RegistryFinder } from '../registries/finder.ts';
import { normalHost, registryNameOf } from '../registries/host.ts';
import type { Notice } from '../registries/identify.ts';
import { parseRegistryId, type Registry } from '../registries/registry.ts';
import type { Region } from '../registries/replica.ts';
import type { NotificationPorts } from '../replication/record.ts';
import { countNotification } from '../telemetry/metrics.ts';

/** Records what Event Grid reports of a registry's images. A failure has the event delivered again. */
export function receiveRegistryEvent(
  finder: Pick<RegistryFinder, 'ownerOf'>,
  loadPorts: () => Promise<NotificationPorts>,
): EventGridHandler {
  return async (received, context) => {
    const log = lineLog(context);
    const arrivedAt = new Date();
    const event = parseRegistryEvent(received, arrivedAt);
    if (event.kind === 'malformed') {
      log.warn('registry event malformed', { eventId: event.eventId ?? null, reason: event.reason });
      return;
    }
    if (event.kind === 'ignored') {
      const { reason, eventId, subject } = event;
      log.warn('registry event ignored', { reason, eventId, subject });
      return;
    }
    const { eventId, report } = event;
    const lag = lagMs(event.time, arrivedAt);
    const facts = { eventId, registry: shownName(event.from), ...reportFacts(report), lagMs: lag };
    const deadline = deadlineIn(invocationMs);
    try {
      const owner = await finder.ownerOf(event.from, deadline);
      if (owner.kind !== 'found') {
        const topic = event.from.topic ?? null;
        log.warn('registry event ignored', { reason: 'registryNotConfigured', topic, ...facts });
        return;
      }
      const { registry, loginServer } = owner;
      const ports = await loadPorts();
      // A deletion takes nothing that its region did not have, so its region needs no check.
      const isPlacedPush = report.action === 'push' && event.region !== undefined;
      const region = isPlacedPush
        ? await replicaRegion(event.region, registry, ports, facts, deadline, log)
        : event.region;
      const notification = notificationOf(report, loginServer, region, 'event');
      const result = await ports.record(notification, registry, deadline, log);
      countNotification(result);
      log.info('registry event recorded', { ...facts, loginServer, region: region ?? null, result });
    } catch (error) {
      logFailure('registry event', error, facts, log);
      throw error;
    }
  };
}

const shownName = ({ topic = '', host = '' }: Notice): string =>
  parseRegistryId(topic)?.name ?? registryNameOf(normalHost(host));

/** The region that an event names; `undefined` when the registry has no replica there. */
async function replicaRegion(
  region: Region,
  registry: Registry,
  ports: NotificationPorts,
  facts: LogFields,
  deadline: Deadline,
  log: Log,
): Promise<Region | undefined> {
  if ((await ports.directory.has(registry, region, deadline)) !== 'no') return region;
  log.warn('registry event names no replica', { ...facts, region });
  return undefined;
}
