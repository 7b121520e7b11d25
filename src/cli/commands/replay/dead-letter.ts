import * as v from 'valibot';
import { plainText } from '../../output/text.ts';

/** An event that Event Grid failed to deliver, and why it gave up. */
export interface DeadLetter {
  /** The event as it was published. */
  readonly event: Readonly<Record<string, unknown>>;
  readonly isCloudEvent: boolean;
  readonly type: string;
  readonly subject: string;
  readonly reason: string;
  /** How the last delivery ended, such as `NotFound`. */
  readonly outcome: string;
  /** When the event was published, where Event Grid says so. */
  readonly publishedAt: Date | undefined;
}

const batchSchema = v.array(v.record(v.string(), v.unknown()));

/** What Event Grid adds to an event; in lower case, as it is in CloudEvents. */
const addedProperties = [
  'deadletterreason',
  'deliveryattempts',
  'lastdeliveryoutcome',
  'lasthttpstatuscode',
  'publishtime',
  'lastdeliveryattempttime',
];

/**
 * The dead letters of one blob.
 * https://learn.microsoft.com/azure/event-grid/delivery-and-retry#dead-letter-events
 * @returns `undefined` for what Event Grid did not write.
 */
export function parseDeadLetters(json: unknown): readonly DeadLetter[] | undefined {
  const batch = v.safeParse(batchSchema, json);
  return batch.success ? batch.output.map(parseDeadLetter) : undefined;
}

function parseDeadLetter(properties: Readonly<Record<string, unknown>>): DeadLetter {
  const entries = Object.entries(properties);
  const byName = new Map(entries.map(([name, value]) => [name.toLowerCase(), value]));
  const textOf = (name: string): string => {
    const value = byName.get(name);
    return typeof value === 'string' ? plainText(value) : '';
  };
  const publishedAt = new Date(textOf('publishtime'));
  return {
    event: Object.fromEntries(entries.filter(([name]) => !addedProperties.includes(name.toLowerCase()))),
    isCloudEvent: byName.has('specversion'),
    type: textOf('eventtype') || textOf('type'),
    subject: textOf('subject'),
    reason: textOf('deadletterreason') || 'unknown',
    outcome: textOf('lastdeliveryoutcome'),
    publishedAt: Number.isNaN(publishedAt.getTime()) ? undefined : publishedAt,
  };
}

/** A function that gets events from Event Grid. */
export type EventFunction = 'reconcileDns' | 'trackIpDrift' | 'receiveRegistryEvent';

/**
 * The function that an event was for. Two functions get the same events; the name of the event subscription tells
 * them apart.
 *
 * | event type                      | event subscription       | function               |
 * |---------------------------------|--------------------------|------------------------|
 * | `Microsoft.Resources.*`         | with `track` in its name | `trackIpDrift`         |
 * | `Microsoft.Resources.*`         | any other                | `reconcileDns`         |
 * | `evenkeel.dns.driftDetected`    | any                      | `reconcileDns`         |
 * | `Microsoft.ContainerRegistry.*` | any                      | `receiveRegistryEvent` |
 * | any other                       | any                      | none                   |
 */
export function targetFunction(type: string, subscription: string): EventFunction | undefined {
  const name = type.toLowerCase();
  if (name.startsWith('microsoft.resources.')) {
    return subscription.toLowerCase().includes('track') ? 'trackIpDrift' : 'reconcileDns';
  }
  if (name === 'evenkeel.dns.driftdetected') return 'reconcileDns';
  return name.startsWith('microsoft.containerregistry.') ? 'receiveRegistryEvent' : undefined;
}
