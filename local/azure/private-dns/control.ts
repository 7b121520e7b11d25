import type { ResourceGroups } from '../arm/resource-groups.ts';
import type { QuotaKind, Quotas } from './quotas.ts';
import { type RecordSet, withNewEtag } from './record-set.ts';
import { parseRecordSetBody } from './record-set-body.ts';
import { type RecordType, recordsMember } from './record-types.ts';
import type { Zone, Zones } from './zones.ts';

/** A zone to create; its owner defaults to that of `ZoneControl`. */
export interface ZoneSpec {
  readonly name: string;
  readonly resourceGroup?: string;
  readonly subscriptionId?: string;
  /** Virtual networks that can resolve the zone, as ARM ids. Default: one. */
  readonly links?: readonly string[];
}

/** A record set as a test writes it: `['10.1.0.4']` for A, names for PTR, and so on. */
interface RecordSetSpec {
  readonly values: readonly string[];
  readonly ttl?: number;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly isAutoRegistered?: boolean;
}

/** A record set as a test reads it. */
interface RecordSetView {
  readonly name: string;
  readonly type: RecordType;
  readonly values: readonly string[];
  readonly ttl: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly etag: string;
  readonly isAutoRegistered: boolean;
}

const valueMember: Partial<Record<RecordType, string>> = {
  A: 'ipv4Address',
  AAAA: 'ipv6Address',
  PTR: 'ptrdname',
  CNAME: 'cname',
};

/**
 * Zones and record sets as a test or scenario handles them: no HTTP request, no quota, no entry in the
 * request log, no event. Zones are named alone; one of an unknown name throws.
 */
export class ZoneControl {
  private readonly zones: Zones;
  private readonly resourceGroups: ResourceGroups;
  private readonly quotas: Quotas;
  private readonly owner: { readonly subscriptionId: string; readonly resourceGroup: string };

  constructor(parts: {
    zones: Zones;
    resourceGroups: ResourceGroups;
    quotas: Quotas;
    owner: { readonly subscriptionId: string; readonly resourceGroup: string };
  }) {
    this.zones = parts.zones;
    this.resourceGroups = parts.resourceGroups;
    this.quotas = parts.quotas;
    this.owner = parts.owner;
  }

  /** Creates a zone unless it exists, and returns its ARM id. */
  create(spec: ZoneSpec): string {
    const subscriptionId = spec.subscriptionId ?? this.owner.subscriptionId;
    const group = this.resourceGroups.ensure(subscriptionId, spec.resourceGroup ?? this.owner.resourceGroup);
    const zone =
      this.zones.find(subscriptionId, group.name, spec.name) ?? this.zones.create(group, spec.name);
    const network = `/subscriptions/${subscriptionId}/resourceGroups/${group.name}/providers/Microsoft.Network/virtualNetworks/vnet-hub`;
    for (const [index, networkId] of (spec.links ?? [network]).entries()) {
      const name = `link-${index + 1}`;
      zone.links.set(name, { name, networkId });
    }
    return zone.id;
  }

  delete(zone: string): void {
    this.zones.delete(this.known(zone));
  }

  /** Names of all zones. */
  list(): string[] {
    return [...this.zones].map((zone) => zone.name);
  }

  put(zone: string, type: RecordType, name: string, spec: RecordSetSpec): RecordSetView {
    const { records } = parseRecordSetBody(type, {
      properties: { [recordsMember[type]]: toRecords(type, spec.values) },
    });
    const set = withNewEtag({
      name: name.toLowerCase(),
      type,
      ttl: spec.ttl ?? 60,
      metadata: spec.metadata,
      isAutoRegistered: spec.isAutoRegistered ?? false,
      records,
    });
    this.known(zone).set(set);
    return toView(set);
  }

  get(zone: string, type: RecordType, name: string): RecordSetView | undefined {
    const set = this.known(zone).get(type, name);
    return set === undefined ? undefined : toView(set);
  }

  /** Whether there was one to remove. */
  remove(zone: string, type: RecordType, name: string): boolean {
    return this.known(zone).delete(type, name);
  }

  /** All record sets of a zone (optionally of one type), in order of name, then type; the SOA set too. */
  recordSets(zone: string, type?: RecordType): RecordSetView[] {
    const all = [...this.known(zone).all].map(toView);
    return type === undefined ? all : all.filter((set) => set.type === type);
  }

  /** Use of a quota in the current minute, and all refusals so far. */
  quota(zone: string, kind: QuotaKind): { readonly used: number; readonly refused: number } {
    return this.quotas.counters(this.known(zone).id, kind);
  }

  private known(name: string): Zone {
    const { subscriptionId, resourceGroup } = this.owner;
    const usual = this.zones.find(subscriptionId, resourceGroup, name);
    if (usual !== undefined) return usual;
    for (const zone of this.zones)
      if (zone.name === name.toLowerCase() || zone.id.toLowerCase() === name.toLowerCase()) return zone;
    throw new RangeError(`there is no zone ${name}`);
  }
}

function toRecords(type: RecordType, values: readonly string[]): unknown {
  const member = valueMember[type];
  if (type === 'CNAME') return { cname: values[0] };
  if (member !== undefined) return values.map((value) => ({ [member]: value }));
  if (type === 'TXT') return values.map((value) => ({ value: [value] }));
  throw new RangeError(`record sets of type ${type} cannot be written by values`);
}

function toView(set: RecordSet): RecordSetView {
  return {
    name: set.name,
    type: set.type,
    values: toValues(set),
    ttl: set.ttl,
    metadata: set.metadata ?? {},
    etag: set.etag,
    isAutoRegistered: set.isAutoRegistered,
  };
}

/** The value of each record; JSON for records with more than one member. */
function toValues({ type, records }: RecordSet): string[] {
  const member = valueMember[type];
  const list: unknown[] = Array.isArray(records) ? records : [records];
  return list.map((record) => {
    const [key, value] = Object.entries(Object(record))[0] ?? [];
    if (key === member && typeof value === 'string') return value;
    if (type === 'TXT' && Array.isArray(value)) return value.join('');
    return JSON.stringify(record);
  });
}
