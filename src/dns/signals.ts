import { isIPv4 } from 'node:net';
import { type Signal, signalId } from '../signals/signal.ts';
import type { ReportedFinding } from './audit/report.ts';
import type { ContainerGroupId } from './container-group.ts';
import { ownershipOf } from './ownership.ts';
import type { BlockedRecordSet } from './plan.ts';
import { parseRecordSetId, type RecordSetKey, recordSetId } from './record-set.ts';

const conflictType = 'evenkeel.dns.conflict';
/** The type of the event by which the audit asks the reconciler to look at a container group. */
export const driftDetectedType = 'evenkeel.dns.driftDetected';

/**
 * Names the owner and the contender of a record set. The set's ETag tells one conflict from the next: as long as nobody
 * writes the set, it is the same conflict, however often an event brings us back to it.
 */
export function conflictSignal(contender: ContainerGroupId, { reason, recordSet }: BlockedRecordSet): Signal {
  const ownership = ownershipOf(recordSet, contender.key);
  const owner = ownership.kind === 'other' ? ownership.owner.key : null;
  const subject = recordSetId(recordSet.key);
  return {
    id: signalId(conflictType, [contender.key, subject, owner ?? reason, recordSet.etag]),
    type: conflictType,
    source: contender.key,
    subject,
    data: { reason, owner, contender: contender.key, recordSet: subject, values: recordSet.values },
  };
}

/** One event a finding; as long as consecutive sweeps find it, it has the same id. Another difference is another fact. */
export function driftSignal(found: ReportedFinding): Signal {
  const { finding, containerGroup, recordSets, addresses, liveAddress, recordAddress, since } = found;
  const differs = finding === 'addressDiffers' || finding === 'ptrDiffers';
  const difference = differs ? [liveAddress ?? '', recordAddress ?? ''] : [];
  return {
    id: signalId(driftDetectedType, [finding, containerGroup, since, ...recordSets, ...difference]),
    type: driftDetectedType,
    source: containerGroup,
    subject: containerGroup,
    data: { finding, addresses, recordSets, liveAddress, recordAddress, since },
  };
}

/** The most addresses that one event or message may name; more would make the cost of a reconcile depend on the sender. */
export const maxHints = 16;

/** The record sets among untrusted values that are ARM ids of one, each once. */
export function parseRecordSetHints(values: unknown): RecordSetKey[] {
  const candidates: readonly unknown[] = Array.isArray(values) ? values : [];
  const keys = candidates
    .filter((value) => typeof value === 'string')
    .flatMap((id) => parseRecordSetId(id) ?? []);
  return [...new Map(keys.map((key) => [recordSetId(key), key])).values()].slice(0, maxHints);
}

/** The addresses among untrusted values, each once. */
export function parseHints(values: unknown): string[] {
  const candidates: readonly unknown[] = Array.isArray(values) ? values : [];
  const addresses = candidates.filter((value) => typeof value === 'string').filter((text) => isIPv4(text));
  return [...new Set(addresses)].slice(0, maxHints);
}
