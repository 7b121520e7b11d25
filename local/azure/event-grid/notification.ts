import { type GridEvent, inSchema, isCloudEvent } from './event.ts';
import type { Subscription } from './subscription.ts';
import type { Post } from './web-hook.ts';

/** The text of an event for a subscription, of which notifications are made. */
export function eventText(event: GridEvent, subscription: Subscription): string {
  const { scope, schema } = subscription;
  const scoped =
    scope === undefined || isCloudEvent(event)
      ? event
      : // The topic of an event is what the subscription was made at, not where the change happened.
        { ...event, topic: scope };
  return JSON.stringify(inSchema(scoped, schema));
}

/**
 * The request that carries events to a web hook.
 * @param deliveryCount Attempts before this one.
 */
export function notification(
  subscription: Subscription,
  events: readonly { readonly text: string; readonly event: GridEvent }[],
  deliveryCount: number,
): Post {
  const isCloudEvents = subscription.schema === 'CloudEventSchemaV1_0';
  const isBare = isCloudEvents && subscription.batch === undefined;
  const type = isCloudEvents ? `application/cloudevents${isBare ? '' : '-batch'}+json` : 'application/json';
  const texts = events.map(({ text }) => text).join(',');
  const { dataVersion, metadataVersion } = events[0]?.event ?? {};
  return {
    url: subscription.url,
    headers: {
      'content-type': `${type}; charset=utf-8`,
      'aeg-event-type': 'Notification',
      'aeg-subscription-name': subscription.name.toUpperCase(),
      'aeg-delivery-count': String(deliveryCount),
      'aeg-data-version': typeof dataVersion === 'string' ? dataVersion : '',
      'aeg-metadata-version': typeof metadataVersion === 'string' ? metadataVersion : '1',
    },
    body: isBare ? texts : `[${texts}]`,
  };
}
