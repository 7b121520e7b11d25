import { type ContainerGroupId, parseContainerGroupId } from '../dns/container-group.ts';
import type { RecordSetKey } from '../dns/record-set.ts';
import type { Trigger } from '../dns/requeue.ts';
import { driftDetectedType, parseHints, parseRecordSetHints } from '../dns/signals.ts';
import { parseEnvelope } from './envelope.ts';

/**
 * A reason to check a container group. Nothing in it is trusted: the reconciler reads the live state, so a duplicate,
 * late or reordered event is harmless.
 */
export interface ContainerGroupEvent {
  readonly kind: 'containerGroup';
  readonly eventId: string;
  readonly time: Date | undefined;
  readonly group: ContainerGroupId;
  /** Addresses whose PTR may still name the group. */
  readonly hints: readonly string[];
  /** Record sets of the group that are where none belongs. */
  readonly recordSets: readonly RecordSetKey[];
  readonly trigger: Trigger;
}

/** An event that needs no work. Repeating it cannot help, so it is accepted with one log line. */
type OtherEvent =
  | { readonly kind: 'malformed'; readonly eventId: string | undefined; readonly reason: string }
  | {
      readonly kind: 'ignored';
      readonly eventId: string;
      readonly reason: IgnoredReason;
      readonly subject: string;
    };

type IgnoredReason = 'foreignEventType' | 'foreignProvider' | 'childResource';

/**
 * | type                         | subject                           | result                     |
 * |------------------------------|-----------------------------------|----------------------------|
 * | `Microsoft.Resources.*`      | a container group                 | containerGroup             |
 * | `evenkeel.dns.driftDetected` | a container group                 | containerGroup, with hints |
 * | either                       | a resource below one              | ignored                    |
 * | either                       | any other ARM resource            | ignored                    |
 * | either                       | no ARM resource id                | malformed                  |
 * | any other                    | anything                          | ignored                    |
 */
export function parseContainerGroupEvent(event: unknown): ContainerGroupEvent | OtherEvent {
  const parsed = parseEnvelope(event);
  if (parsed.kind === 'malformed') return parsed;
  const { envelope } = parsed;
  const { id: eventId, subject, type } = envelope;

  const isDrift = type === driftDetectedType;
  if (!isDrift && !/^Microsoft\.Resources\./i.test(type)) {
    return { kind: 'ignored', eventId, reason: 'foreignEventType', subject };
  }
  const group = parseContainerGroupId(subject);
  if (group === undefined) return notAGroup(eventId, subject);
  return {
    kind: 'containerGroup',
    eventId,
    time: envelope.time,
    group,
    hints: isDrift ? parseHints(envelope.data['addresses']) : [],
    recordSets: isDrift ? parseRecordSetHints(envelope.data['recordSets']) : [],
    trigger: isDrift ? 'audit' : 'event',
  };
}

function notAGroup(eventId: string, subject: string): OtherEvent {
  if (!/^\/subscriptions\/[^/]+\//i.test(subject)) {
    return { kind: 'malformed', eventId, reason: 'subject: expected an Azure resource id' };
  }
  const isChild = /\/providers\/microsoft\.containerinstance\/containergroups\/[^/]+\/./i.test(subject);
  return { kind: 'ignored', eventId, reason: isChild ? 'childResource' : 'foreignProvider', subject };
}
