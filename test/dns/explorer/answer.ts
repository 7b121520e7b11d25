import type { LiveGroup } from '../../../src/dns/container-group.ts';
import { RecordSetChangedError, RequeueError } from '../../../src/dns/errors.ts';
import type { RecordSetContent } from '../../../src/dns/record-set.ts';
import { RefusedCallError, ThrottledError, UncertainCallError } from '../../../src/lib/errors.ts';
import type { Call } from '../in-memory-azure.ts';

/** How a call ends that brings nothing: another attempt helps, none does, or only one that is made much later. */
export type Failure = 'uncertain' | 'refused' | 'throttled';
export const failures: readonly Failure[] = ['uncertain', 'refused', 'throttled'];

export type Answer =
  | { readonly kind: 'set'; readonly content: RecordSetContent | undefined }
  | { readonly kind: 'group'; readonly live: LiveGroup }
  | { readonly kind: 'done' | 'changed' | Failure };

/** More than an invocation has, so that the group goes to the queue. */
const retryAfterMs = 60_000;

/** What a port throws for an answer that is not what the call asked for. */
export function errorOf({ kind }: Answer, call: Call): Error {
  if (call.kind === 'requeue') return new RequeueError(call.message.group.key, {});
  switch (kind) {
    case 'changed':
      return new RecordSetChangedError('a record set');
    case 'refused':
      return new RefusedCallError(call.kind, 'zone', 'it is locked');
    case 'throttled':
      return new ThrottledError(call.kind, 'zone', retryAfterMs);
    default:
      return new UncertainCallError(call.kind, 'zone', 'no answer');
  }
}
