import * as v from 'valibot';
import { plainText } from '../../output/plain-text.ts';

/** An event that Event Grid gave up, as it was, and why it was given up. */
export interface DeadLetter {
  readonly event: Readonly<Record<string, unknown>>;
  readonly isCloudEvent: boolean;
  readonly type: string;
  readonly subject: string;
  readonly reason: string;
  /** How the last delivery ended, such as `NotFound`. */
  readonly outcome: string;
  /** When the event was published, where that is told. */
  readonly publishedAt: Date | undefined;
}

const batchSchema = v.array(v.record(v.string(), v.unknown()));

/** What Event Grid adds; in lower case, as it writes them in CloudEvents. */
const added = [
  ...['deadletterreason', 'deliveryattempts', 'lastdeliveryoutcome', 'lasthttpstatuscode'],
  ...['publishtime', 'lastdeliveryattempttime'],
];

/**
 * The letters of one blob.
 * https://learn.microsoft.com/azure/event-grid/delivery-and-retry#dead-letter-events
 * @returns `undefined` for what Event Grid did not write.
 */
export function parseDeadLetters(json: unknown): readonly DeadLetter[] | undefined {
  const batch = v.safeParse(batchSchema, json);
  if (!batch.success) return undefined;
  return batch.output.map((letter): DeadLetter => {
    const byName = new Map(Object.entries(letter).map(([name, value]) => [name.toLowerCase(), value]));
    const textOf = (name: string): string => {
      const value = byName.get(name);
      return typeof value === 'string' ? plainText(value) : '';
    };
    const publishedAt = new Date(textOf('publishtime'));
    return {
      event: Object.fromEntries(
        Object.entries(letter).filter(([name]) => !added.includes(name.toLowerCase())),
      ),
      isCloudEvent: byName.has('specversion'),
      type: textOf('eventtype') || textOf('type'),
      subject: textOf('subject'),
      reason: textOf('deadletterreason') || 'unknown',
      outcome: textOf('lastdeliveryoutcome'),
      publishedAt: Number.isNaN(publishedAt.getTime()) ? undefined : publishedAt,
    };
  });
}

export const replayableFunctions = ['reconcileDns', 'trackIpDrift', 'receiveRegistryEvent'] as const;
export type ReplayableFunction = (typeof replayableFunctions)[number];

/**
 * Which function missed an event. The name of the event subscription tells two apart that are for the same events.
 *
 * | event type                      | event subscription     | function               |
 * |---------------------------------|------------------------|------------------------|
 * | `Microsoft.Resources.*`         | its name has `track`   | `trackIpDrift`         |
 * | `Microsoft.Resources.*`         | any other              | `reconcileDns`         |
 * | `evenkeel.dns.driftDetected`    | any                    | `reconcileDns`         |
 * | `Microsoft.ContainerRegistry.*` | any                    | `receiveRegistryEvent` |
 * | any other                       | any                    | none                   |
 */
export function targetFunction(type: string, subscription: string): ReplayableFunction | undefined {
  const name = type.toLowerCase();
  if (name.startsWith('microsoft.resources.')) {
    return subscription.toLowerCase().includes('track') ? 'trackIpDrift' : 'reconcileDns';
  }
  if (name === 'evenkeel.dns.driftdetected') return 'reconcileDns';
  return name.startsWith('microsoft.containerregistry.') ? 'receiveRegistryEvent' : undefined;
}
