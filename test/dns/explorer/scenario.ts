import type { ContainerGroupId, LiveGroup } from '../../../src/dns/container-group.ts';
import type { ObservedRecordSet, RecordSetKey } from '../../../src/dns/record-set.ts';

/** A change of a container group; it raises an event. */
export interface PlatformChange {
  readonly group: ContainerGroupId;
  /** The address that it has from then on; `undefined`: it is deleted. */
  readonly address: string | undefined;
}

/** What another writer does to a record set, whatever it holds. */
export type OtherWrite =
  | { readonly kind: 'put'; readonly set: ObservedRecordSet }
  | { readonly kind: 'remove'; readonly key: RecordSetKey };

export interface Scenario {
  readonly name: string;
  readonly groups: readonly ContainerGroupId[];
  /** The addresses that groups have when it begins. */
  readonly addresses: ReadonlyMap<string, string>;
  readonly recordSets: readonly ObservedRecordSet[];
  /** Groups that an event is already on its way for. */
  readonly events: readonly ContainerGroupId[];
  /** Happen in this order, at any time. */
  readonly changes: readonly PlatformChange[];
  /** Happen in this order, at any time; the audit tells of what they broke once nothing else is under way. */
  readonly otherWrites: readonly OtherWrite[];
}

/** How much goes wrong beside the order of things. */
export interface Budget {
  /** Invocations at the same time. */
  readonly running: number;
  /** Deliveries beyond one for each event. */
  readonly duplicates: number;
  readonly crashes: number;
  /** Writes whose answer is lost, whether they took effect or not. */
  readonly lostAnswers: number;
}

export const gone: LiveGroup = { kind: 'unaddressed', reason: 'gone' };
export const addressed = (address: string): LiveGroup => ({ kind: 'addressed', address, isRunning: true });
