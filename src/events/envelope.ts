import * as v from 'valibot';
import { describeIssues, dotPath } from '../lib/schema-issues.ts';

/** The parts of an event that both schemas have. */
interface Envelope {
  readonly id: string;
  readonly type: string;
  /** Empty for a CloudEvent without one. */
  readonly subject: string;
  /** The resource that raised it, usually an ARM id; `undefined` when the sender gave none. */
  readonly source: string | undefined;
  /** The time at which it happened; `undefined` when the sender gave no readable time. */
  readonly time: Date | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

type ParsedEnvelope =
  | { readonly kind: 'envelope'; readonly envelope: Envelope }
  | { readonly kind: 'malformed'; readonly eventId: string | undefined; readonly reason: string };

const text = v.pipe(v.string(), v.nonEmpty('expected a value, found an empty string'));
// The time only serves to measure lag, and its text varies on the way, so an odd one does not make an event malformed.
const time = v.optional(v.fallback(v.union([v.string(), v.date()]), ''), '');
const source = v.fallback(v.optional(text), undefined);
const data = v.fallback(v.record(v.string(), v.unknown()), {});

/** https://learn.microsoft.com/azure/event-grid/event-schema */
const eventGridSchema = v.object({
  id: text,
  topic: source,
  eventType: text,
  subject: text,
  eventTime: time,
  data: v.optional(data, {}),
});

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md */
const cloudEventSchema = v.object({
  specversion: v.literal('1.0'),
  id: text,
  source,
  type: text,
  // CloudEvents makes it optional.
  subject: v.fallback(v.optional(v.string(), ''), ''),
  time: time,
  data: v.optional(data, {}),
});

/** Parses an event of either schema. CloudEvents is recognised by its mandatory `specversion`. */
export function parseEnvelope(event: unknown): ParsedEnvelope {
  const isCloudEvent = typeof event === 'object' && event !== null && 'specversion' in event;
  if (isCloudEvent) {
    const parsed = v.safeParse(cloudEventSchema, event);
    if (!parsed.success) return malformed(event, parsed.issues);
    const { id, type, subject, source, time, data } = parsed.output;
    return { kind: 'envelope', envelope: { id, type, subject, source, time: toDate(time), data } };
  }
  const parsed = v.safeParse(eventGridSchema, event);
  if (!parsed.success) return malformed(event, parsed.issues);
  const { id, topic, eventType, subject, eventTime, data } = parsed.output;
  return {
    kind: 'envelope',
    envelope: { id, type: eventType, subject, source: topic, time: toDate(eventTime), data },
  };
}

/**
 * The time from an event to now, in ms; `null` when the time of the event is not known. Clocks differ, so a time that lies
 * ahead counts as now.
 */
export const lagMs = (time: Date | undefined, now: Date): number | null =>
  time === undefined ? null : Math.max(0, now.getTime() - time.getTime());

function malformed(event: unknown, issues: readonly v.BaseIssue<unknown>[]): ParsedEnvelope {
  const withId = v.safeParse(v.object({ id: text }), event);
  const reason = describeIssues(issues, { where: dotPath('event'), values: 'hidden' });
  return { kind: 'malformed', eventId: withId.success ? withId.output.id : undefined, reason };
}

const toDate = (value: string | Date): Date | undefined => {
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date;
};
