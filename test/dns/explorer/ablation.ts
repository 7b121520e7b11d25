import type { Metadata, RecordSetContent } from '../../../src/dns/record-set.ts';
import type { RequeueMessage } from '../../../src/dns/requeue.ts';
import type { Call } from '../in-memory-azure.ts';
import type { Task } from './state.ts';

export type ConditionalWrite = `${'create' | 'update' | 'delete'} ${'A' | 'PTR'}`;

/** A part of the protocol that is taken away, at the ports: the code itself stays as it is. */
export interface Ablation {
  /** `evenkeelPrevious` is not kept. */
  readonly forgets?: boolean;
  /** Which looks at the group after a write are answered with what was seen before it. */
  readonly staleConfirmation?: 'afterRemoval' | 'afterWrite';
  /** Nothing arrives that is put on the queue, or nothing that an invocation puts there which removes what is misplaced. */
  readonly dropsRechecks?: 'all' | 'ofMisplaced';
  /** Messages for the invocation's own group, or for others, name no address. */
  readonly dropsAddresses?: 'own' | 'others';
  /** Messages name no record set. */
  readonly dropsRecordSets?: boolean;
  /** A write of A that changes neither address nor owner is answered well and does not happen. */
  readonly skipsStamps?: boolean;
  /** While the group lives, stamps look so much younger: they count as fresh for so much longer. */
  readonly freshForLongerMs?: number;
  /** The clock is read after the PTR record sets instead of before. */
  readonly readsClockLate?: boolean;
  /** By how much the clocks of two invocations differ, where that is more than is allowed. */
  readonly clocksDifferByMs?: number;
  /** A PTR record set that cannot be read counts as absent: once the group is gone, or while it lives, too. */
  readonly takesUnreadForAbsent?: 'whenGone' | 'always';
  /** The look at the group after A shows the tags of the one before. */
  readonly keepsFirstTags?: boolean;
  /** A misplaced A record set goes before the PTR record sets that it knows of. */
  readonly removesMisplacedAFirst?: boolean;
  /** Where a PTR record set could not be read, A is not written either. */
  readonly waitsForReverse?: boolean;
  /** Every policy is taken for `sync`. */
  readonly ignoresPolicy?: boolean;
  /** Writes of this kind happen whatever is there. */
  readonly unconditional?: ConditionalWrite;
}

export const isUnconditional = ({ unconditional }: Ablation, call: Call): boolean =>
  'key' in call && unconditional === `${call.kind} ${call.key.type}`;

/** What is stored of what is written. */
export function stored({ forgets }: Ablation, content: RecordSetContent): RecordSetContent {
  if (forgets !== true) return content;
  const { evenkeelPrevious: _, ...metadata } = content.metadata;
  return { ...content, metadata };
}

/** What arrives of a message that an invocation for a group puts on the queue; `undefined`: nothing does. */
export function sent(
  { dropsRechecks, dropsAddresses, dropsRecordSets }: Ablation,
  message: RequeueMessage,
  { group, recordSets }: Pick<Task, 'group' | 'recordSets'>,
): RequeueMessage | undefined {
  if (dropsRechecks === 'all' || (dropsRechecks === 'ofMisplaced' && recordSets.length > 0)) return undefined;
  const about = message.group.key === group.key ? 'own' : 'others';
  return {
    ...message,
    addresses: dropsAddresses === about ? [] : message.addresses,
    recordSets: dropsRecordSets === true ? [] : message.recordSets,
  };
}

export function isSkipped(
  { skipsStamps }: Ablation,
  call: Call,
  found: RecordSetContent | undefined,
): boolean {
  if (skipsStamps !== true || call.kind !== 'update' || call.key.type !== 'A' || found === undefined)
    return false;
  const isSameOwner = found.metadata['evenkeelOwner'] === call.to.metadata['evenkeelOwner'];
  return isSameOwner && String(found.values) === String(call.to.values);
}

/** What an invocation's clock shows. One that is read late tells the time at which it is asked for. */
export function shown({ readsClockLate }: Ablation, nowMs: () => number): Date {
  const now = new Date(nowMs());
  return readsClockLate === true ? Object.assign(now, { getTime: nowMs }) : now;
}

/**
 * Metadata as an invocation sees it. Its stamp is asked for when the group was read, which comes after the record set,
 * so how old it looks is decided only then.
 */
export function seen({ freshForLongerMs }: Ablation, metadata: Metadata, isAlive: () => boolean): Metadata {
  const { evenkeelStamp: stamp } = metadata;
  if (freshForLongerMs === undefined || stamp === undefined) return metadata;
  const younger = new Date(Date.parse(stamp) + freshForLongerMs).toISOString();
  return {
    ...metadata,
    get evenkeelStamp() {
      return isAlive() ? younger : stamp;
    },
  };
}
