import { randomUUID } from 'node:crypto';
import { History } from '../arm/history.ts';
import type { ResourceGroup } from '../arm/resource-groups.ts';
import type { StaleReads } from '../arm/stale-reads.ts';
import type { JsonObject } from '../json.ts';
import { SortedMap } from '../sorted-map.ts';
import { type RecordSet, soaOfZone } from './record-set.ts';
import type { RecordType } from './record-types.ts';

interface VirtualNetworkLink {
  readonly name: string;
  readonly networkId: string;
}

/** A private DNS zone with its links and record sets. */
export class Zone {
  readonly id: string;
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly etag: string = randomUUID();
  readonly links = new SortedMap<VirtualNetworkLink>();
  private readonly sets = new SortedMap<RecordSet>();
  private readonly history: History<RecordSet>;
  /** How many record sets there are below a name. */
  private readonly below = new Map<string, number>();

  constructor(owner: ResourceGroup, name: string, staleReads: StaleReads) {
    this.name = name.toLowerCase();
    this.subscriptionId = owner.subscriptionId;
    this.resourceGroup = owner.name;
    this.id = `/subscriptions/${owner.subscriptionId}/resourceGroups/${owner.name}/providers/Microsoft.Network/privateDnsZones/${this.name}`;
    const idOf = (key: string) => `${this.id}/${key.split('|').toReversed().join('/')}`;
    this.history = new History({ staleReads, resources: 'recordSets', idOf });
    this.set(soaOfZone());
  }

  get(type: RecordType, name: string): RecordSet | undefined {
    return this.sets.get(keyOf(type, name));
  }

  set(set: RecordSet): void {
    const key = keyOf(set.type, set.name);
    if (this.sets.get(key) === undefined) this.countBelow(set.name, 1);
    this.sets.set(key, set);
    this.history.record(key, set);
  }

  delete(type: RecordType, name: string): boolean {
    const deleted = this.sets.delete(keyOf(type, name));
    if (!deleted) return false;
    this.countBelow(name.toLowerCase(), -1);
    this.history.record(keyOf(type, name), undefined);
    return true;
  }

  /** What a GET of a record set sees, which may be out of date. */
  seen(type: RecordType, name: string): RecordSet | undefined {
    return this.history.seen('get', keyOf(type, name), this.get(type, name));
  }

  /** What a list sees, which may be out of date. */
  get seenInList(): SortedMap<RecordSet> {
    return this.history.list(this.sets);
  }

  /** All record sets, in order of name, then type. */
  get all(): SortedMap<RecordSet> {
    return this.sets;
  }

  get numberOfRecordSets(): number {
    return this.sets.size;
  }

  /** The record sets at one name. */
  at(name: string): RecordSet[] {
    const prefix = `${name.toLowerCase()}|`;
    const found: RecordSet[] = [];
    for (const [key, set] of this.sets.entriesAfter(prefix)) {
      if (!key.startsWith(prefix)) break;
      found.push(set);
    }
    return found;
  }

  /** Whether a record set exists somewhere below a name, which makes the name an empty non-terminal (RFC 8020). */
  hasBelow(name: string): boolean {
    return this.below.has(name.toLowerCase());
  }

  private countBelow(name: string, change: 1 | -1): void {
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      const ancestor = name.slice(dot + 1);
      const count = (this.below.get(ancestor) ?? 0) + change;
      if (count > 0) this.below.set(ancestor, count);
      else this.below.delete(ancestor);
    }
  }
}

const keyOf = (type: RecordType, name: string): string => `${name.toLowerCase()}|${type}`;

/** All zones, by id without case. */
export class Zones {
  private readonly staleReads: StaleReads;
  private readonly byScope = new Map<string, SortedMap<Zone>>();
  private readonly byName = new Map<string, Set<Zone>>();

  constructor(staleReads: StaleReads) {
    this.staleReads = staleReads;
  }

  find(subscriptionId: string, resourceGroup: string, name: string): Zone | undefined {
    return this.byScope.get(scopeOf(subscriptionId, resourceGroup))?.get(name.toLowerCase());
  }

  create(owner: ResourceGroup, name: string): Zone {
    const zone = new Zone(owner, name, this.staleReads);
    const { subscriptionId } = owner;
    this.scope(scopeOf(subscriptionId, owner.name)).set(zone.name, zone);
    this.scope(scopeOf(subscriptionId)).set(zone.id.toLowerCase(), zone);
    this.byName.set(zone.name, this.named(zone.name).add(zone));
    return zone;
  }

  delete(zone: Zone): void {
    this.byScope.get(scopeOf(zone.subscriptionId, zone.resourceGroup))?.delete(zone.name);
    this.byScope.get(scopeOf(zone.subscriptionId))?.delete(zone.id.toLowerCase());
    this.byName.get(zone.name)?.delete(zone);
  }

  /** Zones of this name (in lower case): different resource groups may have one each. */
  named(name: string): Set<Zone> {
    return this.byName.get(name) ?? new Set();
  }

  within(subscriptionId: string, resourceGroup?: string): SortedMap<Zone> | undefined {
    return this.byScope.get(scopeOf(subscriptionId, resourceGroup));
  }

  /** Every zone once. */
  *[Symbol.iterator](): Generator<Zone> {
    for (const [scope, zones] of this.byScope) if (!scope.includes('/')) yield* zones;
  }

  private scope(key: string): SortedMap<Zone> {
    const found = this.byScope.get(key);
    if (found !== undefined) return found;
    const created = new SortedMap<Zone>();
    this.byScope.set(key, created);
    return created;
  }
}

const scopeOf = (subscriptionId: string, resourceGroup?: string): string =>
  (resourceGroup === undefined ? subscriptionId : `${subscriptionId}/${resourceGroup}`).toLowerCase();

export const renderZone = (zone: Zone): JsonObject => ({
  id: zone.id,
  name: zone.name,
  type: 'Microsoft.Network/privateDnsZones',
  etag: zone.etag,
  location: 'global',
  properties: {
    maxNumberOfRecordSets: 25_000,
    maxNumberOfVirtualNetworkLinks: 1000,
    maxNumberOfVirtualNetworkLinksWithRegistration: 100,
    numberOfRecordSets: zone.numberOfRecordSets,
    numberOfVirtualNetworkLinks: zone.links.size,
    numberOfVirtualNetworkLinksWithRegistration: 0,
    provisioningState: 'Succeeded',
  },
});
