import type { ContainerGroupLister, RecordSetLister } from '../../../dns/ports.ts';

/** How far a sweep has come. */
export interface SweepProgress {
  groups: number;
  recordSets: number;
}

/** The same listers, counting what they list. */
export function countingListers(
  groupLister: ContainerGroupLister,
  recordSetLister: RecordSetLister,
  tally: SweepProgress,
): { readonly groupLister: ContainerGroupLister; readonly recordSetLister: RecordSetLister } {
  return {
    groupLister: {
      async *list(...scope) {
        for await (const page of groupLister.list(...scope)) {
          tally.groups += page.length;
          yield page;
        }
      },
    },
    recordSetLister: {
      async *list(...zone) {
        for await (const page of recordSetLister.list(...zone)) {
          tally.recordSets += page.length;
          yield page;
        }
      },
    },
  };
}
