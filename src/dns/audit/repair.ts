import type { DnsPolicy } from '../policy.ts';
import type { ReportedFinding } from './report.ts';

type RepairedFinding = Pick<ReportedFinding, 'finding' | 'isRefused'>;

/** What becomes of a finding: the reconciler repairs it, or it is left to somebody else. */
export type Repair = 'reconciler' | 'policy' | 'refused' | 'prune';

/**
 * | finding                                  | `sync`     | `upsert-only` | `observe` |
 * |------------------------------------------|------------|---------------|-----------|
 * | `addressDiffers`, `aMissing`, `ptrMissing` | reconciler | reconciler    | policy    |
 * | `ptrDiffers`: names of others have to go | reconciler | policy        | policy    |
 * | `stalePtr`, `orphan`, `misplaced`        | reconciler | policy        | policy    |
 * | `unmapped`                               | prune      | prune         | prune     |
 *
 * What the reconciler would repair is refused where a foreign record set is to be left alone.
 */
export function repairOf({ finding, isRefused }: RepairedFinding, policy: DnsPolicy): Repair {
  const reconciler = isRefused ? 'refused' : 'reconciler';
  switch (finding) {
    case 'unmapped':
      return 'prune';
    case 'addressDiffers':
    case 'aMissing':
    case 'ptrMissing':
      return policy === 'observe' ? 'policy' : reconciler;
    case 'ptrDiffers':
    case 'stalePtr':
    case 'orphan':
    case 'misplaced':
      return policy === 'sync' ? reconciler : 'policy';
  }
}

export interface RepairFacts {
  /** Of the container group's spoke; `sync` where that is not known. */
  readonly policy: DnsPolicy;
  /** Whether findings are published, so that they reach the reconciler. */
  readonly hasTopic: boolean;
  /** Whether this sweep is the app's: one that somebody runs by hand publishes nothing. */
  readonly isPublished: boolean;
  /** The next sweep of the app, as it is to be shown; `undefined` when there is none or nobody knows. */
  readonly nextSweep: string | undefined;
}

/** What repairs a finding and when, or why nothing does, for people. */
export function describeRepair(finding: RepairedFinding, facts: RepairFacts): string {
  const { policy, hasTopic, isPublished, nextSweep } = facts;
  switch (repairOf(finding, policy)) {
    case 'prune':
      return 'not repaired: add its resource group to DNS_ZONE_MAP, or run evenkeel prune';
    case 'policy':
      return `not repaired: the policy ${policy} ${policy === 'observe' ? 'writes' : 'removes'} nothing`;
    case 'refused':
      return 'not repaired: the record set with its name carries no mark of evenkeel, and such a set is left alone (DNS_FOREIGN_RECORDS is refuse, or the name comes from a tag); remove it, or give the container group another name';
    case 'reconciler': {
      if (!hasTopic) {
        return 'not repaired by a sweep: SIGNAL_TOPIC__topicEndpointUri is not set; run evenkeel reconcile';
      }
      if (isPublished)
        return `repaired by the next event, at the latest ${nextSweep ?? 'after the next sweep'}`;
      return `repaired by the app, at the latest after its next sweep${nextSweep === undefined ? '' : `, ${nextSweep}`}`;
    }
  }
}
