import type { GridEvent } from '../event-grid/event.ts';
import type { JsonObject } from '../json.ts';
import { chartType } from './manifest.ts';
import type { Registry } from './registry.ts';
import { actionOf, type ToldChange, type WebhookAction } from './replica-content.ts';

/** What a webhook or an event is about, and which time it tells. */
interface Notification {
  readonly registry: Registry;
  readonly change: ToldChange;
  readonly timestamp: string;
}

/** A time as registries write it: with nine digits after the point, of which this clock knows three. */
export function registryTime(ms: number, random: () => number): string {
  const rest = Math.floor(random() * 1_000_000);
  return new Date(ms).toISOString().replace('Z', `${String(rest).padStart(6, '0')}Z`);
}

/**
 * The body of a native webhook. Nothing in it names the region.
 * https://learn.microsoft.com/azure/container-registry/container-registry-webhook-reference
 */
export function webhookBody(notification: Notification, id: string): JsonObject {
  const { change, timestamp } = notification;
  return {
    id,
    timestamp,
    action: actionOf(change),
    target: targetOf(change),
    // Notices of charts come without one.
    ...(change.isChart ? {} : { request: requestOf(notification) }),
  };
}

const eventTypes: Readonly<Record<WebhookAction, string>> = {
  push: 'Microsoft.ContainerRegistry.ImagePushed',
  delete: 'Microsoft.ContainerRegistry.ImageDeleted',
  chart_push: 'Microsoft.ContainerRegistry.ChartPushed',
  chart_delete: 'Microsoft.ContainerRegistry.ChartDeleted',
};

/**
 * The event of a registry's system topic.
 * https://learn.microsoft.com/azure/event-grid/event-schema-container-registry
 * @param location The replica, where the event is to name it.
 */
export function registryEvent(
  notification: Notification,
  id: string,
  location: string | undefined,
): GridEvent {
  const { registry, change, timestamp } = notification;
  const action = actionOf(change);
  const { repository, tag } = change;
  return {
    id,
    topic: registry.id,
    subject: tag === undefined ? repository : `${repository}:${tag}`,
    eventType: eventTypes[action],
    eventTime: timestamp,
    data: {
      id,
      timestamp,
      action,
      ...(location === undefined ? {} : { location }),
      target: targetOf(change),
      // An invented address of the client: real events carry it, and nobody should ever log it.
      ...(change.isChart ? {} : { request: { ...requestOf(notification), addr: '203.0.113.17:41862' } }),
    },
    dataVersion: '2.0',
    metadataVersion: '1',
  };
}

function targetOf({ kind, isChart, repository, tag, manifest }: ToldChange): JsonObject {
  const { mediaType, digest, text } = manifest;
  const size = Buffer.byteLength(text);
  const tagged = tag === undefined ? {} : { tag };
  if (isChart) {
    const name = repository.split('/').at(-1);
    return { mediaType: chartType, size, digest, repository, ...tagged, name, version: tag };
  }
  if (kind === 'delete') return { mediaType, digest, repository };
  return { mediaType, size, digest, length: size, repository, ...tagged };
}

const requestOf = ({ change }: Notification): JsonObject => ({
  id: change.requestId,
  host: change.host,
  method: change.kind === 'push' ? 'PUT' : 'DELETE',
  useragent: change.kind === 'push' ? 'docker/27.3.1 go/go1.22.7 os/linux arch/amd64' : 'AZURECLI/2.66.0',
});
