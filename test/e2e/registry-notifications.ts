import { createHash, randomUUID } from 'node:crypto';
import { personalData } from '../events/payloads.ts';

/** A digest for a name, so that a test can speak of images by names. */
export const digestOf = (name: string): string => `sha256:${createHash('sha256').update(name).digest('hex')}`;

/** A time of the registry's clock, in minutes since a moment long ago. */
export const minute = (minutes: number): string =>
  new Date(Date.UTC(2026, 10, 21, 8) + minutes * 60_000).toISOString();

/** What a registry tells of an image. */
export interface Told {
  /** `myregistry` by default. */
  readonly registry?: string;
  /** The host that was pushed to; that of the registry's name by default. */
  readonly host?: string;
  /** `team/app` by default. */
  readonly repository?: string;
  readonly digest: string;
  readonly tag?: string | undefined;
  /** By the registry's clock. */
  readonly at?: string;
  readonly action?: 'push' | 'delete' | 'chart_push' | 'chart_delete';
}

const defaults = { registry: 'myregistry', repository: 'team/app', at: minute(0), action: 'push' } as const;
const [person = '', mail = '', address = ''] = personalData;

/** The body of a native webhook, with the personal data that real ones carry. */
export function webhookBody(told: Told) {
  const { at, action } = { ...defaults, ...told };
  // Those of charts come without a request, and so without the registry's name.
  const request = action.startsWith('chart') ? {} : { request: requestOf(told) };
  return { id: randomUUID(), timestamp: at, action, target: targetOf(told), ...request };
}

/**
 * An event of Event Grid, with the personal data that real ones carry.
 * @param topic ARM id of the registry
 */
export function registryEvent(
  topic: string,
  { location, ...told }: Told & { readonly location?: string },
  schema: 'EventGridSchema' | 'CloudEventSchemaV1_0' = 'EventGridSchema',
) {
  const { repository, at, action } = { ...defaults, ...told };
  const kind = action.startsWith('chart') ? 'Chart' : 'Image';
  const type = `Microsoft.ContainerRegistry.${kind}${action.endsWith('push') ? 'Pushed' : 'Deleted'}`;
  const data = {
    ...{ id: randomUUID(), timestamp: at, action },
    ...(location === undefined ? {} : { location }),
    ...{ target: targetOf(told), request: requestOf(told) },
    actor: { name: person },
    source: { addr: `${address}:443` },
  };
  const subject = told.tag === undefined ? repository : `${repository}:${told.tag}`;
  const common = { id: randomUUID(), subject, data };
  return schema === 'EventGridSchema'
    ? { ...common, topic, eventType: type, eventTime: at, dataVersion: '2.0', metadataVersion: '1' }
    : { ...common, source: topic, type, time: at, specversion: '1.0' };
}

function targetOf(told: Told) {
  const { repository, digest, tag } = { ...defaults, ...told };
  return {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    ...{ size: 524, digest, length: 524, repository },
    ...(tag === undefined ? {} : { tag }),
  };
}

function requestOf(told: Told) {
  const { registry, host } = { ...defaults, ...told };
  return {
    id: randomUUID(),
    host: host ?? `${registry}.azurecr.io`,
    method: 'PUT',
    useragent: `docker/27.3.1 (${mail})`,
    addr: `${address}:52100`,
  };
}
