import { randomUUID } from 'node:crypto';
import type { ResourceGroup } from '../arm/resource-groups.ts';
import type { JsonObject } from '../json.ts';
import { SortedMap } from '../sorted-map.ts';
import { type RecordSet, soaOfZone } from './record-set.ts';
import type { RecordType } from './record-types.ts';

export interface VirtualNetworkLink {
  readonly name: string;
  readonly networkId: string;
  readonly registrationEnabled: boolean;
  readonly tags: unknown;
  readonly etag: string;
}

/** A private DNS zone with its links and record sets. */
export class Zone {
  readonly id: string;
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  tags: unknown;
  etag: string = randomUUID();
  readonly links = new SortedMap<VirtualNetworkLink>();
  private readonly sets = new SortedMap<RecordSet>();

  constructor(owner: ResourceGroup, name: string, tags: unknown) {
    this.name = name.toLowerCase();
    this.subscriptionId = owner.subscriptionId;
    this.resourceGroup = owner.name;
    this.id = `/subscriptions/${owner.subscriptionId}/resourceGroups/${owner.name}/providers/Microsoft.Network/privateDnsZones/${this.name}`;
    this.tags = tags;
    this.set(soaOfZone());
  }

  get(type: RecordType, name: string): RecordSet | undefined {
    return this.sets.get(keyOf(type, name));
  }

  set(set: RecordSet): void {
    this.sets.set(keyOf(set.type, set.name), set);
  }

  delete(type: RecordType, name: string): boolean {
    return this.sets.delete(keyOf(type, name));
  }

  /** In order of name, then type. */
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
    const suffix = `.${name.toLowerCase()}`;
    for (const set of this.sets) if (set.name.endsWith(suffix)) return true;
    return false;
  }
}

const keyOf = (type: RecordType, name: string): string => `${name.toLowerCase()}|${type}`;

/** All zones, by id without case. */
export class Zones {
  private readonly byScope = new Map<string, SortedMap<Zone>>();

  find(subscriptionId: string, resourceGroup: string, name: string): Zone | undefined {
    return this.byScope.get(scopeOf(subscriptionId, resourceGroup))?.get(name.toLowerCase());
  }

  create(owner: ResourceGroup, name: string, tags: unknown): Zone {
    const zone = new Zone(owner, name, tags);
    const { subscriptionId } = owner;
    this.scope(scopeOf(subscriptionId, owner.name)).set(zone.name, zone);
    this.scope(scopeOf(subscriptionId)).set(zone.id.toLowerCase(), zone);
    return zone;
  }

  delete(zone: Zone): void {
    this.byScope.get(scopeOf(zone.subscriptionId, zone.resourceGroup))?.delete(zone.name);
    this.byScope.get(scopeOf(zone.subscriptionId))?.delete(zone.id.toLowerCase());
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

export function renderZone(zone: Zone): JsonObject {
  const links = [...zone.links];
  return {
    id: zone.id,
    name: zone.name,
    type: 'Microsoft.Network/privateDnsZones',
    etag: zone.etag,
    location: 'global',
    ...(zone.tags === undefined ? {} : { tags: zone.tags }),
    properties: {
      maxNumberOfRecordSets: 25_000,
      maxNumberOfVirtualNetworkLinks: 1000,
      maxNumberOfVirtualNetworkLinksWithRegistration: 100,
      numberOfRecordSets: zone.numberOfRecordSets,
      numberOfVirtualNetworkLinks: links.length,
      numberOfVirtualNetworkLinksWithRegistration: links.filter((link) => link.registrationEnabled).length,
      provisioningState: 'Succeeded',
    },
  };
}

export function renderLink(zone: Zone, link: VirtualNetworkLink): JsonObject {
  return {
    id: `${zone.id}/virtualNetworkLinks/${link.name}`,
    name: link.name,
    type: 'Microsoft.Network/privateDnsZones/virtualNetworkLinks',
    etag: link.etag,
    location: 'global',
    ...(link.tags === undefined ? {} : { tags: link.tags }),
    properties: {
      virtualNetwork: { id: link.networkId },
      registrationEnabled: link.registrationEnabled,
      virtualNetworkLinkState: 'Completed',
      provisioningState: 'Succeeded',
    },
  };
}
