import * as v from 'valibot';
import { type RecordType, recordSchemas, recordsMember } from './record-types.ts';

const metadata = v.record(v.string(), v.string());
const ttl = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2_147_483_647));

const envelope = v.looseObject({
  properties: v.looseObject({ ttl: v.optional(ttl), metadata: v.nullish(metadata) }),
});

/** What a client writes: the members that it left out are undefined. */
export interface RecordSetBody {
  readonly ttl: number | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly records: unknown;
}

/** @throws RangeError that says what is wrong with the body of a PUT. */
export function parseRecordSetBody(type: RecordType, body: unknown): RecordSetBody {
  const { properties } = parse(envelope, body, '');
  // The API reads member names without case: "TTL" and "ARecords" are seen in the wild.
  const records = memberOf(properties, recordsMember[type]);
  return {
    ttl: properties.ttl ?? parse(v.optional(ttl), memberOf(properties, 'ttl'), 'ttl'),
    metadata: properties.metadata ?? undefined,
    records: records === undefined ? undefined : parse(recordSchemas[type], records, recordsMember[type]),
  };
}

function memberOf(properties: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.entries(properties).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  at: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = [at, v.getDotPath(issue)].filter((part) => part !== null && part !== '').join('.');
  throw new RangeError(`The record set is invalid${path === '' ? '' : ` at '${path}'`}: ${issue.message}.`);
}
