import { ArmError } from '../arm/arm-error.ts';
import type { ArmRequest } from '../arm/operation.ts';
import type { PrivateDnsBehaviour } from './behaviour.ts';
import { type RecordSet, withNewEtag } from './record-set.ts';
import { parseRecordSetBody, type RecordSetBody } from './record-set-body.ts';
import { isRelativeName, type RecordType } from './record-types.ts';
import type { Zone } from './zones.ts';

/** The documented limit of record sets in a zone. */
const largestZone = 25_000;

export interface RecordSetKey {
  readonly zone: Zone;
  readonly type: RecordType;
  /** Lower case. */
  readonly name: string;
}

/** What a write demands of the record set that there is. */
interface Preconditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** @throws ArmError when a precondition is empty, which says neither any nor which record set. */
export function preconditionsOf({ headers }: ArmRequest, behaviour: PrivateDnsBehaviour): Preconditions {
  const { emptyPrecondition: answer, errorShape: shape } = behaviour;
  const headerOf = (name: string): string | undefined => {
    const value = headers.get(name) ?? undefined;
    if (value !== '' || answer === 'ignored') return value === '' ? undefined : value;
    const code = answer === 400 ? 'BadRequest' : 'PreconditionFailed';
    throw new ArmError(answer, code, `The value of the header '${name}' is empty.`, { shape });
  };
  return { ifMatch: headerOf('If-Match'), ifNoneMatch: headerOf('If-None-Match') };
}

/** @throws ArmError when the preconditions of a write do not hold. */
export function checkPreconditions(
  { ifMatch, ifNoneMatch }: Preconditions,
  existing: RecordSet | undefined,
  { name, absence }: { readonly name: string; readonly absence: ArmError | undefined },
  behaviour: PrivateDnsBehaviour,
): void {
  const refused = (message: string) =>
    new ArmError(412, 'PreconditionFailed', message, { shape: behaviour.errorShape });
  // The service ignores other values of this header.
  if (ifNoneMatch === '*' && existing !== undefined) {
    throw refused(`The Record set ${name} exists already and hence cannot be created again.`);
  }
  if (ifMatch === undefined) return;
  const isMet = existing !== undefined && (ifMatch === '*' || isEtag(ifMatch, existing.etag, behaviour));
  if (isMet) return;
  if (existing === undefined && absence !== undefined) throw absence;
  throw refused(`The Record set ${name} has been modified (etag mismatch).`);
}

const isEtag = (given: string, etag: string, { quotedEtag }: PrivateDnsBehaviour): boolean =>
  given === etag || (quotedEtag === 'matches' && given === `"${etag}"`);

export function absent(request: ArmRequest, name: string, behaviour: PrivateDnsBehaviour): ArmError {
  return new ArmError(
    404,
    'NotFound',
    `The resource record '${name}' does not exist in resource group '${request.param('resourceGroup')}' of subscription '${request.param('subscriptionId')}'.`,
    { shape: behaviour.errorShape },
  );
}

function badRequest(message: string, behaviour: PrivateDnsBehaviour): ArmError {
  return new ArmError(400, 'BadRequest', message, { shape: behaviour.errorShape });
}

/** The body of a write, checked as far as that is possible without the zone. */
export function parsedRecordSet(
  type: RecordType,
  body: unknown,
  behaviour: PrivateDnsBehaviour,
): RecordSetBody {
  try {
    return parseRecordSetBody(type, body);
  } catch (error) {
    if (error instanceof RangeError) throw badRequest(error.message, behaviour);
    throw error;
  }
}

export function checkWritable(existing: RecordSet | undefined, behaviour: PrivateDnsBehaviour): void {
  if (existing?.isAutoRegistered !== true) return;
  const code = behaviour.autoRegisteredWrite === 409 ? 'Conflict' : 'BadRequest';
  throw new ArmError(
    behaviour.autoRegisteredWrite,
    code,
    `The record set '${existing.name}' is automatically registered and cannot be modified.`,
    { shape: behaviour.errorShape },
  );
}

/** Replaces a set or creates it. */
export function put(
  { zone, type, name }: RecordSetKey,
  body: RecordSetBody,
  behaviour: PrivateDnsBehaviour,
): RecordSet {
  const existing = zone.get(type, name);
  if (body.ttl === undefined) throw badRequest(`The TTL of the record set '${name}' is missing.`, behaviour);
  if (existing === undefined) checkPlace({ zone, type, name }, behaviour);
  const records = body.records ?? emptyRecords(type);
  if (records === undefined) throw badRequest(`The record set '${name}' has no ${type} record.`, behaviour);
  const set = withNewEtag({
    name,
    type,
    ttl: body.ttl,
    metadata: body.metadata,
    isAutoRegistered: false,
    records,
  });
  zone.set(set);
  return set;
}

const emptyRecords = (type: RecordType): unknown => (type === 'CNAME' || type === 'SOA' ? undefined : []);

function checkPlace({ zone, type, name }: RecordSetKey, behaviour: PrivateDnsBehaviour): void {
  if (!isRelativeName(name) || `${name}.${zone.name}`.length > 253) {
    throw badRequest(`The record set name '${name}' is not a valid relative name.`, behaviour);
  }
  if (type === 'SOA') throw badRequest('A zone has exactly one SOA record set, at its apex.', behaviour);
  const others = zone.at(name);
  if (type === 'CNAME' ? others.length > 0 : others.some((other) => other.type === 'CNAME')) {
    throw badRequest(`A CNAME record set cannot share the name '${name}' with other record sets.`, behaviour);
  }
  if (zone.numberOfRecordSets >= largestZone) {
    throw badRequest(`The zone '${zone.name}' holds ${largestZone} record sets already.`, behaviour);
  }
}
