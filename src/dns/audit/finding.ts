import type { ContainerGroupId } from '../../container-group-id.ts';

/**
 * What the audit found at a record set. Every finding is a hint that the reconciler verifies.
 *
 * | finding          | means                                                                    |
 * |------------------|--------------------------------------------------------------------------|
 * | `addressDiffers` | the A record set of a live group shows another address, or more than one |
 * | `aMissing`       | a live group has no A record set                                         |
 * | `ptrMissing`     | the address of a live group has no PTR record set                        |
 * | `ptrDiffers`     | that PTR names somebody else, or more than one host                      |
 * | `stalePtr`       | a PTR names a live group at an address that it does not have             |
 * | `orphan`         | a record set of ours whose container group is gone or needs none         |
 */
export type FindingKind = 'addressDiffers' | 'aMissing' | 'ptrMissing' | 'ptrDiffers' | 'stalePtr' | 'orphan';

export interface Finding {
  readonly finding: FindingKind;
  readonly group: ContainerGroupId;
  readonly recordSet: string;
  /** Where the PTR is that names the group; `undefined` where the reconciler finds it by itself. */
  readonly address: string | undefined;
}

/** Whether the reconciler may take something away because of it. */
export const mayRemove = ({ finding }: Finding): boolean => finding === 'orphan' || finding === 'stalePtr';
