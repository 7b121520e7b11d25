import type { Answer, SoaAnswer } from 'dns-packet';
import * as v from 'valibot';
import type { RecordSet } from '../private-dns/record-set.ts';
import type { Zone } from '../private-dns/zones.ts';

const soa = v.object({
  host: v.optional(v.string(), 'azureprivatedns.net'),
  email: v.optional(v.string(), 'azureprivatedns-host.microsoft.com'),
  serialNumber: v.optional(v.number(), 1),
  refreshTime: v.optional(v.number(), 3600),
  retryTime: v.optional(v.number(), 300),
  expireTime: v.optional(v.number(), 2_419_200),
  minimumTtl: v.optional(v.number(), 10),
});

const [a, aaaa, ptr] = [
  v.array(v.object({ ipv4Address: v.string() })),
  v.array(v.object({ ipv6Address: v.string() })),
  v.array(v.object({ ptrdname: v.string() })),
];
const cname = v.object({ cname: v.string() });
const mx = v.array(v.object({ preference: v.number(), exchange: v.string() }));
const srv = v.array(
  v.object({ priority: v.number(), weight: v.number(), port: v.number(), target: v.string() }),
);
const txt = v.array(v.object({ value: v.array(v.string()) }));

export const isQueryType = (asked: string, type: string): boolean => asked === 'ANY' || asked === type;

/** The records of a set under the name that was asked for: in its casing, and also for a wildcard. */
export function resourceRecords(zone: Zone, { type, ttl, records }: RecordSet, name: string): Answer[] {
  const common = { name, ttl, class: 'IN' as const };
  switch (type) {
    case 'A':
      return v.parse(a, records).map(({ ipv4Address: data }) => ({ type, ...common, data }));
    case 'AAAA':
      return v.parse(aaaa, records).map(({ ipv6Address: data }) => ({ type, ...common, data }));
    case 'PTR':
      return v.parse(ptr, records).map(({ ptrdname }) => ({ type, ...common, data: absolute(ptrdname) }));
    case 'CNAME':
      return [{ type, ...common, data: absolute(v.parse(cname, records).cname) }];
    case 'MX':
      return v
        .parse(mx, records)
        .map(({ preference, exchange }) => ({ type, ...common, data: { preference, exchange } }));
    case 'SRV':
      return v.parse(srv, records).map((data) => ({ type, ...common, data }));
    case 'TXT':
      return v.parse(txt, records).map(({ value }) => ({ type, ...common, data: value }));
    case 'SOA':
      return [soaRecord(zone, 'asked')];
  }
}

/** A negative answer may be kept for the shorter of the record's own TTL and its minimum (RFC 2308, section 3). */
export function soaRecord(zone: Zone, use: 'asked' | 'negative'): SoaAnswer {
  const set = zone.get('SOA', '@');
  const values = v.parse(soa, set?.records ?? {});
  const ttl = set?.ttl ?? 3600;
  return {
    type: 'SOA',
    name: zone.name,
    ttl: use === 'negative' ? Math.min(ttl, values.minimumTtl) : ttl,
    class: 'IN',
    data: {
      mname: values.host,
      rname: values.email,
      serial: values.serialNumber,
      refresh: values.refreshTime,
      retry: values.retryTime,
      expire: values.expireTime,
      minimum: values.minimumTtl,
    },
  };
}

const absolute = (name: string): string => name.replace(/\.$/, '');
