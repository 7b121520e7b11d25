import { isIPv4, isIPv6 } from 'node:net';
import * as v from 'valibot';

const recordTypes = ['A', 'AAAA', 'CNAME', 'MX', 'PTR', 'SOA', 'SRV', 'TXT'] as const;
export type RecordType = (typeof recordTypes)[number];

export const recordTypeOf = (text: string): RecordType | undefined =>
  recordTypes.find((type) => type === text.toUpperCase());

/** The member of `properties` that holds the records of a type. */
export const recordsMember = {
  A: 'aRecords',
  AAAA: 'aaaaRecords',
  CNAME: 'cnameRecord',
  MX: 'mxRecords',
  PTR: 'ptrRecords',
  SOA: 'soaRecord',
  SRV: 'srvRecords',
  TXT: 'txtRecords',
} as const satisfies Record<RecordType, string>;

const domainName = v.pipe(
  v.string(),
  v.check((name) => isDomainName(name), 'not a domain name'),
);
const uint16 = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535));
/** The documented limit of records in one set. */
const many = <Schema extends v.GenericSchema>(record: Schema) =>
  v.pipe(
    v.array(record),
    v.maxLength(20, 'a record set holds at most 20 records'),
    v.check(
      (records) => new Set(records.map((one) => JSON.stringify(one).toLowerCase())).size === records.length,
      'a record is given twice',
    ),
  );

/** Each type's records; an empty list of records is legal. */
export const recordSchemas = {
  A: many(v.object({ ipv4Address: v.pipe(v.string(), v.check(isIPv4, 'not an IPv4 address')) })),
  AAAA: many(v.object({ ipv6Address: v.pipe(v.string(), v.check(isIPv6, 'not an IPv6 address')) })),
  CNAME: v.object({ cname: domainName }),
  MX: many(v.object({ preference: uint16, exchange: domainName })),
  PTR: many(v.object({ ptrdname: domainName })),
  SOA: v.looseObject({ host: v.optional(v.string()), email: v.optional(v.string()) }),
  SRV: many(v.object({ priority: uint16, weight: uint16, port: uint16, target: domainName })),
  TXT: many(v.object({ value: v.array(v.string()) })),
} as const satisfies Record<RecordType, v.GenericSchema>;

/** RFC 1035 lengths; the letters are those that Azure accepts. */
function isDomainName(name: string): boolean {
  const labels = name.replace(/\.$/, '').split('.');
  return name.length <= 254 && labels.every((label) => /^[\w-]{1,63}$/.test(label));
}

/** A name relative to its zone: `@`, `*` or labels with an optional leading wildcard. */
export function isRelativeName(name: string): boolean {
  if (name === '@' || name === '*') return true;
  return !name.endsWith('.') && isDomainName(name.replace(/^\*\./, ''));
}
