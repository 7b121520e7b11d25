import type { ErrorShape } from '../arm/arm-error.ts';

/** How simulated Private DNS behaves where the service is slow or not documented. */
export interface PrivateDnsBehaviour {
  /** Body of the provider's own errors; Resource Manager's are always nested. */
  readonly errorShape: Exclude<ErrorShape, 'distribution'>;
  /** Status of a conditional PUT with an ETag when the record set is absent. */
  readonly ifMatchOnAbsentPut: 404 | 412;
  /** Status of a DELETE with an ETag when the record set is absent. */
  readonly ifMatchOnAbsentDelete: 204 | 404 | 412;
  /** Status of a write whose `If-Match` or `If-None-Match` is empty; `ignored` takes it as one without. */
  readonly emptyPrecondition: 400 | 412 | 'ignored';
  /** Whether an ETag in quotes is the same as without, as HTTP has it; the service writes them without. */
  readonly quotedEtag: 'differs' | 'matches';
  /** Status of a write on an auto-registered record set. */
  readonly autoRegisteredWrite: 400 | 409;
  /** Code of the 404 for a record set in a zone that is absent. */
  readonly missingZoneCode: 'ParentResourceNotFound' | 'ResourceNotFound';
  /** Record sets in a page for which no `$top` is given. */
  readonly pageSize: number;
  /** The most that `$top` brings. */
  readonly maxPageSize: number;
}

export const defaultPrivateDnsBehaviour: PrivateDnsBehaviour = {
  errorShape: 'flat',
  ifMatchOnAbsentPut: 412,
  ifMatchOnAbsentDelete: 204,
  emptyPrecondition: 400,
  quotedEtag: 'differs',
  autoRegisteredWrite: 400,
  missingZoneCode: 'ParentResourceNotFound',
  pageSize: 100,
  maxPageSize: 1000,
};
