import { StateChangedError } from '../../lib/errors.ts';
import type { ReviewStateStore } from '../../routing/ports.ts';
import { decodeReviewState, encodeReviewState } from '../../routing/state-codec.ts';
import { tableKey, textOf, textProperties } from './entities.ts';
import type { Table } from './tables.ts';

export const reviewTableName = 'EvenkeelReviews';
const rowKey = 'review';

/** One entity a registry, with the state of its last review. */
export const reviewTable = (table: Table): ReviewStateStore => ({
  async read(registryName, deadline) {
    const entity = await table.get(tableKey(registryName), rowKey, deadline);
    if (entity === undefined) return undefined;
    return { state: decodeReviewState(registryName, textOf(entity)), etag: entity.etag };
  },
  async write(registryName, state, etag, deadline) {
    const entity = {
      partitionKey: tableKey(registryName),
      rowKey,
      // For people who read the table.
      reviewedAt: state.reviewedAt,
      ...textProperties(encodeReviewState(state)),
    };
    if (etag === undefined) return table.insert(entity, deadline);
    // An empty ETag would be sent as no condition.
    if (etag === '') throw new StateChangedError(`a write of the review of ${registryName}`);
    return table.replace(entity, etag, deadline);
  },
});
