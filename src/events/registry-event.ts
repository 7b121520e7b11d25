import * as v from 'valibot';
import { parseRegistryId } from '../registries/registry.ts';
import { parseRegion, type Region } from '../registries/replica.ts';
import { parseEnvelope } from './envelope.ts';
import { type ImageReport, parseImageReport, reportedHost } from './image-report.ts';

/** An Event Grid event of a registry about an image. */
interface RegistryEvent {
  readonly kind: 'notification';
  readonly eventId: string;
  readonly time: Date | undefined;
  readonly report: ImageReport;
  /** What the event says of its registry: an ARM id, a host, or both. */
  readonly from: { readonly topic: string | undefined; readonly host: string | undefined };
  /** `undefined` when the event names none, or is about a connected registry, which is in no region. */
  readonly region: Region | undefined;
}

/** An event that needs no work. Repeating it cannot help, so it is accepted with one log line. */
type OtherEvent =
  | { readonly kind: 'malformed'; readonly eventId: string | undefined; readonly reason: string }
  | {
      readonly kind: 'ignored';
      readonly eventId: string;
      readonly reason: 'foreignEventType' | 'connectedRegistry';
      readonly subject: string;
    };

// Some documented samples leave out the provider.
const typePattern = /^(?:Microsoft\.ContainerRegistry\.)?(?:Image|Chart)(Pushed|Deleted)$/i;

const whereSchema = v.object({
  location: v.fallback(v.string(), ''),
  connectedRegistry: v.optional(v.unknown()),
});

/**
 * Parses an event of either envelope schema.
 * https://learn.microsoft.com/azure/event-grid/event-schema-container-registry
 */
export function parseRegistryEvent(event: unknown, arrivedAt: Date): RegistryEvent | OtherEvent {
  const parsed = parseEnvelope(event);
  if (parsed.kind === 'malformed') return parsed;
  const { id: eventId, subject, type, source, time, data } = parsed.envelope;

  const [, happened] = typePattern.exec(type) ?? [];
  if (happened === undefined) return { kind: 'ignored', eventId, reason: 'foreignEventType', subject };
  const read = parseImageReport(
    happened.toLowerCase() === 'pushed' ? 'push' : 'delete',
    data,
    time,
    arrivedAt,
  );
  if (read.kind === 'malformed') return { kind: 'malformed', eventId, reason: `data: ${read.reason}` };
  const topic = parseRegistryId(source ?? '') && source;
  const host = reportedHost(data);
  if (topic === undefined && host === undefined) {
    return { kind: 'malformed', eventId, reason: 'topic: expected the ARM id of a container registry' };
  }
  const { location, connectedRegistry } = v.parse(whereSchema, data);
  const isConnected = (connectedRegistry ?? null) !== null;
  // The parent may keep an image that a connected registry removes, and reports its own deletions.
  if (isConnected && read.report.action === 'delete') {
    return { kind: 'ignored', eventId, reason: 'connectedRegistry', subject };
  }
  const region = isConnected ? undefined : parseRegion(location);
  return { kind: 'notification', eventId, time, report: read.report, from: { topic, host }, region };
}
