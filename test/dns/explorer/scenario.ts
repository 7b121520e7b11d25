import type { ContainerGroupId, LiveGroup } from '../../../src/dns/container-group.ts';
import type { ObservedRecordSet, RecordSetKey } from '../../../src/dns/record-set.ts';
import type { ZoneMap } from '../../../src/dns/zone-map.ts';

/** A change of a container group; it raises an event. */
export interface PlatformChange {
  readonly group: ContainerGroupId;
  /** The address that it has from then on; `undefined`: it is deleted. */
  readonly address: string | undefined;
  /** The host name that its tag says from then on; `undefined`: it carries none. */
  readonly hostTag?: string | undefined;
  /** Another tag says from then on that it wants no record sets. */
  readonly isOptedOut?: boolean;
}

/** What another writer does to a record set, whatever it holds. */
export type OtherWrite =
  | { readonly kind: 'put'; readonly set: ObservedRecordSet }
  | { readonly kind: 'remove'; readonly key: RecordSetKey };

/** What an invocation finds in its app settings. */
export interface Settings {
  /** Tells these settings from others. */
  readonly name: string;
  readonly zones: ZoneMap;
}

/** What a container group shows while it lives. */
export interface Live {
  readonly address: string;
  readonly hostTag: string | undefined;
  readonly isOptedOut?: boolean;
}

export interface Scenario {
  readonly name: string;
  readonly settings: Settings;
  readonly groups: readonly ContainerGroupId[];
  /** The groups that live when it begins. */
  readonly begin: ReadonlyMap<string, Live>;
  readonly recordSets: readonly ObservedRecordSet[];
  /** Groups that an event is already on its way for. */
  readonly events: readonly ContainerGroupId[];
  /** Happen in this order, at any time. */
  readonly changes: readonly PlatformChange[];
  /** Happen in this order, at any time; the audit tells of what they broke once nothing else is under way. */
  readonly otherWrites: readonly OtherWrite[];
  /** What the app settings become, in this order, at any time. Invocations that run keep those that they began with. */
  readonly mapChanges: readonly Settings[];
  /** Every call to a reverse zone is refused, for ever. A records have to become right all the same. */
  readonly isReverseSilent: boolean;
}

/** How often something goes wrong beside the order of things. */
export interface Troubles {
  /** Deliveries beyond one for each event. */
  readonly duplicates: number;
  readonly crashes: number;
  /** Writes, and messages to the queue, whose answer is lost, whether they took effect or not. */
  readonly lostAnswers: number;
  /** Reads and writes beside A, and sweeps of reverse zones, that fail in any way. */
  readonly reverseFailures: number;
  /** Steps of time while invocations may run. Whatever is too old then ends where it stands. */
  readonly ticks: number;
  /** Reads of record sets whose answer comes a step of time later. */
  readonly slowAnswers: number;
  /** Invocations whose clock differs from that of those beside it by all that is allowed; two would differ by twice as much. */
  readonly wrongClocks: number;
  /**
   * Sweeps of the audit, each at any time once the platform, the map and the other writer have made their changes, and
   * no other sweep. None: sweeps come when nothing else is under way, until one finds nothing.
   */
  readonly sweeps: number;
}

export interface Budget extends Troubles {
  /** Invocations at the same time. */
  readonly running: number;
}

export const budget = (running: number, troubles: Partial<Troubles> = {}): Budget => ({
  duplicates: 0,
  crashes: 0,
  lostAnswers: 0,
  reverseFailures: 0,
  ticks: 0,
  slowAnswers: 0,
  wrongClocks: 0,
  sweeps: 0,
  ...troubles,
  running,
});

/** What is left when one of them has happened. */
export const spend = (left: Troubles, what: keyof Troubles): Troubles => ({
  ...left,
  [what]: left[what] - 1,
});

export const gone: LiveGroup = { kind: 'unaddressed', reason: 'gone' };

/** What a read of a group that lives shows. */
export function shown({ address, hostTag, isOptedOut = false }: Live): LiveGroup {
  const tags = hostTag === undefined ? {} : { tags: { [hostTagName]: hostTag } };
  return isOptedOut
    ? { kind: 'unaddressed', reason: 'optedOut', ...tags }
    : { kind: 'addressed', address, isRunning: true, ...tags };
}

/** The tag that gives the host name, where the settings say that one does. */
export const hostTagName = 'dns-name';

/** The name of a group, and where it is when that is not the usual place. */
export const labelOf = ({ name, resourceGroup }: ContainerGroupId): string =>
  resourceGroup === 'rg-spoke-a' ? name : `${resourceGroup}/${name}`;
