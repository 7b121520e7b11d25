import type { RecordSetContent } from '../../../src/dns/record-set.ts';
import type { Call } from '../in-memory-azure.ts';
import type { StaleConfirmation } from './invocation.ts';

export type ConditionalWrite = `${'create' | 'update' | 'delete'} ${'A' | 'PTR'}`;

/** A part of the protocol that is taken away, at the ports: the code itself stays as it is. */
export interface Ablation {
  /** `evenkeelPrevious` is not kept. */
  readonly forgets?: boolean;
  readonly staleConfirmation?: StaleConfirmation;
  /** Nothing arrives that is put on the queue. */
  readonly dropsRechecks?: boolean;
  /** A write of A that changes neither address nor owner is answered well and does not happen. */
  readonly skipsStamps?: boolean;
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
